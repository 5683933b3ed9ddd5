"""Two customers made one and two again: what moves, what comes back, in any order, whatever happens in between."""

import threading

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.waiting import PATIENCE

from peyvand.core import clock
from peyvand.customers.models import Consent, Profile
from peyvand.customers.queries.consent import may_contact
from peyvand.customers.services import merging, people
from peyvand.customers.services.consents import set_consent
from peyvand.customers.tests.telling import answer, event, follow, order, profile_of, who
from peyvand.identities.models import Customer, Identity, IdentityMove, LinkConflict, Merge
from peyvand.identities.queries import standing
from peyvand.identities.services import keep_apart
from peyvand.identities.services.resolving import IdentityError
from peyvand.tasks.models import Task
from peyvand.tasks.services import open_task
from peyvand.timeline.services import record_many
from peyvand.timeline.types import ConsentIn, Status
from peyvand.workspaces.models import AuditEntry, User
from peyvand.workspaces.services.founding import create_workspace

SARA, NEGAR, MINA = "09120000001", "09120000002", "09120000003"


@pytest.fixture
def three(tell) -> tuple[Customer, ...]:
    """Sara, Negar and Mina: each with a phone, a purchase and something told of them."""
    for phone, name, city in ((SARA, "سارا", "تهران"), (NEGAR, "نگار", "قم"), (MINA, "مینا", "رشت")):
        tell(order(who(phone, name=name, attributes={"city": city}), amount=1000), answer(who(phone), 9, 1))
    return tuple(profile_of(name).customer for name in ("سارا", "نگار", "مینا"))


def state() -> dict:
    """Everything a merge could touch."""
    return {
        "profiles": list(Profile.objects.order_by("pk").values()),
        "customers": list(Customer.objects.order_by("pk").values()),
        "identities": list(Identity.objects.order_by("pk").values()),
        "consents": list(Consent.objects.order_by("pk").values()),
        "tasks": list(Task.objects.order_by("pk").values("pk", "customer_id", "state", "due_at")),
    }


def owners() -> dict[str, int]:
    return dict(Identity.objects.values_list("value", "customer_id"))


def test_fifty_events_after_a_merge_go_back_with_the_identity_they_came_by(three, tell, alice):
    sara, negar, _mina = three
    merge = merging.merge_by_hand(kept=sara, other=negar, actor=alice)
    tell(*[order(who(NEGAR if n % 5 else SARA), 2 + n / 100, amount=10) for n in range(50)])
    assert Profile.objects.get(pk=sara.pk).purchases == 52
    merging.unmerge(merge=merge, actor=alice)
    assert [Profile.objects.get(pk=one.pk).purchases for one in (sara, negar)] == [1 + 10, 1 + 40]
    assert [Profile.objects.get(pk=one.pk).purchase_total for one in (sara, negar)] == [1100, 1400]


def test_what_is_merged_and_unmerged_is_as_it_was(three, alice, workspace):
    sara, negar, _mina = three
    people.save_preferences(customer=negar, channel="sms", hour="evening", note="آرام", actor=alice)
    people.save_preferences(customer=sara, channel="email", hour="", note="", actor=alice)
    set_consent(customer=negar, purpose="marketing", channel="sms", granted=True, source="desk", actor=alice)
    open_task(workspace=workspace, kind="call", due_at=clock.now(), customer=negar)
    before = state()
    merge = merging.merge_by_hand(kept=sara, other=negar, actor=alice)
    kept = Profile.objects.get(pk=sara.pk)
    assert kept.preferences == {"channel": "email", "hour": "evening", "note": "آرام"}
    assert may_contact(sara.pk, "marketing", "sms")
    assert Task.objects.get().customer_id == sara.pk
    assert not Consent.objects.exclude(customer=sara).exists()
    merging.unmerge(merge=merge, actor=alice)
    assert state() == before
    assert list(AuditEntry.objects.filter(target_id=sara.pk, action__startswith="conflict.").values_list("action", flat=True)) == [
        "conflict.same",
        "conflict.undone",
    ]


def test_who_stays_is_chosen(three, alice):
    sara, negar, mina = three
    pair = LinkConflict.objects.create(
        workspace=sara.workspace, kept=sara, other=negar, kept_type=2, kept_value="1", other_type=2, other_value="2"
    )
    with pytest.raises(IdentityError):
        merging.merge(conflict=pair, actor=alice, stays=mina)
    merging.merge(conflict=pair, actor=alice, stays=negar)
    assert set(owners().values()) == {negar.pk, mina.pk}
    assert standing(sara) == negar


@pytest.mark.parametrize("undone_first", [0, 1])
def test_a_chain_comes_apart_in_either_order(three, alice, undone_first):
    sara, negar, mina = three
    before = state()
    chain = [
        merging.merge_by_hand(kept=sara, other=negar, actor=alice),  # Negar into Sara
        merging.merge_by_hand(kept=mina, other=sara, actor=alice),  # and both into Mina
    ]
    assert set(owners().values()) == {mina.pk}
    assert Profile.objects.get(pk=mina.pk).purchases == 3
    merging.unmerge(merge=chain.pop(undone_first), actor=alice)
    expected = {0: [1, 0, 2], 1: [2, 0, 1]}[undone_first]
    if undone_first == 0:  # Negar alone; Sara stays with Mina
        expected = [0, 1, 2]
    assert [Profile.objects.get(pk=one.pk).purchases for one in three] == expected
    merging.unmerge(merge=chain.pop(), actor=alice)
    assert state() == before


def test_a_name_and_wishes_handed_on_through_a_chain_are_given_up_where_they_came_from_first(tell, alice):
    tell(order(who(SARA)), order(who(NEGAR, name="نگار")), order(who(MINA)))
    ids = owners()
    one, negar, other = (Customer.objects.get(pk=ids[f"+98{phone[1:]}"]) for phone in (SARA, NEGAR, MINA))
    people.save_preferences(customer=negar, channel="sms", hour="", note="", actor=alice)
    first = merging.merge_by_hand(kept=one, other=negar, actor=alice)
    merging.merge_by_hand(kept=other, other=Customer.objects.get(pk=one.pk), actor=alice)
    assert Customer.objects.get(pk=other.pk).name == "نگار"
    assert Profile.objects.get(pk=other.pk).preferences == {"channel": "sms"}
    merging.unmerge(merge=first, actor=alice)
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == ["", "نگار", ""]
    assert [Profile.objects.get(pk=one_.pk).preferences for one_ in (one, negar, other)] == [{}, {"channel": "sms"}, {}]


def test_a_name_changed_since_stays(tell, alice):
    tell(order(who(SARA)), order(who(NEGAR, name="نگار")))
    one, negar = Customer.objects.order_by("pk")
    merge = merging.merge_by_hand(kept=one, other=negar, actor=alice)
    people.rename(customer=one, name="نگار الف", actor=alice)
    merging.unmerge(merge=merge, actor=alice)
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == ["نگار الف", "نگار"]


def test_what_was_said_by_an_event_belongs_to_whose_identity_it_came_by_and_a_refusal_by_mouth_to_both(three, tell, alice):
    sara, negar, _mina = three
    merge = merging.merge_by_hand(kept=sara, other=negar, actor=alice)
    tell(event("customer.updated", who(NEGAR, consents=[ConsentIn("marketing", "sms", True)]), 3))
    assert Consent.objects.get().customer_id == sara.pk
    set_consent(customer=sara, purpose="survey", channel="email", granted=False, source="unsubscribe")
    merging.unmerge(merge=merge, actor=alice)
    assert (may_contact(sara.pk, "marketing", "sms"), may_contact(negar.pk, "marketing", "sms")) == (False, True)
    assert (may_contact(sara.pk, "survey", "email"), may_contact(negar.pk, "survey", "email")) == (False, False)


def test_an_identity_that_joined_since_goes_with_the_one_it_came_with(three, tell, alice):
    sara, negar, _mina = three
    merge = merging.merge_by_hand(kept=sara, other=negar, actor=alice)
    tell(order(who(NEGAR, email="negar@mail.example"), 3), order(who(SARA, email="sara@mail.example"), 3))
    assert {owners()[mail] for mail in ("negar@mail.example", "sara@mail.example")} == {sara.pk}
    merging.unmerge(merge=merge, actor=alice)
    assert (owners()["negar@mail.example"], owners()["sara@mail.example"]) == (negar.pk, sara.pk)


def test_again_and_again(three, alice):
    sara, negar, _mina = three
    before = state()
    for kept, other in ((sara, negar), (negar, sara), (sara, negar)):
        merge = merging.merge_by_hand(kept=kept, other=other, actor=alice)
        with pytest.raises(IdentityError):
            merging.merge_by_hand(kept=kept, other=Customer.objects.get(pk=other.pk), actor=alice)
        merging.unmerge(merge=merge, actor=alice)
        with pytest.raises(IdentityError):
            merging.unmerge(merge=merge, actor=alice)
        assert state() == before
    assert Merge.objects.filter(undone_at=None).count() == 0


def test_pairs_decided_along_are_asked_again_and_those_kept_apart_are_not(three, alice):
    sara, negar, mina = three
    told = {"workspace": sara.workspace, "kept_type": 2, "other_type": 2, "kept_value": "1"}
    negar_mina = LinkConflict.objects.create(kept=negar, other=mina, other_value="2", **told)
    sara_mina = LinkConflict.objects.create(kept=sara, other=mina, other_value="3", **told)
    first = merging.merge_by_hand(kept=sara, other=negar, actor=alice)
    merging.merge(conflict=negar_mina, actor=alice)
    assert set(LinkConflict.objects.values_list("decision", flat=True)) == {"same"}
    merging.unmerge(merge=first, actor=alice)
    decisions = dict(LinkConflict.objects.values_list("pk", "decision"))
    assert (decisions[negar_mina.pk], decisions[sara_mina.pk], decisions[first.pair_id]) == ("open", "same", "apart")
    keep_apart(conflict=LinkConflict.objects.get(pk=negar_mina.pk), actor=alice)
    assert Merge.objects.get(undone_at=None).other_id == mina.pk


def test_somebody_split_off_takes_along_what_came_by_the_identity(tell, alice):
    tell(order(who(SARA, email="sara@mail.example", name="سارا")), order(who(email="sara@mail.example"), 1), order(who(SARA), 2))
    mail = Identity.objects.get(value="sara@mail.example")
    other = merging.split_off(identity=mail, actor=alice)
    assert [Profile.objects.get(pk=pk).purchases for pk in (mail.customer_id, other.pk)] == [2, 1]
    with pytest.raises(IdentityError):
        merging.split_off(identity=Identity.objects.get(value="+989120000001"), actor=alice)
    assert IdentityMove.objects.count() == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("undo"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("order"), st.integers(0, 3), st.integers(1, 9)),
        st.tuples(st.just("opinion"), st.integers(0, 3), st.integers(0, 10)),
        st.tuples(st.just("city"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("consent"), st.integers(0, 3), st.integers(0, 1)),
    ),
    min_size=2,
    max_size=9,
)


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_and_unmerging_in_any_order_is_as_if_nobody_had(workspace, alice, frozen_clock, steps):
    assert _told(workspace, alice, steps, merging_too=True) == _told(workspace, alice, steps, merging_too=False)


def _told(workspace, alice, steps, *, merging_too):
    """What is known of four people after these steps, every merge undone; on an empty book that is put away again."""
    with transaction.atomic():
        phones = [f"0912000001{n}" for n in range(4)]
        _record(workspace, [order(who(phone, name=f"N{n}"), 0, amount=100) for n, phone in enumerate(phones)])
        folk = [profile_of(f"N{n}").customer for n in range(4)]
        merges: list[Merge] = []
        for day, (step, n, value) in enumerate(steps, 1):
            if step == "merge" and merging_too:
                kept, other = standing(folk[n]), standing(folk[value])
                if kept != other:
                    merges.append(merging.merge_by_hand(kept=kept, other=other, actor=alice))
            elif step == "undo" and merges:
                merging.unmerge(merge=merges.pop(n % len(merges)), actor=alice)
            elif step in {"order", "opinion", "city", "consent"}:
                _record(workspace, [_happening(step, phones[n], value, day)])
        for merge in reversed(merges):
            merging.unmerge(merge=merge, actor=alice)
        place = {one.pk: n for n, one in enumerate(folk)}
        counted = [
            Profile.objects.values_list("merged", "interactions", "purchases", "purchase_total", "last_value", "attributes").get(pk=one.pk)
            for one in folk
        ]
        whose = sorted((value, place[owner]) for value, owner in owners().items())
        said = sorted((place[pk], granted, at) for pk, granted, at in Consent.objects.values_list("customer_id", "granted", "at"))
        homeless = Identity.objects.exclude(home=None).count()
        transaction.set_rollback(True)
    return counted, whose, said, homeless


def _happening(step, phone, value, day):
    if step == "order":
        return order(who(phone), day, amount=value)
    if step == "opinion":
        return answer(who(phone), value, day)
    if step == "city":
        return event("customer.updated", who(phone, attributes={"city": ["تهران", "قم", "رشت"][value]}), day)
    return event("customer.updated", who(phone, consents=[ConsentIn("marketing", "sms", bool(value))]), day)


def _record(workspace, items):
    with transaction.atomic():
        outcomes = record_many(workspace.pk, items)
    assert {outcome.status for outcome in outcomes} == {Status.RECORDED}, outcomes
    follow()


@pytest.mark.django_db(transaction=True)
def test_two_members_who_merge_the_same_two_the_two_ways_round_make_one_person_once():
    workspace = create_workspace(name="سفالینه", slug="sofalineh")
    actor = User.objects.create(email="sara@example.ir")
    with transaction.atomic():
        record_many(workspace.pk, [order(who(SARA, name="سارا")), order(who(NEGAR, name="نگار"))])
    follow()
    sara, negar = Customer.objects.order_by("pk")
    together, answers = threading.Barrier(2, timeout=PATIENCE), []

    def press(kept, other):
        together.wait()
        try:
            answers.append(merging.merge_by_hand(kept=kept, other=other, actor=actor))
        except IdentityError as refused:
            answers.append(refused)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=pair) for pair in ((sara, negar), (negar, sara))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    assert Merge.objects.filter(undone_at=None).count() == 1
    assert len(set(owners().values())) == 1
    assert sorted(Profile.objects.values_list("merged", flat=True)) == [False, True]
