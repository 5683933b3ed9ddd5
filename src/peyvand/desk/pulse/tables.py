"""The tables of Pulse: what moved most and why, and a measure by channel and the like. Called by views/pulse.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import num, percent, signed
from peyvand.core.pictures import FEW, Ends, Range, Tone, range_on
from peyvand.desk.pulse.words import decimals, short_name, tone_of, value_text
from peyvand.insights.board import Board
from peyvand.insights.moves import Cause, Move
from peyvand.insights.pairs import Pair
from peyvand.measures import Comparison
from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import wilson

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One thing that moved: its reason, the difference with its interval on a line with zero in the middle."""

    label: str
    reason: str
    url: str
    difference: SafeString
    n: int
    range: Range | None
    tone: Tone
    few: bool


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One group of a measure: shares of good, mixed and bad answers in percent, the figure, its interval."""

    label: str
    url: str
    good: int
    mixed: int
    bad: int
    value: str
    low: str
    high: str
    n: int
    few: bool


@dataclass(frozen=True, slots=True)
class BandRow:
    """One part of the answers: its share with the interval, how many, where they are read."""

    label: str
    shape: str
    url: str
    share: str
    low: str
    high: str
    n: int


def moved_rows(found: Board, told: Sequence[tuple[Move, Cause | None, str]]) -> list[MovedRow]:
    """Rows for (move, its cause, where it opens); all on one scale as wide as the widest interval."""
    widest = max((_reach(move.change) for move, _cause, _url in told), default=0.0) or 1.0
    return [_moved_row(found, move, cause, url, widest) for move, cause, url in told]


def _reach(change: Comparison) -> float:
    return max(abs(change.low or 0.0), abs(change.high or 0.0), abs(change.difference or 0.0))


def _moved_row(found: Board, move: Move, cause: Cause | None, url: str, widest: float) -> MovedRow:
    change, now = move.change, move.pair.now
    spread = None
    if change.difference is not None and change.low is not None and change.high is not None:
        spread = range_on(Ends(-widest, widest), change.difference, (change.low, change.high))
    few = now.n < FEW or (move.pair.then is not None and move.pair.then.n < FEW)
    return MovedRow(
        label=move.term.label if move.term else short_name(move.measure, found.labels[move.measure]),
        reason=reason(move, cause),
        url=url,
        difference=signed(change.difference, decimals(move.measure)),
        n=now.n,
        range=spread,
        tone=tone_of(change.difference, sure=move.sure),
        few=few,
    )


def reason(move: Move, cause: Cause | None) -> str:
    """Why it moved, or why nothing can be said of it."""
    now, then = move.pair.now, move.pair.then
    if now.n < FEW:
        text = ngettext("With %(n)s answer it is too early to tell", "With %(n)s answers it is too early to tell", now.n)
        return text % {"n": num(now.n)}
    before = then.n if then else 0
    if before < FEW:
        text = ngettext("Only %(n)s answer before: too few to compare with", "Only %(n)s answers before: too few to compare with", before)
        return text % {"n": num(before)}
    if not move.sure:
        return _("%(now)s now, %(then)s before: within noise") % _figures(move.measure, now, then)
    if cause is None:
        return _("%(now)s now, %(then)s before; no single group explains it") % _figures(move.measure, now, then)
    if cause.share_now is not None:
        parts = {"group": cause.label, "now": percent(cause.share_now), "then": percent(cause.share_then)}
        return _("Mostly %(group)s: %(now)s of these answers, before %(then)s") % parts
    return _("Mostly from “%(group)s”") % {"group": cause.label}


def _figures(measure: str, now: Estimate, then: Estimate | None) -> dict[str, str]:
    return {"now": value_text(measure, now.value), "then": value_text(measure, then.value if then else None)}


def split_rows(measure: str, groups: Iterable[tuple[str, Pair, str]], most: int | None = MOST_SHOWN) -> list[SplitRow]:
    """Rows for (label, figure, where it opens) that have answers, those with most answers first."""
    rows = sorted((group for group in groups if group[1].now.n), key=lambda group: -group[1].now.n)
    return [split_row(measure, *group) for group in rows[:most]]


def split_row(measure: str, label: str, pair: Pair, url: str) -> SplitRow:
    """One group as a row."""
    now, places = pair.now, decimals(measure)
    good, mixed, bad = whole_percents(pair.shares)
    low, high = num(now.low, places), num(now.high, places)
    return SplitRow(label, url, good, mixed, bad, value_text(measure, now.value), low, high, now.n, now.small)


def band_rows(pair: Pair, answers_url: str) -> list[BandRow]:
    """How many are happy, in between and unhappy, each opening its answers; none where nobody answered."""
    names = (_("Promoters"), _("Passives"), _("Detractors")) if pair.measure == "nps" else (_("Happy"), _("In between"), _("Unhappy"))
    total = sum(pair.shares)
    rows = []
    for label, code, shape, n in zip(names, ("good", "mixed", "bad"), "pnd", pair.shares, strict=True):
        if total:
            low, high = (num(100 * end, 0) for end in wilson(n, total))
            rows.append(BandRow(label, shape, f"{answers_url}&band={code}", percent(100 * n / total), low, high, n))
    return rows


def whole_percents(counts: tuple[int, int, int]) -> tuple[int, int, int]:
    """Shares in whole percent that sum to 100: the largest remainders are rounded up."""
    total = sum(counts)
    if not total:
        return 0, 0, 0
    floors = [100 * count // total for count in counts]
    rests = sorted(range(3), key=lambda place: -(100 * counts[place] % total))
    for place in rests[: 100 - sum(floors)]:
        floors[place] += 1
    return floors[0], floors[1], floors[2]


def split_title(what: str, cut_label: str, groups: Sequence[tuple[str, Pair, str]], total: Estimate) -> str:
    """The finding of a table: the group that is surely lowest, else only what it is cut by."""
    able = [(label, pair.now) for label, pair, _url in groups if not pair.now.small and pair.now.value is not None]
    if len(able) > 1 and total.low is not None:
        label, worst = min(able, key=lambda one: one[1].value or 0.0)
        if worst.high is not None and worst.high < total.low:
            return _("“%(group)s” is lowest in %(what)s") % {"group": label, "what": what}
    return _("%(what)s by %(cut)s") % {"what": what, "cut": cut_label}
