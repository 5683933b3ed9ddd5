"""Student's t without SciPy, whose import costs a command half a second. Called by intervals and comparison."""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_TINY: Final = 1e-300
_PRECISE: Final = 1e-15


@lru_cache(maxsize=4096)
def two_sided_t(level: float, df: float) -> float:
    """Return the t that holds `level` (0 < level < 1) of the distribution between −t and t, for df > 0.

    Newton's steps on the tail, which falls and is convex: from the normal quantile, left of the root, they climb to it.
    """
    tail = 1 - level
    t = _NORMAL.inv_cdf(1 - tail / 2)
    for _ in range(200):
        step = (t_p_value(t, df) - tail) / (2 * _density(t, df))
        t += step
        if abs(step) <= 1e-12 * t:
            break
    return t


def t_p_value(statistic: float, df: float) -> float:
    """Return the two-sided p of a t statistic: I_x(df/2, 1/2) at x = df/(df + t²) (Abramowitz, Stegun 26.5.27)."""
    if statistic == 0:
        return 1.0
    square = statistic * statistic
    a, x, rest = df / 2, df / (df + square), square / (df + square)
    front = math.exp(math.log(rest / math.pi) / 2 - a * math.log1p(square / df) + _half_step(a))
    if x < (a + 1) / (a + 2.5):
        return min(1.0, front * _beta_fraction(a, 0.5, x) / a)
    return max(0.0, 1 - 2 * front * _beta_fraction(0.5, a, rest))


def _density(t: float, df: float) -> float:
    return math.exp(_half_step(df / 2) - math.log(df * math.pi) / 2 - (df + 1) / 2 * math.log1p(t * t / df))


def _half_step(a: float) -> float:
    """Return ln Γ(a + ½) − ln Γ(a); the series keeps the digits that two large logarithms would lose in subtraction."""
    if a < 100:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    return math.log(a) / 2 - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function by Lentz's method (Abramowitz, Stegun 26.5.8)."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 / _off_zero(1 + numerator * d)
            c = _off_zero(1 + numerator / c)
            fraction *= c * d
        if abs(c * d - 1) < _PRECISE:
            break
    return fraction


def _off_zero(x: float) -> float:
    return x if abs(x) > _TINY else _TINY
