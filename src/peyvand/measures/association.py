"""How two things of the same people go together, by ranks: Spearman's correlation with its interval. Called by the chain of insights."""

import math
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple

from peyvand.measures.estimates import SMALL
from peyvand.measures.intervals import LEVEL, two_sided_z

FEWEST: Final = 5  # below, the interval is nearly all there can be


class RankSums(NamedTuple):
    """Sums over people of the two mean ranks, their squares and their product; ties share the mean of their ranks."""

    n: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float


@dataclass(frozen=True, slots=True)
class Association:
    """Spearman's ρ between −1 and 1 with its interval; None below five people and where one of the two never varies.

    `beyond_noise`: the interval leaves out zero. That two things go together does not say which brings the other about.
    """

    n: int
    rho: float | None
    low: float | None
    high: float | None
    level: float

    @property
    def small(self) -> bool:
        """Whether fewer than 30 people stand behind it."""
        return self.n < SMALL

    @property
    def beyond_noise(self) -> bool:
        """Whether zero lies outside the interval."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_json(self) -> dict[str, object]:
        """Return the flat dictionary for programs."""
        return asdict(self) | {"small": self.small, "beyond_noise": self.beyond_noise}


def association(sums: RankSums, level: float = LEVEL) -> Association:
    """Return Spearman's ρ from sums of ranks (Spearman 1904, Am. J. Psych. 15:72), its interval by Fisher's z with the variance
    (1 + ρ²/2)/(n − 3) (Bonett, Wright 2000, Psychometrika 65:23). Raises ValueError for a level that is none.
    """
    reach = two_sided_z(level)
    n = sums.n
    if n < FEWEST:
        return Association(n, None, None, None, level)
    spread_x, spread_y = sums.xx - sums.x**2 / n, sums.yy - sums.y**2 / n
    if min(spread_x, spread_y) <= 1e-9 * n:
        return Association(n, None, None, None, level)
    rho = max(-1.0, min(1.0, (sums.xy - sums.x * sums.y / n) / math.sqrt(spread_x * spread_y)))
    if abs(rho) > 1 - 1e-12:
        return Association(n, rho, rho, rho, level)
    middle, error = math.atanh(rho), math.sqrt((1 + rho**2 / 2) / (n - 3))
    return Association(n, rho, math.tanh(middle - reach * error), math.tanh(middle + reach * error), level)
