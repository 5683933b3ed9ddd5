"""What moved most between two spans beyond noise, and where it comes from, by plain rules on the figures. Called by Pulse."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from peyvand.insights.board import CUTS, Board, count_of
from peyvand.insights.pairs import Pair
from peyvand.insights.properties import property_cuts
from peyvand.insights.queries import estimate_of
from peyvand.insights.terms import Named, integers_of, named
from peyvand.measures import Comparison, Scale
from peyvand.measures.estimates import SMALL

FALSE_ALARMS: Final = 0.05
FEWEST: Final = 10
MOST_OF_IT: Final = 0.5
NEARLY_ALL: Final = 0.85
GROWTH: Final = 0.05
LOOKING_BACK: Final = 60  # days between, say, a delivery and what is said about it
WHY_CUTS: Final = ("channel", "touchpoint", "product", "branch", "department")

Scored = tuple[Named | str | None, int, float, float, float, int]  # group, side, value, low, high, how many


@dataclass(frozen=True, slots=True)
class Move:
    """A figure that changed: all answers of a measure (`cut` empty) or those of one group.

    `sure`: beyond noise also when it is remembered how many figures were looked at (Benjamini, Hochberg 1995).
    """

    measure: str
    cut: str
    term: Named | None
    pair: Pair
    change: Comparison
    sure: bool = False

    @property
    def strength(self) -> float:
        """How many standard errors it moved."""
        return abs(self.change.statistic or 0.0)


@dataclass(frozen=True, slots=True)
class Cause:
    """Where most of a move comes from: a group, or a property whose share of the answers changed (in percent)."""

    cut: str
    label: str
    share_now: float | None = None
    share_then: float | None = None


def moves(found: Board, measures: Iterable[str], cuts: Sequence[str] = CUTS) -> list[Move]:
    """Every comparable figure, those that moved for sure first, each part by how far beyond noise it moved."""
    raw = [move for measure in measures for move in _of_measure(found, measure, cuts)]
    limit = benjamini_hochberg([move.change.p for move in raw if move.change.p is not None])
    told = [replace(move, sure=_sure(move, limit)) for move in raw]
    return sorted(told, key=lambda move: (not move.sure, -move.strength))


def _of_measure(found: Board, measure: str, cuts: Sequence[str]) -> Iterator[Move]:
    groups: list[tuple[str, Named | None, Pair]] = [("", None, found.totals[measure])]
    groups += [(cut, term, pair) for cut in cuts for term, pair in found.cuts.get((measure, cut), ())]
    for cut, term, pair in groups:
        if pair.fewest >= FEWEST and pair.change is not None:
            yield Move(measure, cut, term, pair, pair.change)


def _sure(move: Move, limit: float) -> bool:
    change = move.change
    return move.pair.fewest >= SMALL and change.beyond_noise and change.p is not None and change.p <= limit


def benjamini_hochberg(p_values: Sequence[float], rate: float = FALSE_ALARMS) -> float:
    """The largest p that may count as found when at most `rate` of what is found shall be chance; 0 for none.

    Benjamini, Hochberg 1995, J. R. Stat. Soc. B 57:289.
    """
    found = 0.0
    for place, p in enumerate(sorted(p_values), start=1):
        if p <= rate * place / len(p_values):
            found = p
    return found


def cause(found: Board, move: Move) -> Cause | None:
    """What explains more than half of a move: a kind of delivery or the like that became more or less frequent, else one group."""
    for candidates in (_property_causes(found, move), _group_causes(found, move)):
        best = max(candidates, key=lambda pair: pair[1], default=None)
        if best is not None:
            return best[0]
    return None


def _group_causes(found: Board, move: Move) -> Iterator[tuple[Cause, float]]:
    others = tuple(cut for cut in WHY_CUTS if cut != move.cut)
    within = (move.cut, move.term.code) if move.term else None
    rows = replace(count_of(found, "side", within=within), measures=(move.measure,)).cuts(*others)
    terms = named(found.workspace.pk, {row[1] for row in rows} - {None})
    by_cut: dict[str, list[Scored]] = defaultdict(list)
    for cut, term, *score in rows:
        if cut:
            by_cut[cut].append((terms.get(term), *score))
    for cut, scored in by_cut.items():
        for term, part in _parts(move.measure, found.scales[move.measure], scored).items():
            if isinstance(term, Named) and part.explains >= MOST_OF_IT and part.weight_now <= NEARLY_ALL:
                yield Cause(cut, term.label), part.explains


def _property_causes(found: Board, move: Move) -> Iterator[tuple[Cause, float]]:
    mine = integers_of(found.workspace.pk, "measure", [move.measure])
    group = integers_of(found.workspace.pk, move.cut, [move.term.code]) if move.term else (None,)
    for told in property_cuts(found.workspace):
        if not told.bad:
            continue
        rows = count_of(found, "property", "measure", "side", joined=(told.kind, told.name)).cuts(*CUTS, joined_days=LOOKING_BACK)
        scored = [(row[2], *row[4:]) for row in rows if row[0] == move.cut and row[1] in group and row[3] in mine]
        part = _parts(move.measure, found.scales[move.measure], scored).get(told.bad)
        if part and part.explains >= MOST_OF_IT and abs(part.weight_now - part.weight_then) >= GROWTH:
            yield Cause(told.key, told.bad_label, 100 * part.weight_now, 100 * part.weight_then), part.explains


@dataclass(frozen=True, slots=True)
class Part:
    """One group's part in a move: `explains` is the fraction of the move it brought, by its own change and its weight."""

    explains: float
    weight_now: float
    weight_then: float


def _parts(measure: str, scale: Scale, scored: Iterable[Scored]) -> dict[Named | str | None, Part]:
    """Split a change of a mean over groups: w₁(m₁ − M₀) − w₀(m₀ − M₀) each, which add up to M₁ − M₀."""
    sums: dict[Named | str | None, list[list[float]]] = defaultdict(lambda: [[0.0, 0.0], [0.0, 0.0]])
    for group, side, value, low, high, n in scored:
        if (low, high) == scale and (one := worth(measure, value, scale)) is not None:
            sums[group][side][0] += n
            sums[group][side][1] += n * one
    n_then, n_now = (sum(group[side][0] for group in sums.values()) for side in (0, 1))
    if not n_then or not n_now:
        return {}
    mean_then = sum(group[0][1] for group in sums.values()) / n_then
    change = sum(group[1][1] for group in sums.values()) / n_now - mean_then
    if not change:
        return {}
    return {group: _part(sides, (n_then, n_now), mean_then, change) for group, sides in sums.items()}


def _part(group: list[list[float]], totals: tuple[float, float], mean_then: float, change: float) -> Part:
    (n_then, sum_then), (n_now, sum_now) = group
    brought = (sum_now - n_now * mean_then) / totals[1] - (sum_then - n_then * mean_then) / totals[0]
    return Part(brought / change, n_now / totals[1], n_then / totals[0])


@lru_cache(maxsize=4096)
def worth(measure: str, value: float, scale: Scale) -> float | None:
    """What one answer adds to the figure when averaged, which is the figure of it alone: ±100 or 0 for NPS, 100 or 0 for CSAT, else
    itself. None where it is invalid.
    """
    return estimate_of(measure, [(value, 1)], scale).value
