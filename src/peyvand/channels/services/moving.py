"""Messages go with their customer where customers are merged or parted: what still waits asks the right person's consent."""

from django.db.models import Q

from peyvand.channels.models import Outgoing
from peyvand.identities.models import Identity
from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move


def move_messages(move: Move) -> dict[str, list[int]]:
    """Give messages to the other customer: all, or those to addresses that go and those that moved before."""
    came_by = Q(address__in=Identity.objects.filter(pk__in=move.identities).values("value"))
    ids = rows_to_move(move, "messages", Outgoing.objects.filter(customer=move.source), came_by)
    Outgoing.objects.filter(pk__in=ids).update(customer=move.target)
    return {"messages": ids}
