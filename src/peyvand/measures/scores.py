"""Scores, the histogram every measure takes, so that raw answers, a GROUP BY and a rollup give the same figure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.measures.answers import NotANumberError, read_answer
from peyvand.measures.weights import Heap, Weights, read_weight

Scale = tuple[float, float]
_MOST_POINTS: Final = 1001


class ScaleError(ValueError):
    """The scale does not exist or does not suit the measure."""


def checked_scale(scale: Scale, *, points: bool = False) -> Scale:
    """Return the scale (low, high) as floats.

    Raises ScaleError unless both ends are finite and low < high; with `points` the ends must be whole numbers, at most
    1,000 apart.
    """
    low, high = float(scale[0]), float(scale[1])
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ScaleError(f"a scale runs from a lower to a higher number, not from {low:g} to {high:g}")
    if points and not (low.is_integer() and high.is_integer()):
        raise ScaleError(f"this measure counts points, so its scale needs whole ends, not {low:g} and {high:g}")
    if points and high - low >= _MOST_POINTS:
        raise ScaleError(f"a scale of points has at most {_MOST_POINTS:,} of them, not {high - low + 1:,.0f}")
    return low, high


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """How often each answer was given.

    `values` are distinct, finite and ascending, `counts` are how often each occurs (same length, whole, above 0).
    `missing` counts blanks, `invalid` what is no number. With `weights` figures are weighted; `counts` stay counts. Build
    it by `from_values`, `from_counts` or `from_weighted`, which order, merge and check.
    """

    values: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    counts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    missing: int = 0
    invalid: int = 0
    weights: Weights | None = None

    @classmethod
    def from_values(cls, answers: "Iterable[object] | NDArray[Any]") -> "Scores":
        """Count raw answers: an array, or any iterable of numbers, texts and blanks (see `read_answer`)."""
        if isinstance(answers, np.ndarray) and answers.dtype.kind in "iuf":
            return cls._from_numbers(answers.ravel())
        return cls.from_counts((answer, 1) for answer in answers)

    @classmethod
    def from_counts(cls, pairs: Iterable[tuple[object, int]]) -> "Scores":
        """Take (answer, how often) pairs, as a GROUP BY or a rollup gives them; a pair may repeat an answer.

        Raises ValueError for a negative count.
        """
        tally: dict[float | None, int] = {}
        invalid = 0
        for answer, count in pairs:
            if count < 0:
                raise ValueError(f"the answer {answer!r} cannot occur {count} times")
            try:
                number = read_answer(answer)
            except NotANumberError:
                invalid += count
            else:
                tally[number] = tally.get(number, 0) + count
        missing = tally.pop(None, 0)
        ordered = sorted((value, count) for value, count in tally.items() if value is not None and count)
        values = np.array([value for value, _ in ordered], dtype=np.float64)
        return cls(values, np.array([count for _, count in ordered], dtype=np.int64), missing, invalid)

    @classmethod
    def from_weighted(cls, triples: Iterable[tuple[object, object, int]]) -> "Scores":
        """Take (answer, its weight, how often); a blank or wrong answer is that, whatever its weight."""
        heap, missing, invalid, weightless = Heap(), 0, 0, 0
        for answer, weighed, count in triples:
            try:
                number = read_answer(answer)
            except NotANumberError:
                invalid += count
                continue
            weight = read_weight(weighed)
            if number is None:
                missing += count
            elif weight is None:
                weightless += count
            else:
                heap.add(number, weight, count)
        values = sorted(heap.counts)
        counts = np.array([heap.counts[value] for value in values], dtype=np.int64)
        return cls(np.array(values, dtype=np.float64), counts, missing, invalid, heap.weights(values, weightless))

    @classmethod
    def _from_numbers(cls, numbers: "NDArray[Any]") -> "Scores":
        if numbers.dtype.kind != "f":
            values, counts = np.unique(numbers, return_counts=True)
            return cls(values.astype(np.float64), counts.astype(np.int64))
        finite = np.isfinite(numbers)
        missing = int(np.isnan(numbers).sum())
        values, counts = np.unique(numbers[finite].astype(np.float64), return_counts=True)
        return cls(values, counts.astype(np.int64), missing, int(numbers.size - finite.sum()) - missing)

    def __add__(self, other: "Scores") -> "Scores":
        """Put two groups together; beside weighted answers each other one weighs 1."""
        values, places = np.unique(np.concatenate([self.values, other.values]), return_inverse=True)
        counts = np.zeros(len(values), dtype=np.int64)
        np.add.at(counts, places, np.concatenate([self.counts, other.counts]))
        weights = None
        if self.weights is not None or other.weights is not None:
            one, two = self._weighed(), other._weighed()
            totals, squares = np.zeros(len(values)), np.zeros(len(values))
            np.add.at(totals, places, np.concatenate([one.totals, two.totals]))
            np.add.at(squares, places, np.concatenate([one.squares, two.squares]))
            weights = Weights(totals, squares, one.invalid + two.invalid)
        return Scores(values, counts, self.missing + other.missing, self.invalid + other.invalid, weights)

    @classmethod
    def together(cls, groups: "Iterable[Scores]") -> "Scores":
        """Put any number of groups together: what adding them one by one gives, in one go where none is weighted."""
        every = list(groups)
        if not every or any(one.weights is not None for one in every):
            return sum(every, cls())
        values, places = np.unique(np.concatenate([one.values for one in every]), return_inverse=True)
        counts = np.zeros(len(values), dtype=np.int64)
        np.add.at(counts, places, np.concatenate([one.counts for one in every]))
        return cls(values, counts, sum(one.missing for one in every), sum(one.invalid for one in every))

    def _weighed(self) -> Weights:
        ones = self.counts.astype(np.float64)
        return self.weights if self.weights is not None else Weights(ones, ones)

    def on(self, scale: Scale, *, points: bool = False) -> "Scores":
        """Return the answers that lie on the scale; the others are counted `invalid`.

        With `points` only whole numbers lie on it. Raises ScaleError.
        """
        low, high = checked_scale(scale, points=points)
        values = self.values.tolist()  # a few, mostly: Python is quicker with them than numpy
        if not values or (low <= values[0] and values[-1] <= high and (not points or all(value.is_integer() for value in values))):
            return self
        kept = (self.values >= low) & (self.values <= high)
        if points:
            kept &= self.values == np.floor(self.values)
        off = int(self.counts[~kept].sum())
        weights = None if self.weights is None else self.weights.of(kept)
        return Scores(self.values[kept], self.counts[kept], self.missing, self.invalid + off, weights)

    @property
    def n(self) -> int:
        """How many answers there are, blanks and non-numbers apart."""
        return int(self.counts.sum())

    def at_least(self, limit: float) -> int:
        """How many answers are `limit` or higher."""
        return int(self.counts[self.values >= limit].sum())

    def mean(self) -> float | None:
        """Return the mean, None where there is no answer."""
        n = self.n
        return float(np.dot(self.values, self.counts)) / n if n else None

    def deviation(self) -> float | None:
        """Return the sample standard deviation (n − 1 below), None below two answers."""
        n, mean = self.n, self.mean()
        if mean is None or n < 2:
            return None
        return math.sqrt(float(np.dot((self.values - mean) ** 2, self.counts)) / (n - 1))
