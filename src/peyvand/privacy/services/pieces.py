"""Of which time each piece of the timeline is, so that a round of retention reads those alone that may hold something old by now.

A piece is so many integers in a row. It is noted once nothing can come into it any more. Called by services.retaining.
"""

import datetime as dt
from typing import Any, Final

from django.db.models import Max, Min, Q, QuerySet

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.privacy.models import Piece, RetentionRule
from peyvand.timeline.models import Interaction
from peyvand.timeline.services.redacting import ABOUT

A_PIECE: Final = 5_000  # integers looked at
AHEAD: Final = 500  # pieces asked for at once
SETTLED: Final = dt.timedelta(days=2)  # no transaction takes so long
NEVER: Final = 2**62


def end_of(position: int) -> int:
    """The last integer of the piece that goes on behind a position."""
    return (position // A_PIECE + 1) * A_PIECE


def next_position(rule: RetentionRule, last: int) -> int:
    """Where the round of a rule goes on: behind its position, without pieces that have nothing for it. `last`: the newest integer."""
    number = rule.position // A_PIECE
    for start in range(number, last // A_PIECE + 1, AHEAD):
        known = set(_without(rule).filter(pk__gte=start, pk__lt=start + AHEAD).values_list("pk", flat=True))
        for one in range(start, start + AHEAD):
            if one not in known:
                return max(rule.position, one * A_PIECE)
    return max(rule.position, last // A_PIECE * A_PIECE)


def note(end: int) -> None:
    """Note of which time the piece is that ends here, where nothing comes into it any more."""
    number = end // A_PIECE - 1
    if Piece.objects.filter(pk=number).exists():
        return
    rows = Interaction.objects.filter(pk__gt=end - A_PIECE, pk__lte=end)
    told = rows.aggregate(oldest=Min("occurred_at"), newest=Max("occurred_at"), recorded=Max("recorded_at"))
    after: Any = Interaction.objects.filter(pk__gt=end).order_by("pk").values_list("recorded_at", flat=True).first()
    if after is None or max(after, told["recorded"] or after) > clock.now() - SETTLED:
        return
    oldest = to_micros(told["oldest"]) if told["oldest"] else NEVER
    newest = to_micros(told["newest"]) if told["newest"] else -NEVER
    Piece.objects.bulk_create(
        [Piece(number=number, oldest=oldest - oldest % ABOUT, newest=newest, noted_at=to_micros(clock.now()))], ignore_conflicts=True
    )


def _without(rule: RetentionRule) -> QuerySet[Piece]:
    """Pieces that hold nothing for the round under way: all too young, or old in its last round already and known by then."""
    young = Q(oldest__gte=to_micros(rule.until or clock.now()))
    if rule.done_until is None or rule.last_began_at is None:
        return Piece.objects.filter(young)
    return Piece.objects.filter(noted_at__lte=to_micros(rule.last_began_at)).filter(young | Q(newest__lt=to_micros(rule.done_until)))
