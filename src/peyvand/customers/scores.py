"""Whether one person's score is good, mixed or bad. Called wherever a single score is drawn or filtered by."""

import math
from typing import Final

from peyvand.customers.types import Band

# Shares of the scale: NPS 9–10 and 7–8 of 10 (Reichheld 2003); else the top two fifths and the middle, as 4–5 and 3 of 5.
_NPS: Final = (0.85, 0.65)
_OTHERS: Final = (0.65, 0.45)


def band(measure: str, value: float | None, low: float | None, high: float | None) -> Band:
    """The band of one score on its scale; NONE where there is no value or no scale."""
    if value is None or low is None or high is None or high <= low:
        return Band.NONE
    good, mixed = _limits(measure, low, high)
    if value >= good:
        return Band.GOOD
    return Band.MIXED if value >= mixed else Band.BAD


def edges(measure: str, low: float, high: float, wanted: Band) -> tuple[float, float] | None:
    """From which value of a scale up to, and without, which one a band goes; None where there is no scale or no band."""
    if high <= low or wanted is Band.NONE:
        return None
    good, mixed = _limits(measure, low, high)
    return {Band.GOOD: (good, math.nextafter(high, math.inf)), Band.MIXED: (mixed, good), Band.BAD: (low, mixed)}[wanted]


def _limits(measure: str, low: float, high: float) -> tuple[float, float]:
    """The lowest good value and the lowest mixed one."""
    good, mixed = _NPS if measure == "nps" else _OTHERS
    return low + good * (high - low), low + mixed * (high - low)
