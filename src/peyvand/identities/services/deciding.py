"""What a person decides about a pair: two people, or one; and what that means for other pairs."""

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peyvand.core import clock
from peyvand.identities.models import Customer, LinkConflict
from peyvand.identities.queries import one_person
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

ONLY_WAY: Final = gettext_lazy("This is the only way the customer is known by. Add another one first.")
OPEN, APART, SAME = LinkConflict.Decision.OPEN, LinkConflict.Decision.APART, LinkConflict.Decision.SAME


@transaction.atomic
def keep_apart(*, conflict: LinkConflict, actor: User) -> None:
    """Say that they are two people; the same items will not be listed again, nor are they found to look alike."""
    one_at_a_time(conflict.workspace_id)
    decide(conflict, APART, actor, over=(SAME, APART))  # one person is undone, not decided anew: another window may still offer it
    detail = {"other": conflict.other_id, "with": str(conflict.other)}
    audit(workspace=conflict.workspace, actor=actor, action="conflict.apart", target=conflict.kept, detail=detail)


@transaction.atomic
def pair_up(*, kept: Customer, other: Customer) -> LinkConflict:
    """The pair of two people whom a member holds for one, as if an item had named both. Raises IdentityError where it can be none."""
    strongest = [customer.identities.order_by("type", "pk").first() for customer in (kept, other)]
    if kept.pk == other.pk or kept.workspace_id != other.workspace_id or kept.merged_into_id or other.merged_into_id:
        raise IdentityError(_("These two are one person already."))
    first, second = strongest
    if first is None or second is None:
        raise IdentityError(_("Nothing is known by which this customer could be told from others. Add a way to reach them first."))
    known = {"kept_type": first.type, "kept_value": first.value, "origin": LinkConflict.Origin.HAND}
    pair, _created = LinkConflict.objects.get_or_create(
        workspace_id=kept.workspace_id,
        kept=kept,
        other=other,
        other_type=second.type,
        other_value=second.value,
        defaults=known,
    )
    return pair


def one_at_a_time(workspace_id: int) -> None:
    """Let decisions of a workspace wait for each other: two at once could make each of two people stand for the other."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)


def decide(conflict: LinkConflict, decision: LinkConflict.Decision, actor: User, *, over: Collection[LinkConflict.Decision] = ()) -> None:
    """Note a decision; raises IdentityError where it stands already, or one of `over` does."""
    changed = (
        LinkConflict.objects.filter(pk=conflict.pk)
        .exclude(decision__in=over or (decision,))
        .update(decision=decision, decided_by=actor, decided_at=clock.now())
    )
    if not changed:
        raise IdentityError(_("This was decided already."))


def decide_with_it(kept: Customer, actor: User) -> None:
    """Decide open pairs whose two are one person by now."""
    people = one_person(kept.pk)
    waiting = LinkConflict.objects.filter(workspace=kept.workspace_id, decision=OPEN, kept_id__in=people, other_id__in=people)
    waiting.update(decision=SAME, decided_by=actor, decided_at=clock.now())


def ask_again(people: set[int], own: int | None, actor: User) -> None:
    """After these people left whom they were merged into: the pair `own` is of two people, and of others it is asked anew."""
    one, other = Q(kept_id__in=people), Q(other_id__in=people)
    parted = LinkConflict.objects.filter((one & ~other) | (other & ~one), decision=SAME)
    parted.filter(pk=own or 0).update(decision=APART, decided_by=actor, decided_at=clock.now())
    parted.update(decision=OPEN, decided_by=None, decided_at=None)
