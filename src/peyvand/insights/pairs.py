"""A figure now and then, estimated when it is first looked at. Made by board, drawn by the desk."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from peyvand.customers.scores import band
from peyvand.customers.types import Band
from peyvand.insights.counting import Counted
from peyvand.insights.queries import estimate_of
from peyvand.measures import Comparison, Scale, compare
from peyvand.measures.estimates import Estimate

Histogram = dict[float, int]


@dataclass(slots=True)
class Sides:
    """How often each value was given now and then, in one group."""

    now: Histogram = field(default_factory=dict)
    then: Histogram = field(default_factory=dict)

    def add(self, value: float, n: int, *, now: bool) -> None:
        """Count a value n times more."""
        side = self.now if now else self.then
        side[value] = side.get(value, 0) + n


@dataclass(frozen=True)
class Pair:
    """One measure's figure now and, where something is compared, then."""

    measure: str
    scale: Scale
    sides: Sides
    compared: bool = True

    @classmethod
    def counted(cls, measure: str, scale: Scale, rows: Counted, *, compared: bool) -> "Pair":
        """From rows (side, value, low, high, how many); scores on another scale are left out."""
        sides = Sides()
        for side, value, low, high, n in rows:
            if (low, high) == scale:
                sides.add(value, n, now=bool(side))
        return cls(measure, scale, sides, compared)

    @cached_property
    def now(self) -> Estimate:
        """The figure of the window."""
        return estimate_of(self.measure, self.sides.now.items(), self.scale)

    @cached_property
    def then(self) -> Estimate | None:
        """The figure of the time it is compared with; None where nothing is."""
        return estimate_of(self.measure, self.sides.then.items(), self.scale) if self.compared else None

    @cached_property
    def change(self) -> Comparison | None:
        """The difference with its uncertainty, where both have answers."""
        if self.then is None or not self.now.n or not self.then.n:
            return None
        return compare(self.now, self.then)

    @property
    def n(self) -> int:
        """How many answers there are now."""
        return sum(self.sides.now.values())

    @property
    def fewest(self) -> int:
        """How many answers there are on the smaller side."""
        return min(self.n, sum(self.sides.then.values()))

    @property
    def shares(self) -> tuple[int, int, int]:
        """How many answers are good, mixed and bad now."""
        counts: Counter[Band] = Counter()
        for value, n in self.sides.now.items():
            counts[band(self.measure, value, *self.scale)] += n
        return counts[Band.GOOD], counts[Band.MIXED], counts[Band.BAD]


def together(pairs: Iterable[Pair]) -> Pair:
    """The figure of several groups' answers together; at least one group of one measure."""
    groups = list(pairs)
    every = Sides()
    for pair in groups:
        for value, n in pair.sides.now.items():
            every.add(value, n, now=True)
        for value, n in pair.sides.then.items():
            every.add(value, n, now=False)
    return Pair(groups[0].measure, groups[0].scale, every, groups[0].compared)
