"""What a check of `peyvand doctor` says, and how its size and time read. Every module of checks begins here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

State = Literal["ok", "note", "fault"]
Look = Callable[[], Iterator[tuple[State, str]]]


@dataclass(frozen=True)
class Finding:
    """What one check found: ok, a note (works, or could not be asked; look), or a fault."""

    check: str
    state: State
    words: str


def lasting(age: timedelta) -> str:
    """An age in the unit that says enough: 40 s, 12 min, 5 h, 3 days."""
    seconds = max(0, int(age.total_seconds()))
    for most, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < most:
            return f"{seconds // unit} {name}"
    return f"{seconds // 86_400} days"


def gigabytes(size: float) -> str:
    """A size with the unit that says enough."""
    return f"{size / (1 << 30):.1f} GB" if size >= 1 << 30 else f"{size / (1 << 20):.1f} MB"
