"""Calls and chats with support that orders lead to: one row an order. Used by `course`."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import DAY, Bools, Floats, Generator, Ints, flags
from peyvand.demo.causes import EVENING_SHIFT
from peyvand.demo.deliveries import NEVER, Delivery, Return
from peyvand.demo.orders import Placed
from peyvand.demo.seasons import Season, moments
from peyvand.demo.staff import AGENTS

REASON_CODES: Final = ("question", "order_late", "broken", "wrong_item", "discount", "refund")
QUESTION, LATE, BROKEN, WRONG, DISCOUNT, REFUND = range(6)
_CHANCE: Final = np.array([0.09, 0.36, 0.55, 0.72, 0.5, 0.24])
_EVENING: Final = 17
_DAY_AGENTS: Final = np.array([i for i, a in enumerate(AGENTS) if not a.evening])
_EVENING_AGENTS: Final = np.array([i for i, a in enumerate(AGENTS) if a.evening])
AGENT_TONE: Final = np.array([0.12, 0.05, -0.06, 0.14])


@dataclass(frozen=True)
class Contact:
    """One contact after an order; `at` (its end) is NEVER where there was none. `response` seconds to the first answer."""

    at: Ints
    chat: Bools
    reason: Ints
    response: Floats
    duration: Floats
    resolved: Bools
    repeated: Bools
    agent: Ints
    evening: Bools


def contact(rng: Generator, season: Season, placed: Placed, delivery: Delivery, returned: Return) -> Contact:
    """Who calls or chats after an order, when, and how it goes."""
    size = len(placed.person)
    back = returned.at < NEVER
    reason = np.select(
        [delivery.damaged, delivery.wrong, placed.discount_lost, delivery.days_late > 0, back],
        [BROKEN, WRONG, DISCOUNT, LATE, REFUND],
        QUESTION,
    ).astype(np.int64)
    chance = np.where(placed.store & (reason == QUESTION), 0.012, _CHANCE[reason])
    made = flags(rng, chance, size)
    chat = flags(rng, 0.5, size)
    day = _days(rng, season, placed, delivery, reason)
    last = len(season.dates) - 1
    inside = np.minimum(day, last)
    at = season.midnight(day) + moments(rng, season, inside, "phone") - season.midnight(inside)
    at = np.maximum(at, placed.at + 1200)
    evening = (at - season.midnight(season.day_number(at))) // 3600 >= _EVENING
    response = _response(rng, season, inside, chat, evening)
    resolved = flags(rng, np.array([0.93, 0.66, 0.8, 0.83, 0.62, 0.74])[reason], size)
    return Contact(
        at=np.where(made, at, NEVER),
        chat=chat,
        reason=reason,
        response=response,
        duration=np.clip(np.exp(rng.normal(5.5, 0.55, size)), 40, 3600),
        resolved=resolved,
        repeated=flags(rng, np.where(resolved, 0.08, 0.3), size),
        agent=_agents(rng, inside, evening),
        evening=evening,
    )


def _days(rng: Generator, season: Season, placed: Placed, delivery: Delivery, reason: Ints) -> Ints:
    received = np.where(delivery.sent, (np.minimum(delivery.at, placed.at + 90 * DAY) - int(season.midnight(0))) // DAY, placed.day)
    waiting = delivery.promised + (rng.random(len(reason)) * np.maximum(1, delivery.days_late)).astype(np.int64)
    soon = placed.day + rng.integers(0, 3, len(reason))
    arrived = received + rng.integers(0, 2, len(reason))
    day = np.select(
        [reason == LATE, reason == DISCOUNT, (reason == BROKEN) | (reason == WRONG), reason == REFUND],
        [waiting, placed.day, arrived, received + 5],
        soon,
    )
    return np.asarray(day, dtype=np.int64)


def _response(rng: Generator, season: Season, day: Ints, chat: Bools, evening: Bools) -> Floats:
    """Seconds until somebody answers; evenings were slow until the shift got a second person."""
    typical = np.where(chat, 105.0, 80.0) * (1 + 0.8 * season.overload[day])
    slow = evening & ~EVENING_SHIFT.active(day)
    typical = np.where(slow, typical * 3.2, typical)
    return np.asarray(typical * np.exp(rng.normal(0, 0.6, len(day))), dtype=np.float64)


def _agents(rng: Generator, day: Ints, evening: Bools) -> Ints:
    by_day = rng.choice(_DAY_AGENTS, len(day))
    second = flags(rng, 0.5, len(day)) & EVENING_SHIFT.active(day)
    by_evening = np.where(second, _EVENING_AGENTS[1], _EVENING_AGENTS[0])
    return np.asarray(np.where(evening, by_evening, by_day), dtype=np.int64)
