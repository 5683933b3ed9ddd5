"""Names for numpy array types, and the few draws the whole simulation shares."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Generator = np.random.Generator

DAY: Final = 86_400


def chosen(rng: Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Indices drawn with the given weights (they need not sum to one)."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.asarray(np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right"), dtype=np.int64)


def chosen_by_row(rng: Generator, cumulative: Floats, rows: Ints) -> Ints:
    """For each row number, an index drawn from that row of a table of cumulative weights."""
    table = cumulative[rows]
    points = rng.random(len(rows)) * table[:, -1]
    found: Ints = (table <= points[:, None]).sum(axis=1).astype(np.int64)
    return found


def logistic(values: Floats) -> Floats:
    """Probability of log-odds."""
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float64)


def flags(rng: Generator, chance: Floats | float, size: int) -> Bools:
    """True with the given chance, each by itself."""
    return np.asarray(rng.random(size) < chance, dtype=np.bool_)


def graded(latent: Floats, cuts: Sequence[float]) -> Ints:
    """How many cut points each latent value has passed: the step of an ordinal scale, from 0."""
    return np.searchsorted(np.asarray(cuts), latent, side="right").astype(np.int64)
