"""What people said about consent goes with them where customers are merged or parted."""

from django.db.models import Q

from peyvand.customers.models import Consent
from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move
from peyvand.timeline.models import Interaction


def move_consents(move: Move) -> dict[str, list[int]]:
    """Give consents to the other customer: all, or those that came by identities that go and those that moved before."""
    came_by = Q(interaction_id__in=Interaction.objects.filter(identity__in=move.identities).values("pk"))
    ids = rows_to_move(move, "consents", Consent.objects.filter(customer=move.source), came_by)
    Consent.objects.filter(pk__in=ids).update(customer=move.target)
    return {"consents": ids}
