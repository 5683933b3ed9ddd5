"""What somebody was asked goes with them where customers are merged or parted: who was asked lately rests, and answers find their owner."""

from django.db.models import Q

from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move
from peyvand.surveys.models import Invitation
from peyvand.timeline.models import Interaction


def move_invitations(move: Move) -> dict[str, list[int]]:
    """Give invitations to the other customer: all, or those about what happened by identities that go and those that moved before."""
    came_by = Q(trigger__in=Interaction.objects.filter(identity__in=move.identities).values("pk"))
    ids = rows_to_move(move, "invitations", Invitation.objects.filter(customer=move.source), came_by)
    Invitation.objects.filter(pk__in=ids).update(customer=move.target)
    return {"invitations": ids}
