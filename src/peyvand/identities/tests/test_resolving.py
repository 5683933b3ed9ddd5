"""Resolution on the database: many items in few statements, and writers side by side who make nobody twice."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.waiting import PATIENCE

from peyvand.identities.models import Customer, Identity, IdentityMove, LinkConflict
from peyvand.identities.normal import IdentityRefused, normal
from peyvand.identities.services import IdentityError, add_identity, create_customer, keep_apart, move_back, resolve, same_person
from peyvand.workspaces.models import User
from peyvand.workspaces.services import create_workspace

OWN, PHONE, EMAIL, DEVICE = 1, 2, 3, 5
ALICE, BOB = (OWN, "alice"), (OWN, "bob")
ALICES_PHONE, BOBS_PHONE = (PHONE, "+989120000001"), (PHONE, "+989120000002")
TABLET = (DEVICE, "tablet")


@pytest.fixture
def workspace(db):
    return create_workspace(name="Golestan")


@pytest.fixture
def actor(db):
    return User.objects.create_user("owner@example.com", "a long password")


def test_nobody_is_nobody(workspace):
    assert [found.customer_id for found in resolve(workspace.pk, [[], []])] == [None, None]
    assert not Customer.objects.exists()


def test_unknown_people_are_created_once_with_the_first_name_told(workspace):
    found = resolve(workspace.pk, [[ALICE], [ALICE, ALICES_PHONE], [BOB]], ["", "Alice", "Bob"])
    assert found[0].customer_id == found[1].customer_id != found[2].customer_id
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Alice", "Bob"]
    assert Identity.objects.count() == 3


def test_a_known_person_is_found_and_a_name_told_late_is_kept(workspace):
    first = resolve(workspace.pk, [[ALICE]])[0]
    second = resolve(workspace.pk, [[ALICE], [ALICE]], ["Alice", "Someone else"])[0]
    assert second == first
    resolve(workspace.pk, [[ALICE]], ["Later"])
    assert Customer.objects.get().name == "Alice"


def test_a_conflict_is_listed_once_with_how_often_it_came(workspace):
    resolve(workspace.pk, [[ALICE, ALICES_PHONE], [BOB, BOBS_PHONE]])
    resolve(workspace.pk, [[ALICE, BOBS_PHONE], [ALICE, BOBS_PHONE]])
    resolve(workspace.pk, [[ALICE, BOBS_PHONE]])
    conflict = LinkConflict.objects.get()
    assert (conflict.kept_value, conflict.other_value, conflict.times, conflict.decision) == ("alice", "+989120000002", 3, "open")
    assert conflict.kept_id != conflict.other_id


def test_thousands_of_people_take_few_statements(workspace):
    asked = [[(OWN, f"c{n}"), (PHONE, f"+98912{n:07d}")] for n in range(1000)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        resolve(workspace.pk, asked)
    assert Customer.objects.count() == 1000
    assert Identity.objects.count() == 2000
    assert len(queries) < 20
    with CaptureQueriesContext(connection) as queries:
        resolve(workspace.pk, asked)
    assert len(queries) < 6


def test_workspaces_share_nobody(workspace):
    other = create_workspace(name="Other")
    here, there = resolve(workspace.pk, [[ALICE]])[0], resolve(other.pk, [[ALICE]])[0]
    assert here.customer_id != there.customer_id
    assert set(Identity.objects.values_list("workspace_id", flat=True)) == {workspace.pk, other.pk}


KEYS = st.tuples(st.sampled_from([OWN, PHONE, EMAIL, DEVICE]), st.sampled_from(["1", "2", "3"]))
CALLS = st.lists(st.lists(st.lists(KEYS, min_size=1, max_size=3, unique=True), min_size=1, max_size=4), min_size=1, max_size=3)


@given(CALLS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_call_or_many_leave_the_same_people(workspace, calls):
    calls = [[sorted(item) for item in call if sum(kind == OWN for kind, _v in item) <= 1] for call in calls]
    assert _people(workspace, calls) == _people(workspace, [[item] for call in calls for item in call])


def _people(workspace, calls):
    """The identities that share a customer, after these calls on an empty book that is put away again."""
    with transaction.atomic():
        for call in calls:
            resolve(workspace.pk, call)
        groups: dict = {}
        for kind, value, customer in Identity.objects.values_list("type", "value", "customer_id"):
            groups.setdefault(customer, set()).add((kind, value))
        ghosts = Customer.objects.exclude(pk__in=groups).count()
        transaction.set_rollback(True)
    return sorted(map(sorted, groups.values())), ghosts


@pytest.mark.django_db(transaction=True)
def test_writers_side_by_side_make_no_ghosts():
    workspace = create_workspace(name="Golestan")
    asked = [[(OWN, f"c{n}"), (PHONE, f"+98912{n:07d}")] for n in range(60)]
    failures: list = []

    def write(turn):
        try:
            for start in range(0, 60, 20):
                part = asked[start : start + 20]
                with transaction.atomic():
                    resolve(workspace.pk, part if turn % 2 else list(reversed(part)))
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert Identity.objects.count() == 120
    assert Customer.objects.count() == 60
    assert not Customer.objects.filter(identities=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_never_make_two_people_stand_for_each_other():
    workspace = create_workspace(name="Golestan")
    actor = User.objects.create(email="sara@example.ir")
    resolve(workspace.pk, [[ALICE], [BOB]])
    alice, bob = Customer.objects.order_by("pk")
    told = {"workspace": workspace, "kept_type": OWN, "other_type": OWN, "kept_value": "a", "other_value": "b"}
    pairs = [LinkConflict.objects.create(kept=kept, other=other, **told) for kept, other in ((alice, bob), (bob, alice))]
    together, failures = threading.Barrier(2, timeout=PATIENCE), []

    def decide(pair):
        together.wait()
        try:
            same_person(conflict=pair, actor=actor)
        except IdentityError:
            pass  # decided with the other one
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert list(Customer.objects.order_by("pk").values_list("merged_into", flat=True)).count(None) == 1


def test_a_person_decides_that_two_are_one_and_takes_it_back(workspace, actor):
    resolve(workspace.pk, [[ALICE, ALICES_PHONE], [BOB, BOBS_PHONE], [ALICE, BOBS_PHONE]])
    conflict = LinkConflict.objects.get()
    merge = same_person(conflict=conflict, actor=actor)
    assert set(Identity.objects.values_list("customer_id", flat=True)) == {conflict.kept_id}
    assert Customer.objects.get(pk=conflict.other_id).merged_into_id == conflict.kept_id
    move_back(merge=merge, actor=actor)
    assert sorted(Identity.objects.filter(customer=conflict.other_id).values_list("value", flat=True)) == ["+989120000002", "bob"]
    assert Customer.objects.get(pk=conflict.other_id).merged_into_id is None
    assert not Identity.objects.exclude(home=None).exists()
    assert IdentityMove.objects.count() == 4
    with pytest.raises(IdentityError):
        move_back(merge=merge, actor=actor)


def test_two_who_are_one_are_not_kept_apart_by_another_window(workspace, actor):
    resolve(workspace.pk, [[ALICE, ALICES_PHONE], [BOB, BOBS_PHONE], [ALICE, BOBS_PHONE]])
    same_person(conflict=LinkConflict.objects.get(), actor=actor)
    with pytest.raises(IdentityError):
        keep_apart(conflict=LinkConflict.objects.get(), actor=actor)
    assert LinkConflict.objects.get().decision == "same"


def test_two_kept_apart_are_not_asked_about_again(workspace, actor):
    resolve(workspace.pk, [[ALICE, ALICES_PHONE], [BOB, BOBS_PHONE], [ALICE, BOBS_PHONE]])
    keep_apart(conflict=LinkConflict.objects.get(), actor=actor)
    resolve(workspace.pk, [[ALICE, BOBS_PHONE]])
    assert LinkConflict.objects.get().decision == "apart"
    with pytest.raises(IdentityError):
        keep_apart(conflict=LinkConflict.objects.get(), actor=actor)


@pytest.mark.usefixtures("english")
def test_an_identity_with_an_owner_is_not_given_to_another_by_hand(workspace, actor):
    alice = create_customer(workspace=workspace, name="Alice", identities=[ALICES_PHONE], actor=actor)
    bob = create_customer(workspace=workspace, name="Bob", identities=[BOBS_PHONE], actor=actor)
    with pytest.raises(IdentityError, match="another customer"):
        add_identity(customer=bob, type_name="phone", value="0912 000 0001", actor=actor)
    with pytest.raises(IdentityError, match="another customer"):
        create_customer(workspace=workspace, name="Twin", identities=[ALICES_PHONE], actor=actor)
    assert add_identity(customer=alice, type_name="phone", value="۰۹۱۲۰۰۰۰۰۰۱", actor=actor).customer_id == alice.pk
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("type_name", "value", "expected"),
    [
        ("phone", "۰۹۱۲ ۰۰۰ ۰۰۰۱", (PHONE, "+989120000001")),
        ("email", " Alice@Example.COM ", (EMAIL, "alice@example.com")),
        ("own_id", "  A-1 ", (OWN, "A-1")),
        ("device", "abc", (DEVICE, "abc")),
    ],
)
def test_one_spelling_for_one_identity(type_name, value, expected):
    assert normal(type_name, value) == expected


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("fax", "1"),
        ("phone", "12"),
        ("email", "nobody"),
        ("own_id", " "),
        ("own_id", "a\x00b"),
        ("device", "x" * 191),
        ("email", f"{'a' * 60}@{'b.' * 90}example.com"),
    ],
)
def test_what_cannot_be_an_identity_is_refused_with_a_reason(type_name, value):
    with pytest.raises(IdentityRefused):
        normal(type_name, value)
