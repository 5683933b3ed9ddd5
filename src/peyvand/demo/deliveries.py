"""How ordered goods reach people, in what state, and what comes back: one row an order. Used by `course`."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import DAY, Bools, Floats, Generator, Ints, chosen, flags
from peyvand.demo.causes import CARRIER_CHANGE, ISFAHAN_DESK, ISFAHAN_RETURNS, NOWRUZ_RUSH, PORCELAIN_BOX
from peyvand.demo.orders import FRAGILE, Placed
from peyvand.demo.people import CITY_BRANCH, People
from peyvand.demo.seasons import Season, moments, next_open
from peyvand.demo.world import BRANCHES, CITIES

NEVER: Final = 2**40
CARRIER_CODES: Final = ("own", "tondava", "sepidbar", "rahvand")
# Median days on the road and spread (log scale) of each carrier, before feasts
_MEDIAN: Final = np.array([0.66, 0.74, 0.79, 1.6])
_SPREAD: Final = np.array([0.34, 0.26, 0.3, 0.42])
_KARAJ: Final = next(i for i, c in enumerate(CITIES) if c.code == "karaj")
_ISFAHAN: Final = next(i for i, b in enumerate(BRANCHES) if b.code == "isfahan")
_PROMISED: Final = np.array([c.promised_days for c in CITIES])


@dataclass(frozen=True)
class Delivery:
    """The way to the customer; store orders have `sent` false and empty values."""

    sent: Bools
    city: Ints
    branch: Ints
    carrier: Ints
    promised: Ints
    at: Ints
    days_taken: Floats
    days_late: Ints
    no_notice: Bools
    damaged: Bools
    wrong: Bools
    courier_bad: Bools


@dataclass(frozen=True)
class Return:
    """What came back; `at` is NEVER where nothing did. `wait` is minutes at the returns desk, 0 when fetched by courier."""

    at: Ints
    in_branch: Bools
    wait: Floats
    share: Floats


def deliver(rng: Generator, season: Season, people: People, placed: Placed) -> Delivery:
    """Send every online order; a late one is delivered after the promised day."""
    size = len(placed.person)
    city = people.city[placed.person]
    sent = ~placed.store
    carrier = _carriers(rng, placed.day, city)
    promised_days = _PROMISED[city]
    feast = 1 + season.overload[placed.day] * (NOWRUZ_RUSH.size / 0.55)
    spread = np.exp(rng.normal(0, 1, size) * _SPREAD[carrier])
    taken = promised_days * _MEDIAN[carrier] * spread * feast
    day = next_open(season, placed.day + np.maximum(1, np.ceil(taken - 0.25)).astype(np.int64), season.no_delivery)
    promised_day = next_open(season, placed.day + promised_days, season.no_delivery)
    inside = np.minimum(day, len(season.dates) - 1)
    clock = moments(rng, season, inside, "courier") - season.midnight(inside)
    at = season.midnight(day) + clock
    late = np.where(sent, np.maximum(0, day - promised_day), 0)
    fragile = (FRAGILE[placed.products] & (placed.quantities > 0)).any(axis=1)
    breakage = np.where(fragile, 0.03 + np.where(PORCELAIN_BOX.active(placed.day), PORCELAIN_BOX.size, 0.0), 0.013)
    return Delivery(
        sent=sent,
        city=city,
        branch=CITY_BRANCH[city],
        carrier=carrier,
        promised=promised_day,
        at=np.where(sent, at, NEVER),
        days_taken=np.where(sent, (at - placed.at) / DAY, 0.0),
        days_late=late,
        no_notice=(late > 0) & flags(rng, 0.52, size),
        damaged=sent & flags(rng, breakage, size),
        wrong=sent & flags(rng, 0.009, size),
        courier_bad=sent & flags(rng, np.array([0.025, 0.05, 0.05, 0.09])[carrier], size),
    )


def _carriers(rng: Generator, day: Ints, city: Ints) -> Ints:
    tehran = np.where(flags(rng, 0.6, len(day)), 0, 1)
    province = chosen(rng, (0, 0.62, 0.38), len(day))
    carrier = np.where(city == 0, tehran, province)
    karaj = city == _KARAJ
    return np.asarray(np.where(karaj, np.where(CARRIER_CHANGE.active(day), 3, 1), carrier), dtype=np.int64)


def take_back(rng: Generator, season: Season, placed: Placed, delivery: Delivery) -> Return:
    """Returns and refunds; a broken or wrong piece usually comes back, others now and then."""
    size = len(placed.person)
    chance = np.where(delivery.damaged, 0.5, np.where(delivery.wrong, 0.72, np.where(placed.store, 0.05, 0.034)))
    back = flags(rng, chance, size)
    received = np.where(delivery.sent, delivery.at, placed.at)
    here = np.where(delivery.sent, delivery.branch == placed.branch, ~delivery.sent)
    in_branch = here & flags(rng, 0.66, size)
    day = season.day_number(received) + rng.integers(2, 9, size)
    day = next_open(season, day, season.closed)
    inside = np.minimum(day, len(season.dates) - 1)
    at = season.midnight(day) + moments(rng, season, inside, "store") - season.midnight(inside)
    queue = (placed.branch == _ISFAHAN) & ISFAHAN_RETURNS.active(day)
    desk = (placed.branch == _ISFAHAN) & ISFAHAN_DESK.active(day)
    typical = np.where(queue, 9 + ISFAHAN_RETURNS.size, np.where(desk, 9 + ISFAHAN_RETURNS.size + ISFAHAN_DESK.size, 9.0))
    return Return(
        at=np.where(back & (received < NEVER), at, NEVER),
        in_branch=in_branch,
        wait=np.where(in_branch, np.maximum(1.0, typical * np.exp(rng.normal(0, 0.4, size))), 0.0),
        share=np.where(flags(rng, 0.55, size), 1.0, rng.choice([0.25, 0.4, 0.5], size)),
    )
