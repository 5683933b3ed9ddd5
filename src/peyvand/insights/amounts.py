"""A filter by what was paid for the order, or other subject, that an answer is about. Called by counting and questions."""

import re
from typing import Final

from peyvand.timeline.kinds import kinds

AMOUNT: Final = "amount"
MOST: Final = 2**63 - 1
_RANGE: Final = re.compile(r"(?P<low>[0-9]{0,18})\.\.(?P<high>[0-9]{0,18})")


def amount_range(code: str) -> tuple[int, int]:
    """The two ends, both included, of a range written in minor units of the workspace's currency: `500000..2000000`, `500000..`,
    `..2000000`. Raises ValueError.
    """
    found = _RANGE.fullmatch(code)
    if found is None or not (found["low"] or found["high"]):
        raise ValueError(f"'{code[:60]}' is not a range of amounts, such as 500000..2000000, 500000.. or ..2000000")
    low, high = int(found["low"] or 0), int(found["high"] or MOST)
    if low > high:
        raise ValueError(f"'{code[:60]}' ends before it begins")
    return low, high


def amount_code(low: int | None, high: int | None) -> str:
    """A range as a filter writes it; empty for none."""
    return "" if low is None and high is None else f"{'' if low is None else low}..{'' if high is None else high}"


def purchases() -> list[str]:
    """The kinds that are purchases."""
    return [code for code, kind in kinds().items() if kind.is_purchase]
