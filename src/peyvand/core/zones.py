"""Time zones that people choose from: one for each place that has a time of its own today, by the name the reader uses."""

import zoneinfo
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from babel.dates import get_timezone_location

TABLE: Final = "zone.tab"  # of the time zone database: its present names by country, without those kept for old programs
FIRST: Final = ("Asia/Tehran", "UTC")


@lru_cache(maxsize=1)
def present_zones() -> tuple[str, ...]:
    """The names in use now, in order; obsolete ones such as Asia/Calcutta or Iran are left out."""
    lines = [line.split("\t") for line in _table().splitlines() if not line.startswith("#")]
    known = zoneinfo.available_timezones()
    return tuple(sorted({cells[2].strip() for cells in lines if len(cells) > 2} & known))


def _table() -> str:
    """The table of this machine, else that of the package Python falls back to."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / TABLE
        if path.is_file():
            return path.read_text(encoding="utf-8")
    return files("tzdata").joinpath("zoneinfo", TABLE).read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def zone_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(name, label) of every zone for a select: Tehran and UTC first, the rest by what they are called."""
    rest = sorted(((name, zone_label(name, language)) for name in present_zones() if name not in FIRST), key=lambda pair: pair[1])
    return (*((name, zone_label(name, language)) for name in FIRST), *rest)


def zone_label(name: str, language: str) -> str:
    """A zone by its country or city in the reader's language, with the name programs know it by."""
    if "/" not in name:
        return name
    return f"{get_timezone_location(name, locale=language)} · {name.replace('_', ' ')}"
