"""Between the word that somebody is to be forgotten and its end: nothing that is decided meanwhile takes anything of theirs along."""

import pytest

from peyvand.core import clock
from peyvand.customers.services.merging import merge, merge_by_hand, split_off, unmerge
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer, Identity, Leaving, LinkConflict
from peyvand.identities.services.resolving import IdentityError
from peyvand.privacy.models import Erasure
from peyvand.privacy.services import erase
from peyvand.privacy.tests.test_erasing import ended
from peyvand.timeline.models import Batch, Interaction
from peyvand.timeline.services import batches, record
from peyvand.timeline.tests.settling import settle
from peyvand.timeline.types import CustomerIn, IdentityIn, Item

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def owner(brand):
    return brand.members.get().user


@pytest.fixture
def told(brand):
    def tell(*own_ids, batch=None):
        who = CustomerIn(identities=[IdentityIn("own_id" if one[0] != "0" else "phone", one) for one in own_ids])
        record(brand.pk, Item(kind="order.placed", occurred_at=clock.now(), customer=who), batch=batch)
        settle()
        follow()
        return Customer.objects.get(identities__value__endswith=own_ids[0].lstrip("0"))

    return tell


def left():
    return set(Identity.objects.values_list("value", flat=True))


def test_nobody_is_made_one_with_who_is_being_forgotten(told, owner, no_waiting):
    sara, reza = told("sara"), told("reza", "09120000001")
    told("sara", "09120000001")  # names both: a pair to decide
    erasure = erase(customer=sara, actor=owner)
    for decide in (
        lambda: merge(conflict=LinkConflict.objects.get(), actor=owner, stays=reza),
        lambda: merge_by_hand(kept=reza, other=sara, actor=owner),
    ):
        with pytest.raises(IdentityError):
            decide()
    ended(erasure)
    assert left() == {"reza", "+989120000001"}
    assert Interaction.objects.filter(identity=None).count() == 2
    assert not Leaving.objects.exists()


def test_nothing_is_parted_from_who_is_being_forgotten(told, owner, no_waiting):
    sara, other, third = told("sara", "09120000001"), told("soraya"), told("reza")
    done = merge_by_hand(kept=sara, other=other, actor=owner)
    erasure = erase(customer=other, actor=owner)  # who was merged into another one is that one
    with pytest.raises(IdentityError):
        unmerge(merge=done, actor=owner)
    with pytest.raises(IdentityError):
        split_off(identity=Identity.objects.get(value="+989120000001"), actor=owner)
    assert erasure.customer == sara.pk
    ended(erasure)
    assert left() == {"reza"}
    assert Interaction.objects.get(identity__isnull=False).identity.customer == third


def test_an_import_that_is_undone_meanwhile_leaves_the_erasure_to_its_end(brand, told, owner, no_waiting):
    batch = batches.open_batch(workspace=brand, label="orders.csv")
    sara = told("sara", batch=batch.pk)
    told("reza", batch=batch.pk)
    erasure = erase(customer=sara, actor=owner)
    batches.undo_batch(batch=batch)
    Batch.objects.filter(pk=batch.pk).update(out_of_lake=True)
    for _touched in batches.remove_undone(batch=Batch.objects.get(pk=batch.pk)):
        pass
    assert left() == {"sara"}
    assert ended(erasure).state == Erasure.State.DONE
    assert left() == set()
