"""Two customers become one by a person's word, and two again; an identity of one becomes somebody else's.

How merges hang together and come apart is told in docs/adr/0012. Called by customers.services.merging, which lets the rest follow.
"""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.identities.models import Customer, Identity, IdentityMove, LinkConflict, Merge
from peyvand.identities.queries import going_back, merges_upward, standing
from peyvand.identities.services.deciding import APART, ONLY_WAY, SAME, ask_again, decide, decide_with_it, one_at_a_time
from peyvand.identities.services.leaving import check_stay
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.services.store import hold
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

Rows = Mapping[str, Sequence[int]]


def who_stays(conflict: LinkConflict, stays: Customer | None = None) -> tuple[Customer, Customer]:
    """The two whom a pair means now: who stays (`stays`, else the first), and who is taken in. Raises IdentityError for a third one."""
    one, two = standing(conflict.kept), standing(conflict.other)
    if stays is not None and stays.pk not in {one.pk, two.pk}:
        raise IdentityError(_("Choose one of the two to stay."))
    return (two, one) if stays is not None and stays.pk == two.pk else (one, two)


@transaction.atomic
def same_person(*, conflict: LinkConflict, actor: User, stays: Customer | None = None, rows: Rows | None = None) -> Merge | None:
    """Say that a pair is one person: the identities of the other move to who stays. None where they are one by other merges already.

    Where either was merged before, those who stand for them are meant. A nameless one who stays takes the other's name.
    Other pairs that are one person by this are decided with it. `rows` is kept for undoing.
    """
    one_at_a_time(conflict.workspace_id)
    kept, other = who_stays(conflict, stays)
    check_stay(kept, other)
    decide(conflict, SAME, actor)
    if kept.pk == other.pk:
        return None
    hold(conflict.workspace_id)
    merge = Merge.objects.create(
        workspace_id=conflict.workspace_id, kept=kept, other=other, pair=conflict, rows=rows or {}, merged_by=actor
    )
    mine = Identity.objects.filter(customer=other)
    mine.filter(home=None).update(home=other.pk)
    _move(mine.values_list("pk", flat=True), other, kept, actor)
    Customer.objects.filter(pk=other.pk).update(merged_into=kept)
    if other.name and not kept.name:
        Customer.objects.filter(pk=kept.pk).update(name=other.name)
        take_over(merge, {"name": other.name})
    decide_with_it(kept, actor)
    _note(merge, "conflict.same", actor)
    return merge


@transaction.atomic
def move_back(*, merge: Merge, actor: User) -> Customer:
    """Undo a merge: who was taken in stands by itself again, with everybody merged into them; gives who stood for both.

    Every identity goes back that was theirs, or came by one of theirs since. Raises IdentityError where it was undone already.
    """
    one_at_a_time(merge.workspace_id)
    hold(merge.workspace_id)
    merge = Merge.objects.select_related("kept", "other", "workspace").get(pk=merge.pk)
    if merge.undone_at is not None:
        raise IdentityError(_("They are two people again already."))
    root, people, identities = going_back(merge)
    check_stay(root)
    _move(identities, root, merge.other, actor)
    Identity.objects.filter(customer=merge.other, home=merge.other_id).update(home=None)
    Customer.objects.filter(pk=merge.other_id).update(merged_into=None)
    Merge.objects.filter(pk=merge.pk).update(undone_at=clock.now(), undone_by=actor)
    _give_name_back(merge)
    ask_again(people, merge.pair_id, actor)
    _note(merge, "conflict.undone", actor)
    return root


def take_over(merge: Merge, more: Mapping[str, str]) -> None:
    """Keep what the one who stayed took over of the other, by name."""
    merge.taken = {**merge.taken, **more}
    Merge.objects.filter(pk=merge.pk).update(taken=merge.taken)


def hand_back(merge: Merge, name: str) -> list[int]:
    """Forget that something was taken over by a merge, and by those after it that took the same on; gives who has it to give up."""
    value, holders = merge.taken.get(name), []
    for step in merges_upward(merge) if value else []:
        if step.taken.get(name) != value:
            break
        holders.append(step.kept_id)
        Merge.objects.filter(pk=step.pk).update(taken={key: text for key, text in step.taken.items() if key != name})
    return holders


def _give_name_back(merge: Merge) -> None:
    Customer.objects.filter(pk__in=hand_back(merge, "name"), name=merge.taken.get("name", "")).update(name="")


def _move(identities: Iterable[int], source: Customer, target: Customer, actor: User) -> None:
    ids = sorted(identities)
    Identity.objects.filter(pk__in=ids).update(customer=target)
    IdentityMove.objects.bulk_create(
        IdentityMove(workspace_id=source.workspace_id, identity_id=pk, from_customer=source, to_customer=target, moved_by=actor)
        for pk in ids
    )


def _note(merge: Merge, action: str, actor: User) -> None:
    detail = {"other": merge.other_id, "with": str(merge.other)}
    audit(workspace=merge.kept.workspace, actor=actor, action=action, target=merge.kept, detail=detail)


@transaction.atomic
def split_off(*, identity: Identity, actor: User) -> Customer:
    """Say that an identity is somebody else's: it goes to a new customer, and with it all that happened by it; gives them.

    The two stand as a pair that was decided to be two people, so that no item asks again; `same_person` joins them again.
    Raises IdentityError for the only identity of a customer.
    """
    one_at_a_time(identity.workspace_id)
    hold(identity.workspace_id)
    identity = Identity.objects.select_related("customer__workspace").get(pk=identity.pk)
    left, workspace = identity.customer, identity.customer.workspace
    check_stay(left)
    strongest = left.identities.exclude(pk=identity.pk).order_by("type", "pk").first()
    if strongest is None:
        raise IdentityError(ONLY_WAY)
    other = Customer.objects.create(workspace=workspace, created_at=to_micros(clock.now()))
    _move([identity.pk], left, other, actor)
    Identity.objects.filter(pk=identity.pk).update(home=None)
    LinkConflict.objects.create(
        workspace=workspace,
        kept=left,
        other=other,
        kept_type=strongest.type,
        kept_value=strongest.value,
        other_type=identity.type,
        other_value=identity.value,
        origin=LinkConflict.Origin.HAND,
        decision=APART,
        decided_by=actor,
        decided_at=clock.now(),
    )
    detail = {"type": IdentityType(identity.type).name.lower(), "other": other.pk}
    audit(workspace=workspace, actor=actor, action="identity.split", target=left, detail=detail)
    return other
