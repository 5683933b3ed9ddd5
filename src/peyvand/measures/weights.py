"""Weights of answers, and the error of figures that come of them. Kept by Scores, called by the measures of perception.

Where a weight says how many others an answer stands for, fewer heavy answers tell less than as many light ones.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from peyvand.measures.answers import NotANumberError, read_answer

Numbers = NDArray[np.float64]


class Weighing(NamedTuple):
    """What weights did to an estimate: `n_effective` as many answers of one weight would tell as much (Kish 1965,
    Survey Sampling, 11.7), `total` is the sum of the weights, `invalid` answers had no usable one.
    """

    n_effective: float
    total: float
    invalid: int


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Beside each value of Scores the sum of its answers' weights and the sum of their squares (above 0).

    `invalid` counts answers whose weight is missing, zero, negative or no number; they are in no other count.
    """

    totals: Numbers
    squares: Numbers
    invalid: int = 0

    def of(self, kept: NDArray[np.bool_]) -> "Weights":
        """Return those of some of the values."""
        return Weights(self.totals[kept], self.squares[kept], self.invalid)

    def weighing(self) -> Weighing:
        """Sum them up."""
        total, squares = float(self.totals.sum()), float(self.squares.sum())
        return Weighing(total * total / squares if squares else 0.0, total, self.invalid)

    def share(self, hits: NDArray[np.bool_]) -> float:
        """Return the weighted share of some of the values, where there is a value."""
        return float(self.totals[hits].sum()) / float(self.totals.sum())

    def mean(self, worth: Numbers) -> float:
        """Return the weighted mean of what each value is worth, where there is a value."""
        return float(np.dot(worth, self.totals)) / float(self.totals.sum())

    def variance(self, worth: Numbers) -> float:
        """Return the weighted variance of single answers about their mean, divided by the sum of the weights."""
        return float(np.dot((worth - self.mean(worth)) ** 2, self.totals)) / float(self.totals.sum())

    def error(self, worth: Numbers) -> float:
        """Return the standard error of the weighted mean by its design, √Σ[w(x − x̄)]² / Σw: the mean is a quotient of two
        sums, taken as linear near its value (Särndal, Swensson, Wretman 1992, Model Assisted Survey Sampling, 5.7).
        """
        return math.sqrt(float(np.dot((worth - self.mean(worth)) ** 2, self.squares))) / float(self.totals.sum())

    def simple_size(self, worth: Numbers) -> float:
        """Return how many answers of one weight would have the same error (Korn, Graubard 1998, Survey Methodology 24:193);
        by Kish where all answers are alike and there is no error to go by.
        """
        error = self.error(worth)
        return self.variance(worth) / error**2 if error else self.weighing().n_effective


def read_weight(weight: object) -> float | None:
    """Return a weight as it stands in a file, or None where it is missing, no number, or not above 0."""
    try:
        number = read_answer(weight)
    except NotANumberError:
        return None
    return number if number is not None and number > 0 and math.isfinite(number * number) and number * number > 0 else None


class Heap:
    """Gathers (weight, how often) by value: counts, sums of weights and of squares."""

    def __init__(self) -> None:
        self.counts: dict[float, int] = {}
        self._sums: dict[float, tuple[float, float]] = {}

    def add(self, value: float, weight: float, count: int) -> None:
        """Take answers of one value and weight."""
        total, squares = self._sums.get(value, (0.0, 0.0))
        self.counts[value] = self.counts.get(value, 0) + count
        self._sums[value] = (total + weight * count, squares + weight * weight * count)

    def weights(self, values: Iterable[float], invalid: int) -> Weights:
        """Return the sums in the order of the values."""
        sums = np.array([self._sums[value] for value in values], dtype=np.float64).reshape(-1, 2)
        return Weights(sums[:, 0], sums[:, 1], invalid)
