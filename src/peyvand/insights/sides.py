"""Two sets of answers beside each other: any span and filters against any others, measure by measure. Called by the page of comparisons."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from peyvand.insights.amounts import AMOUNT
from peyvand.insights.board import FIRST_MEASURES
from peyvand.insights.counting import Count, Counted
from peyvand.insights.moves import benjamini_hochberg
from peyvand.insights.queries import estimate_of, usual_scale
from peyvand.insights.questions import ANY, PROPERTY, Span, leaves_out, measure_named
from peyvand.insights.terms import integers_of, looked_up_once, measures_met, named
from peyvand.measures import Comparison, compare
from peyvand.measures.estimates import SMALL, Estimate
from peyvand.workspaces.models import Workspace

Filters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: answers of a span that meet all filters."""

    span: Span
    filters: Filters = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """One measure of both sides, the first minus the second; `change` is None where one has no answers.

    `both`: how many answers stand on both sides; where there are any the two are not independent and nothing is claimed.
    `sure`: beyond noise also when it is remembered how many measures were looked at (Benjamini, Hochberg 1995).
    """

    measure: str
    label: str
    one: Estimate
    other: Estimate
    both: int
    change: Comparison | None
    sure: bool = False

    @property
    def few(self) -> bool:
        """Whether one of them rests on few answers."""
        return min(self.one.n, self.other.n) < SMALL


@looked_up_once
def side_by_side(workspace: Workspace, one: Side, other: Side, as_of: dt.datetime | None = None) -> list[Beside]:
    """Every measure that one of the sides has answers of, on the scale most of them were given on."""
    order = {code: place for place, code in enumerate(FIRST_MEASURES)}
    met = sorted(measures_met(workspace.pk), key=lambda term: order.get(term.code, len(order)))
    codes = tuple(term.code for term in met)
    names = {pk: name.code for pk, name in named(workspace.pk, integers_of(workspace.pk, "measure", codes)).items()}
    shared = overlap(workspace, one, other)
    counted = [_counted(workspace, side, names, as_of) if side else {} for side in (one, other, shared)]
    found = [_beside(term.code, term.label, *(rows.get(term.code, []) for rows in counted)) for term in met]
    limit = benjamini_hochberg([one.change.p for one in found if one.change and one.change.p is not None and not one.both])
    return [replace(one, sure=_sure(one, limit)) for one in found if one.one.n or one.other.n]


def _counted(workspace: Workspace, side: Side, names: dict[int, str], as_of: dt.datetime | None) -> dict[str, Counted]:
    measures = tuple(dict.fromkeys(names.values()))
    count = Count(workspace=workspace, keys=("measure",), measures=measures, span=side.span, filters=side.filters, as_of=as_of)
    found: dict[str, Counted] = defaultdict(list)
    for measure, *score in count.rows():
        found[names[measure]].append(tuple(score))
    return found


def _beside(measure: str, label: str, *sides: Counted) -> Beside:
    scale = usual_scale([*sides[0], *sides[1]]) or measure_named(measure).scale
    pairs = [[(value, n) for value, low, high, n in rows if (low, high) == scale] for rows in sides]
    one, other = (estimate_of(measure, pair, scale) for pair in pairs[:2])
    both = sum(n for _value, n in pairs[2])
    return Beside(measure, label, one, other, both, compare(one, other) if one.n and other.n else None)


def _sure(found: Beside, limit: float) -> bool:
    change = found.change
    return change is not None and not found.few and not found.both and change.beyond_noise and change.p is not None and change.p <= limit


def overlap(workspace: Workspace, one: Side, other: Side) -> Side | None:
    """The answers that stand on both sides; None where there cannot be any.

    Of two different properties of other interactions only the first is asked for, so that rather too many are found.
    """
    since, until = max(one.span.since, other.span.since), min(one.span.until, other.span.until)
    if since >= until:
        return None
    mine, theirs = _by_cut(one.filters), _by_cut(other.filters)
    merged: list[tuple[str, str]] = []
    for cut in dict.fromkeys([*mine, *theirs]):
        if PROPERTY.match(cut) and any(PROPERTY.match(name) and name != cut for name, _code in merged):
            continue
        codes = _shared_codes(workspace, cut, mine[cut], theirs[cut]) if cut in mine and cut in theirs else mine.get(cut) or theirs[cut]
        if not codes:
            return None
        merged += [(cut, code) for code in codes]
    return Side(Span(since, until), tuple(merged))


def _by_cut(filters: Filters) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for cut, code in filters:
        found.setdefault(cut, []).append(code)
    return found


def _shared_codes(workspace: Workspace, cut: str, mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What both allow of one cut; amounts narrow each other, what either leaves out is left out, and merged terms are one."""
    if cut == AMOUNT or leaves_out(cut):
        return [*mine, *theirs]
    if PROPERTY.match(cut):
        return list(mine) if ANY in theirs else list(theirs) if ANY in mine else [code for code in mine if code in theirs]
    known = set(integers_of(workspace.pk, cut, theirs))
    return [code for code in mine if known.intersection(integers_of(workspace.pk, cut, [code]))]
