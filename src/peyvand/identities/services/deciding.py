"""What a person decides about a conflict: two people, or one."""

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.identities.models import Customer, Identity, IdentityMove, LinkConflict
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit


@transaction.atomic
def keep_apart(*, conflict: LinkConflict, actor: User) -> None:
    """Say that they are two people; the same items will not be listed again."""
    _decide(conflict, LinkConflict.Decision.APART, actor)


@transaction.atomic
def same_person(*, conflict: LinkConflict, actor: User) -> None:
    """Say that they are one person: the identities of `other` move to `kept`, each move is kept so that it can be undone."""
    _decide(conflict, LinkConflict.Decision.SAME, actor)
    moved = list(Identity.objects.select_for_update().filter(customer_id=conflict.other_id))
    IdentityMove.objects.bulk_create(
        IdentityMove(
            workspace_id=conflict.workspace_id,
            identity=identity,
            from_customer_id=conflict.other_id,
            to_customer_id=conflict.kept_id,
            moved_by=actor,
        )
        for identity in moved
    )
    Identity.objects.filter(pk__in=[identity.pk for identity in moved]).update(customer_id=conflict.kept_id)
    Customer.objects.filter(pk=conflict.other_id).update(merged_into_id=conflict.kept_id)


@transaction.atomic
def move_back(*, conflict: LinkConflict, actor: User) -> None:
    """Undo `same_person`: every identity goes back to whom it came from, unless it has moved on since."""
    now = clock.now()
    moves = IdentityMove.objects.filter(from_customer_id=conflict.other_id, to_customer_id=conflict.kept_id, undone_at=None)
    if not moves.exists():
        raise IdentityError(_("There is nothing to move back."))
    for move in moves:
        Identity.objects.filter(pk=move.identity_id, customer_id=move.to_customer_id).update(customer_id=move.from_customer_id)
    moves.update(undone_at=now)
    Customer.objects.filter(pk=conflict.other_id).update(merged_into=None)
    conflict.decision = LinkConflict.Decision.OPEN
    _decide(conflict, LinkConflict.Decision.APART, actor)


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
