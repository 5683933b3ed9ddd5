"""Values many people share, found and marked; customers who gathered too much, listed."""

import pytest

from peyvand.identities.models import Crowd, Customer, Identity, LinkConflict, SharedValue
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.queries import known_by_shared, largest, naming, open_crowds
from peyvand.identities.services import (
    IdentityError,
    add_identity,
    create_customer,
    make_personal,
    offer_shared,
    resolve,
    settle_crowd,
    share,
)
from peyvand.identities.types import MOST_GATHERED
from peyvand.workspaces.models import AuditEntry, User
from peyvand.workspaces.services import create_workspace

OWN, PHONE, EMAIL = 1, 2, 3
TILL = (PHONE, "+989120000009")


@pytest.fixture
def workspace(db):
    return create_workspace(name="Golestan", slug="golestan")


@pytest.fixture
def actor(db):
    return User.objects.create_user("owner@example.com", "a long password")


def buy(workspace, n):
    """An order of a customer of their own id, with the phone of the shop's till."""
    return resolve(workspace.pk, [[(OWN, f"c-{n}"), TILL]])[0].customer_id


def test_a_phone_that_comes_with_several_own_ids_is_offered_once(workspace):
    for n in range(3):
        buy(workspace, n)
    assert offer_shared(workspace) == 0
    buy(workspace, 3)
    assert (offer_shared(workspace), offer_shared(workspace)) == (1, 0)
    offered = SharedValue.objects.get()
    assert (offered.value, offered.state, offered.people) == ("+989120000009", "offered", 4)
    assert len(known_by_shared(offered)) == 4


def test_what_is_shared_decides_its_pairs_and_one_persons_value_is_not_offered_again(workspace, actor):
    for n in range(4):
        buy(workspace, n)
    offer_shared(workspace)
    shared = share(workspace=workspace, type_name="phone", value="0912 000 0009", actor=actor, note="till")
    assert set(LinkConflict.objects.values_list("decision", flat=True)) == {"apart"}
    make_personal(shared=shared, actor=actor)
    make_personal(shared=shared, actor=actor)
    assert offer_shared(workspace) == 0
    assert [one.action for one in AuditEntry.objects.filter(action__startswith="shared.").order_by("pk")] == [
        "shared.marked",
        "shared.unmarked",
    ]


@pytest.mark.usefixtures("english")
def test_own_ids_devices_and_nonsense_are_not_shared(workspace, actor):
    for kind in ("own_id", "device"):
        with pytest.raises(IdentityError, match="one person"):
            share(workspace=workspace, type_name=kind, value="x", actor=actor)
    with pytest.raises(IdentityRefused):
        share(workspace=workspace, type_name="phone", value="12", actor=actor)
    assert not SharedValue.objects.exists()


@pytest.mark.usefixtures("english")
def test_nobody_is_made_or_named_by_hand_with_a_shared_value(workspace, actor):
    share(workspace=workspace, type_name="phone", value="09120000009", actor=actor)
    with pytest.raises(IdentityError, match="shared"):
        create_customer(workspace=workspace, name="Till", identities=[TILL], actor=actor)
    sara = create_customer(workspace=workspace, name="Sara", identities=[(OWN, "c-1")], actor=actor)
    with pytest.raises(IdentityError, match="shared"):
        add_identity(customer=sara, type_name="phone", value="09120000009", actor=actor)


def test_another_workspace_shares_nothing_of_it(workspace, actor):
    other = create_workspace(name="Other", slug="other")
    share(workspace=workspace, type_name="phone", value="09120000009", actor=actor)
    assert create_customer(workspace=other, name="Sara", identities=[TILL], actor=actor).pk


def test_somebody_is_named_by_what_is_theirs_alone(workspace, actor):
    known = resolve(workspace.pk, [[TILL, (EMAIL, "sara@mail.example")], [(PHONE, "+989120000008")]])
    share(workspace=workspace, type_name="phone", value="09120000009", actor=actor)
    share(workspace=workspace, type_name="phone", value="09120000008", actor=actor)
    assert naming(known[0].customer_id).value == "sara@mail.example"
    assert naming(known[1].customer_id) is None


def test_who_gathers_too_much_is_listed_until_somebody_looked_and_again_after(workspace, actor):
    for n in range(MOST_GATHERED + 3):
        resolve(workspace.pk, [[TILL, (EMAIL, f"{n}@mail.example")]])
    owner = Identity.objects.get(value=TILL[1]).customer
    assert owner.identities.count() == MOST_GATHERED
    crowd = Crowd.objects.get()
    assert (crowd.customer_id, crowd.turned_away) == (owner.pk, 4)
    assert largest(workspace, 1) == [(owner, MOST_GATHERED)]
    settle_crowd(crowd=crowd, actor=actor)
    assert open_crowds(workspace) == []
    resolve(workspace.pk, [[TILL, (EMAIL, "one-more@mail.example")]])
    assert [one.turned_away for one in open_crowds(workspace)] == [5]
    assert Customer.objects.count() == 1
