"""What a person decides about a conflict: two people, or one."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.identities.models import Customer, Identity, IdentityMove, LinkConflict
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

ONLY_WAY: Final = gettext_lazy("This is the only way the customer is known by. Add another one first.")


@transaction.atomic
def keep_apart(*, conflict: LinkConflict, actor: User) -> None:
    """Say that they are two people; the same items will not be listed again."""
    _decide(conflict, LinkConflict.Decision.APART, actor)


@transaction.atomic
def pair_up(*, kept: Customer, other: Customer) -> LinkConflict:
    """The pair of two people whom a member holds for one, as if an item had named both. Raises IdentityError where it can be none."""
    strongest = [customer.identities.order_by("type", "pk").first() for customer in (kept, other)]
    if kept.pk == other.pk or kept.workspace_id != other.workspace_id or kept.merged_into_id or other.merged_into_id:
        raise IdentityError(_("These two are one person already."))
    first, second = strongest
    if first is None or second is None:
        raise IdentityError(_("Nothing is known by which this customer could be told from others. Add a way to reach them first."))
    known = {"kept_type": first.type, "kept_value": first.value}
    pair, _created = LinkConflict.objects.get_or_create(
        workspace_id=kept.workspace_id,
        kept=kept,
        other=other,
        other_type=second.type,
        other_value=second.value,
        defaults=known,
    )
    return pair


@transaction.atomic
def same_person(*, conflict: LinkConflict, actor: User) -> set[int]:
    """Say that they are one person: the identities of `other` move to `kept`, so that it can be undone; gives who changed.

    Where either was merged before, those who stand for them are meant. A nameless one who stays takes the other's name.
    Other pairs that are one person by this are decided with it.
    """
    _one_at_a_time(conflict.workspace_id)
    _decide(conflict, LinkConflict.Decision.SAME, actor)
    kept, other = standing(conflict.kept), standing(conflict.other)
    if kept.pk == other.pk:
        return set()
    moved = list(Identity.objects.select_for_update().filter(customer=other))
    IdentityMove.objects.bulk_create(
        IdentityMove(
            workspace_id=conflict.workspace_id,
            identity=identity,
            conflict=conflict,
            from_customer=other,
            to_customer=kept,
            moved_by=actor,
        )
        for identity in moved
    )
    Identity.objects.filter(pk__in=[identity.pk for identity in moved]).update(customer=kept)
    Customer.objects.filter(pk=other.pk).update(merged_into=kept)
    if other.name and not kept.name:
        Customer.objects.filter(pk=kept.pk).update(name=other.name)
        LinkConflict.objects.filter(pk=conflict.pk).update(took_name=True)
    _decide_with_it(conflict, actor)
    return {kept.pk, other.pk}


@transaction.atomic
def move_back(*, conflict: LinkConflict, actor: User) -> set[int]:
    """Undo `same_person`: every identity goes back to whom it came from, unless it has moved on since; gives who changed."""
    _one_at_a_time(conflict.workspace_id)
    moves = IdentityMove.objects.select_related("from_customer", "to_customer").filter(conflict=conflict, undone_at=None)
    first = moves.first()
    if first is None:
        raise IdentityError(_("There is nothing to move back."))
    other, kept = first.from_customer, first.to_customer
    for move in moves:
        Identity.objects.filter(pk=move.identity_id, customer=kept).update(customer=other)
    moves.update(undone_at=clock.now())
    Customer.objects.filter(pk=other.pk).update(merged_into=None)
    if LinkConflict.objects.filter(pk=conflict.pk, took_name=True).update(took_name=False):
        Customer.objects.filter(pk=kept.pk, name=other.name).update(name="")
    conflict.decision = LinkConflict.Decision.OPEN
    _decide(conflict, LinkConflict.Decision.APART, actor)
    _open_again(conflict)
    return {kept.pk, other.pk}


@transaction.atomic
def split_off(*, identity: Identity, actor: User) -> Customer:
    """Say that an identity is somebody else's: it goes to a new customer, and with it all that happened by it; gives them.

    The two stand as a pair that was decided to be two people, so that no item asks again; `same_person` joins them again.
    Raises IdentityError for the only identity of a customer.
    """
    _one_at_a_time(identity.workspace_id)
    identity = Identity.objects.select_for_update().select_related("customer__workspace").get(pk=identity.pk)
    left, workspace = identity.customer, identity.customer.workspace
    strongest = left.identities.exclude(pk=identity.pk).order_by("type", "pk").first()
    if strongest is None:
        raise IdentityError(ONLY_WAY)
    other = Customer.objects.create(workspace=workspace, created_at=to_micros(clock.now()))
    Identity.objects.filter(pk=identity.pk).update(customer=other)
    IdentityMove.objects.create(workspace=workspace, identity=identity, from_customer=left, to_customer=other, moved_by=actor)
    LinkConflict.objects.create(
        workspace=workspace,
        kept=left,
        other=other,
        kept_type=strongest.type,
        kept_value=strongest.value,
        other_type=identity.type,
        other_value=identity.value,
        decision=LinkConflict.Decision.APART,
        decided_by=actor,
        decided_at=clock.now(),
    )
    detail = {"type": IdentityType(identity.type).name.lower(), "other": other.pk}
    audit(workspace=workspace, actor=actor, action="identity.split", target=left, detail=detail)
    return other


def _one_at_a_time(workspace_id: int) -> None:
    """Let merges of a workspace wait for each other: two at once could make each of two people stand for the other."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def standing(customer: Customer) -> Customer:
    """The customer who stands for this one after merges, as it is now."""
    found = Customer.objects.select_related("workspace").get(pk=customer.pk)
    while found.merged_into_id is not None:
        found = Customer.objects.select_related("workspace").get(pk=found.merged_into_id)
    return found


def _decide_with_it(conflict: LinkConflict, actor: User) -> None:
    """Decide open pairs whose two are one person by now."""
    waiting = LinkConflict.objects.filter(workspace=conflict.workspace, decision=LinkConflict.Decision.OPEN)
    people = _one_person(standing(conflict.kept).pk)
    waiting.filter(kept_id__in=people, other_id__in=people).update(
        decision=LinkConflict.Decision.SAME, decided_by=actor, decided_at=clock.now()
    )


def _open_again(conflict: LinkConflict) -> None:
    """Ask again about pairs that were decided with one that is undone."""
    alone = LinkConflict.objects.filter(workspace=conflict.workspace, decision=LinkConflict.Decision.SAME, moves=None)
    people = _one_person(standing(conflict.kept).pk) | _one_person(standing(conflict.other).pk)
    for pair in alone.filter(kept_id__in=people, other_id__in=people).select_related("kept", "other"):
        if standing(pair.kept).pk != standing(pair.other).pk:
            LinkConflict.objects.filter(pk=pair.pk).update(decision=LinkConflict.Decision.OPEN, decided_by=None, decided_at=None)


def _one_person(customer_id: int) -> set[int]:
    """A customer and everybody who was merged into them."""
    found = {customer_id}
    frontier = found
    while frontier:
        frontier = set(Customer.objects.filter(merged_into_id__in=frontier).values_list("pk", flat=True)) - found
        found |= frontier
    return found


def _decide(conflict: LinkConflict, decision: LinkConflict.Decision, actor: User) -> None:
    changed = (
        LinkConflict.objects.filter(pk=conflict.pk)
        .exclude(decision=decision)
        .update(decision=decision, decided_by=actor, decided_at=clock.now())
    )
    if not changed:
        raise IdentityError(_("This was decided already."))
    detail = {"other": conflict.other_id, "with": str(conflict.other)}
    audit(workspace=conflict.workspace, actor=actor, action=f"conflict.{decision}", target=conflict.kept, detail=detail)
