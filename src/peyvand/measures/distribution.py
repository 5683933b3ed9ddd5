"""How answers spread over the points of a scale, each share with its interval. Called by charts and the API."""

from collections import Counter
from dataclasses import asdict, dataclass

from peyvand.measures.intervals import LEVEL, two_sided_z, wilson
from peyvand.measures.scores import Scale, Scores, checked_scale


@dataclass(frozen=True, slots=True)
class Bar:
    """One point of the scale: how many gave it, their share in percent, Wilson's interval; None without answers."""

    point: int
    n: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """All points of a scale in ascending order, empty ones too; `invalid` and `missing` as in Estimate."""

    n: int
    bars: tuple[Bar, ...]
    invalid: int
    missing: int

    def to_json(self) -> dict[str, object]:
        """Return {n, invalid, missing, bars: [{point, n, share, low, high}]}."""
        bars = [asdict(bar) for bar in self.bars]
        return {"n": self.n, "invalid": self.invalid, "missing": self.missing, "bars": bars}


def distribution(scores: Scores, scale: Scale, level: float = LEVEL) -> Distribution:
    """Count the answers at each point of the scale; an answer between two points is invalid.

    Raises ScaleError, and ValueError for a level that is none.
    """
    low, high = checked_scale(scale, points=True)
    two_sided_z(level)
    answers = scores.on((low, high), points=True)
    n = answers.n
    counts = Counter(dict(zip(answers.values.astype(int).tolist(), answers.counts.tolist(), strict=True)))
    bars = tuple(_bar(point, counts[point], n, level) for point in range(int(low), int(high) + 1))
    return Distribution(n, bars, answers.invalid, answers.missing)


def _bar(point: int, hits: int, n: int, level: float) -> Bar:
    if not n:
        return Bar(point, 0, None, None, None)
    lower, upper = wilson(hits, n, level)
    return Bar(point, hits, 100 * hits / n, 100 * lower, 100 * upper)
