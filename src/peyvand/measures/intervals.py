"""Standard errors and intervals of a share, a mean and the Net Promoter Score, from counts. Called by the measures."""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

from peyvand.measures.student import two_sided_t

LEVEL: Final = 0.95
_NORMAL: Final = NormalDist()


@lru_cache(maxsize=256)
def two_sided_z(level: float) -> float:
    """Return the z that holds `level` of the normal distribution between −z and z: 1.96 for 0.95.

    Raises ValueError where the level does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    return _NORMAL.inv_cdf((1 + level) / 2)


def wilson(hits: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the score interval of the share hits/n, within 0 and 1, for n > 0 (Wilson 1927, JASA 22:209)."""
    z2, share = two_sided_z(level) ** 2, hits / n
    middle = share + z2 / (2 * n)
    reach = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n)))
    low, high = (middle - reach) / (1 + z2 / n), (middle + reach) / (1 + z2 / n)
    return (0.0 if hits == 0 else max(0.0, low)), (1.0 if hits == n else min(1.0, high))


def share_error(hits: int, n: int) -> float:
    """Return the standard error √(p̂q̂/n) of the share hits/n, for n > 0."""
    return math.sqrt(hits * (n - hits) / n) / n


def net_promoter_error(promoters: int, detractors: int, n: int) -> float:
    """Return the standard error √{[p + d − (p − d)²]/n} of p − d, for n > 0 (Rocks 2016, Am. Stat. 70(4))."""
    return math.sqrt((n * (promoters + detractors) - (promoters - detractors) ** 2) / n) / n


def adjusted_wald(promoters: float, detractors: float, n: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Return centre, low and high of the adjusted Wald interval of p − d, within −1 and 1 (Rocks 2016).

    Three answers are added before the Wald formula: ¾ of a promoter, 1½ passives, ¾ of a detractor.
    """
    n_added = n + 3
    p, d = (promoters + 0.75) / n_added, (detractors + 0.75) / n_added
    reach = two_sided_z(level) * math.sqrt((p + d - (p - d) ** 2) / n_added)
    return p - d, max(-1.0, p - d - reach), min(1.0, p - d + reach)


def mean_interval(mean: float, error: float, n: float, ends: tuple[float, float], level: float = LEVEL) -> tuple[float, float]:
    """Return the t interval mean ± t·SE of a mean of n > 1 answers, cut at the ends of what it can be.

    The true mean lies between the ends, so the cut takes away nothing that could hold it, and the level stays (Mandelkern 2002,
    Statistical Science 17:149).
    """
    two_sided_z(level)  # refuses a level that is none
    reach = two_sided_t(level, freedom(n)) * error
    return max(ends[0], mean - reach), min(ends[1], mean + reach)


def freedom(n: float) -> float:
    """Return the degrees of freedom of a mean; one at least, since a weighted sample may be worth hardly more than one answer."""
    return max(1.0, n - 1)
