"""The median of many values with an interval that supposes nothing about how they are spread. Called by queries and notebooks."""

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import Final, NamedTuple

from peyvand.measures.intervals import LEVEL

EXACT: Final = 1000  # up to so many values the binomial is summed; beyond, its normal limit is less than a rank away


class Median(NamedTuple):
    """A median of `n` values; `low` and `high` are None where so few values allow no interval of the level."""

    n: int
    value: float | None
    low: float | None
    high: float | None
    level: float


def median(counts: Iterable[tuple[float, int]], level: float = LEVEL) -> Median:
    """The median of values given as (value, how often), with the interval between two order statistics.

    The interval reaches from the l-th smallest value to the l-th largest, l the largest rank that the binomial with p = ½ lies
    below with a probability of at most (1 − level)/2; it holds the median of any distribution with at least the level
    (Conover 1999, *Practical Nonparametric Statistics*, 3rd ed., section 3.2).
    """
    ordered = sorted((value, n) for value, n in counts if n > 0)
    total = sum(n for _value, n in ordered)
    if not total:
        return Median(0, None, None, None, level)
    middle = (_ranked(ordered, (total + 1) // 2) + _ranked(ordered, total // 2 + 1)) / 2
    rank = lower_rank(total, level)
    if not rank:
        return Median(total, middle, None, None, level)
    return Median(total, middle, _ranked(ordered, rank), _ranked(ordered, total + 1 - rank), level)


def lower_rank(n: int, level: float) -> int:
    """The rank of the value at which the interval of a median begins; 0 where n values allow none of this level."""
    tail = (1 - level) / 2
    if n > EXACT:
        z = NormalDist().inv_cdf(1 - tail)
        return max(math.floor((n - z * math.sqrt(n)) / 2), 0)
    below, rank = 0, 0
    while (below := below + math.comb(n, rank)) <= tail * 2**n:
        rank += 1
    return rank


def _ranked(ordered: list[tuple[float, int]], rank: int) -> float:
    """The value of this rank, 1 being the smallest."""
    seen = 0
    for value, n in ordered:
        seen += n
        if seen >= rank:
            return value
    raise ValueError(f"there is no value of rank {rank} among {seen}")
