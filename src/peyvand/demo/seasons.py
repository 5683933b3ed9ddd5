"""The brand's calendar: how much is bought on each day and hour, when branches and carriers rest. Read by every process in time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays
import numpy as np

from peyvand.core.calendars import date_parts
from peyvand.demo.arrays import DAY, Bools, Floats, Generator, Ints, chosen
from peyvand.demo.world import TIME_ZONE

ZONE: Final = ZoneInfo(TIME_ZONE)
WINDOW_DAYS: Final = 548

# Monday first, as date.weekday() counts: Thursday is busy in shops, Friday quiet online until the evening
_ONLINE_WEEK: Final = (1.02, 1.05, 1.08, 0.98, 0.86, 1.06, 1.0)
_STORE_WEEK: Final = (0.85, 0.88, 0.95, 1.55, 1.2, 0.8, 0.82)
_ONLINE_HOURS: Final = (6, 3, 1, 1, 1, 1, 2, 4, 9, 18, 26, 28, 26, 22, 20, 21, 24, 27, 30, 33, 38, 42, 36, 20)
_RAMADAN_HOURS: Final = (20, 15, 9, 4, 1, 1, 1, 2, 6, 12, 18, 20, 19, 17, 15, 12, 9, 5, 8, 22, 38, 46, 42, 32)
_STORE_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 14, 22, 20, 10, 0, 0, 8, 20, 32, 36, 28, 10, 0, 0)
_COURIER_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 18, 22, 20, 14, 15, 18, 20, 18, 12, 6, 2, 0, 0, 0)
_PHONE_HOURS: Final = (0, 0, 0, 0, 0, 0, 0, 0, 0, 14, 22, 24, 20, 14, 15, 18, 20, 22, 20, 16, 12, 6, 0, 0)


@dataclass(frozen=True)
class Season:
    """Eighteen months of days up to today; arrays have one entry a day, day 0 first."""

    first: date
    last: date
    dates: tuple[date, ...]
    demand: Floats
    store_share: Floats
    overload: Floats
    closed: Bools
    no_delivery: Bools
    ramadan: Bools
    nowruz: Bools
    yalda: Bools
    clock: Floats

    @property
    def span(self) -> float:
        """Length of the window in units of average trading days."""
        return float(self.clock[-1])

    def day_of(self, operational: Floats) -> Ints:
        """The day on which a moment of trading time falls; trading time runs faster on busy days."""
        days = np.searchsorted(self.clock, operational, side="right") - 1
        return np.clip(days, 0, len(self.dates) - 1).astype(np.int64)

    def midnight(self, days: Ints | int) -> Ints:
        """Seconds since 1970 of local midnight of a day number."""
        base = int(datetime.combine(self.first, datetime.min.time(), ZONE).timestamp())
        return np.asarray(base + np.asarray(days, dtype=np.int64) * DAY, dtype=np.int64)

    def day_number(self, seconds: Ints) -> Ints:
        """Day number of times in seconds; times outside the window are clipped to its ends."""
        days = (seconds - int(self.midnight(0))) // DAY
        return np.asarray(np.clip(days, 0, len(self.dates) - 1), dtype=np.int64)


def season_until(last: date) -> Season:
    """The calendar of the eighteen months that end on `last`."""
    first = last - timedelta(days=WINDOW_DAYS - 1)
    dates = tuple(first + timedelta(days=i) for i in range(WINDOW_DAYS))
    official = holidays.country_holidays("IR", years=range(first.year - 1, last.year + 1), language="en_US")
    jalali = [date_parts(d, "jalali") for d in dates]
    ramadan = _ramadan(dates, official)
    nowruz_rush = np.array([j.month == 12 and j.day >= 5 for j in jalali])
    nowruz_rest = np.array([j.month == 1 and j.day <= 13 for j in jalali])
    yalda = np.array([j.month == 9 and 14 <= j.day <= 30 for j in jalali])
    campaign = np.array([j.month == 9 and 4 <= j.day <= 7 for j in jalali])
    mourning = np.array([d in official and any(w in official[d] for w in ("Tasua", "Ashura", "Arbaeen", "Martyrdom")) for d in dates])
    closed = np.array([(j.month == 1 and j.day in (1, 2, 3, 4, 13)) for j in jalali]) | mourning
    friday = np.array([d.weekday() == 4 for d in dates])
    growth = np.exp(np.linspace(-0.42, 0.36, WINDOW_DAYS))
    factor = _season_factor(nowruz_rush, nowruz_rest, yalda, campaign)
    factor *= np.where(ramadan, 0.9, 1.0) * np.where(mourning, 0.5, 1.0)
    online = factor * np.array([_ONLINE_WEEK[d.weekday()] for d in dates])
    store = 0.26 * factor * np.array([_STORE_WEEK[d.weekday()] for d in dates]) * np.where(closed, 0.0, 1.0)
    demand = growth * (online + store)
    demand /= demand.mean()
    overload = np.where(nowruz_rush, 0.55, 0.0) + np.where(campaign, 0.25, 0.0) + np.where(yalda, 0.12, 0.0)
    return Season(
        first,
        last,
        dates,
        demand,
        store / (online + store),
        overload,
        closed,
        friday | mourning | np.array([j.month == 1 and j.day <= 4 for j in jalali]),
        ramadan,
        nowruz_rush,
        yalda,
        np.concatenate([[0.0], np.cumsum(demand)]),
    )


def _season_factor(rush: Bools, rest: Bools, yalda: Bools, campaign: Bools) -> Floats:
    """What feasts and the autumn campaign do to a day's trade."""
    factor = np.ones(len(rush))
    factor[rush] = 1.85
    factor[rest] = 0.4
    factor[yalda] = 1.45
    factor[campaign] = 2.3
    return factor


def _ramadan(dates: tuple[date, ...], official: holidays.HolidayBase) -> Bools:
    """The 29 days before each Eid al-Fitr; lunar dates are estimates."""
    feasts = [d for d, name in official.items() if "Eid al-Fitr" in name and "Holiday" not in name.split(";")[0]]
    return np.array([any(0 < (feast - d).days <= 29 for feast in feasts) for d in dates])


def moments(rng: Generator, season: Season, days: Ints, place: str) -> Ints:
    """A time of day for each day, by the hours of a place: `online`, `store`, `courier` or `phone`."""
    seconds = rng.integers(0, 3600, len(days))
    table = {"online": _ONLINE_HOURS, "store": _STORE_HOURS, "courier": _COURIER_HOURS, "phone": _PHONE_HOURS}[place]
    hours = chosen(rng, table, len(days))
    if place in {"online", "store"}:
        late_hours = chosen(rng, _RAMADAN_HOURS, len(days))
        hours = np.where(season.ramadan[days] & (place == "online"), late_hours, hours)
    return np.asarray(season.midnight(days) + hours * 3600 + seconds, dtype=np.int64)


def next_open(season: Season, days: Ints, rest: Bools) -> Ints:
    """The first day, on or after each day, on which `rest` is false; beyond the window every day counts as open."""
    days = days.copy()
    last = len(season.dates) - 1
    for _ in range(10):
        resting = (days <= last) & rest[np.minimum(days, last)]
        if not resting.any():
            break
        days[resting] += 1
    return days


def working_moment(season: Season, opened: int, work_seconds: int) -> int:
    """The moment `work_seconds` of office time after `opened` (Saturday to Wednesday 9–17, Thursday 9–13, not on closed days)."""
    left = work_seconds
    day = int((opened - int(season.midnight(0))) // DAY)
    moment = opened
    for _ in range(40):
        starts, ends = _office(season, day)
        begin = max(moment, starts)
        if begin < ends:
            if begin + left <= ends:
                return begin + left
            left -= ends - begin
        day += 1
        moment = int(season.midnight(day))
    return moment


def _office(season: Season, day: int) -> tuple[int, int]:
    midnight = int(season.midnight(day))
    weekday = (season.first + timedelta(days=day)).weekday()
    inside = 0 <= day < len(season.dates)
    if weekday == 4 or (inside and bool(season.closed[day])):
        return midnight, midnight
    return midnight + 9 * 3600, midnight + (13 if weekday == 3 else 17) * 3600
