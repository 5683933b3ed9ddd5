"""Compares two estimates of one measure, of two groups or two periods, and tells whether the difference beats noise."""

import math
from dataclasses import asdict, dataclass
from typing import Final, Literal

from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import freedom
from peyvand.measures.student import t_p_value, two_sided_t

LEAST_P: Final = 0.001  # a smaller p is told as below this


@dataclass(frozen=True, slots=True)
class Comparison:
    """A difference with its uncertainty, in the unit of the measure.

    `statistic` is z, or Welch's t with `df` degrees of freedom; it and p are None where neither group varies.
    `beyond_noise` is True only where the interval leaves out zero and p, if there is one, falls below 1 − level.
    `small`: one of the two groups has n < 30.
    """

    measure: str
    level: float
    difference: float | None
    se: float | None
    low: float | None
    high: float | None
    test: Literal["z", "t"]
    statistic: float | None
    df: float | None
    p: float | None
    beyond_noise: bool
    small: bool

    def to_json(self) -> dict[str, object]:
        """Return the flat dictionary that the API answers with."""
        return asdict(self)


def compare(estimate: Estimate, reference: Estimate) -> Comparison:
    """Return estimate − reference: a group against another, or now against before.

    Shares and NPS: z = Δ/√(SE₁² + SE₂²) (Rocks 2016); the interval by square-and-add from the two intervals
    (Newcombe 1998, Stat. Med. 17:873; Zou, Donner 2008, Stat. Med. 27:1693), which stays honest near 0 and 100 %.
    Means: Welch's t test and interval (Welch 1947, Biometrika 34:28), cut where one group would have the lowest point of the
    scale and the other the highest.
    Raises ValueError unless both are of one measure, scale and level.
    """
    if (estimate.measure, estimate.scale, estimate.level) != (reference.measure, reference.scale, reference.level):
        raise ValueError("only two estimates of one measure on one scale at one level can be compared")
    if estimate.method == "t":
        return _welch(estimate, reference)
    return _square_and_add(estimate, reference)


def _square_and_add(one: Estimate, two: Estimate) -> Comparison:
    if one.value is None or two.value is None or one.se is None or two.se is None:
        return _unknown(one, two, "z")
    difference, se = one.value - two.value, math.hypot(one.se, two.se)
    low = difference - math.hypot(one.value - _known(one.low), _known(two.high) - two.value)
    high = difference + math.hypot(_known(one.high) - one.value, two.value - _known(two.low))
    statistic = difference / se if se else None
    p = None if statistic is None else math.erfc(abs(statistic) / math.sqrt(2))
    return _judged(one, two, "z", (difference, se, low, high), (statistic, None, p))


def _welch(one: Estimate, two: Estimate) -> Comparison:
    if one.value is None or two.value is None or one.se is None or two.se is None:
        return _unknown(one, two, "t")
    difference, se = one.value - two.value, math.hypot(one.se, two.se)
    if not se:
        return _judged(one, two, "t", (difference, se, None, None), (None, None, None))
    # Welch and Satterthwaite, in shares of the variance so that no power overflows or vanishes
    df = 1 / ((one.se / se) ** 4 / freedom(one.size) + (two.se / se) ** 4 / freedom(two.size))
    statistic, reach = difference / se, two_sided_t(one.level, df) * se
    most = one.scale[1] - one.scale[0]
    found = (difference, se, max(-most, difference - reach), min(most, difference + reach))
    return _judged(one, two, "t", found, (statistic, df, t_p_value(statistic, df)))


def _judged(
    one: Estimate,
    two: Estimate,
    test: Literal["z", "t"],
    found: tuple[float | None, float | None, float | None, float | None],
    evidence: tuple[float | None, float | None, float | None],
) -> Comparison:
    low, high, p = found[2], found[3], evidence[2]
    apart = low is not None and high is not None and (low > 0 or high < 0)
    beyond_noise = apart and (p is None or p < 1 - one.level)
    return Comparison(one.measure, one.level, *found, test, *evidence, beyond_noise, one.small or two.small)


def _unknown(one: Estimate, two: Estimate, test: Literal["z", "t"]) -> Comparison:
    difference = None if one.value is None or two.value is None else one.value - two.value
    return _judged(one, two, test, (difference, None, None, None), (None, None, None))


def _known(bound: float | None) -> float:
    if bound is None:
        raise ValueError("an estimate with a value has an interval")
    return bound
