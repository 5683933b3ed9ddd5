"""How an order and what came with it were felt, and the scores people would give: one row an order.

Latent values are on a scale where a typical experience of a typical customer is near 0.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import Floats, Generator, Ints, graded
from peyvand.demo.causes import APP_VERSION, PRICE_RISE
from peyvand.demo.contacts import AGENT_TONE, Contact
from peyvand.demo.deliveries import NEVER, Delivery, Return
from peyvand.demo.orders import PRODUCT_FINISH, Placed
from peyvand.demo.people import People
from peyvand.demo.seasons import WINDOW_DAYS, Season
from peyvand.demo.world import BRANCHES

NPS_CUTS: Final = (-2.4, -2.1, -1.85, -1.6, -1.36, -1.12, -0.83, -0.47, -0.1, 0.28)
CSAT_CUTS: Final = (-1.9, -1.36, -0.7, 0.06)
CES_CUTS: Final = (-2.2, -1.75, -1.3, -0.82, -0.2, 0.5)
_TONE: Final = np.array([b.tone for b in BRANCHES])


@dataclass(frozen=True)
class Feelings:
    """What each part of the experience added, and the scores the customer would give if asked (asked or not)."""

    delivery: Floats
    quality: Floats
    value: Floats
    support: Floats
    staff: Floats
    returns: Floats
    checkout: Floats
    overall: Floats
    nps: Ints
    delivery_csat: Ints
    store_csat: Ints
    support_csat: Ints
    support_ces: Ints
    returns_csat: Ints
    checkout_ces: Ints


@dataclass(frozen=True)
class Episode:
    """Everything that belongs to the orders of one step."""

    placed: Placed
    delivery: Delivery
    returned: Return
    contact: Contact


def feel(rng: Generator, season: Season, people: People, bond: Floats, episode: Episode) -> Feelings:
    """Turn what happened into feelings; `bond` is each customer's bond before this order."""
    placed, size = episode.placed, len(episode.placed.person)
    delivery = _delivery(episode)
    quality = PRODUCT_FINISH[placed.products[:, 0]] + rng.normal(0, 0.22, size)
    value = _value(people, placed)
    support = _support(episode.contact)
    staff = _staff(season, placed) + rng.normal(0, 0.2, size)
    returns = np.where(episode.returned.at < NEVER, 0.1 - 0.36 * np.log2(np.maximum(episode.returned.wait, 9) / 9), 0.0)
    checkout = _checkout(placed)
    experience = delivery + quality + value + 0.8 * support + np.where(placed.store, staff, 0.0) + 0.7 * returns

    def noisy(latent: Floats, spread: float) -> Floats:
        return np.asarray(latent + 0.3 * bond + rng.normal(0, spread, size), dtype=np.float64)

    return Feelings(
        delivery=delivery,
        quality=quality,
        value=value,
        support=support,
        staff=staff,
        returns=returns,
        checkout=checkout,
        overall=experience,
        nps=graded(0.3 * bond + noisy(0.68 * experience, 0.56), NPS_CUTS),
        delivery_csat=graded(noisy(delivery + 0.3 * quality - 0.06, 0.62), CSAT_CUTS) + 1,
        store_csat=graded(noisy(staff + 0.3 * quality, 0.55), CSAT_CUTS) + 1,
        support_csat=graded(noisy(support - 0.05, 0.6), CSAT_CUTS) + 1,
        support_ces=graded(noisy(support - 0.12, 0.62), CES_CUTS) + 1,
        returns_csat=graded(noisy(returns - 0.1, 0.6), CSAT_CUTS) + 1,
        checkout_ces=graded(noisy(checkout, 0.68), CES_CUTS) + 1,
    )


def _delivery(episode: Episode) -> Floats:
    way = episode.delivery
    late = way.days_late > 0
    early = way.sent & ~late & (way.days_taken < 1.6)
    felt = np.where(late, -0.72 - 0.17 * np.minimum(way.days_late, 6), 0.0) + np.where(way.no_notice, -0.4, 0.0)
    felt += np.where(way.damaged, -1.5, 0.0) + np.where(way.wrong, -1.3, 0.0) + np.where(way.courier_bad, -0.65, 0.0)
    return np.asarray(felt + np.where(early, 0.18, 0.0), dtype=np.float64)


def _value(people: People, placed: Placed) -> Floats:
    since = placed.day - (WINDOW_DAYS - 1 - PRICE_RISE.days_ago)
    shock = np.where(since >= 0, PRICE_RISE.size * np.exp(-since / 40.0), 0.0)
    felt = shock * people.price_care[placed.person] + np.where(placed.discount > 0, 0.1, 0.0)
    return np.asarray(felt + np.where(placed.discount_lost, -1.35, 0.0), dtype=np.float64)


def _support(contact: Contact) -> Floats:
    wait = np.clip(-0.26 * np.log2(np.maximum(contact.response, 20) / 90), -1.0, 0.4)
    felt = wait + np.where(contact.resolved, 0.18, -0.85) + np.where(contact.repeated, -0.55, 0.0) + AGENT_TONE[contact.agent]
    return np.asarray(np.where(contact.at < NEVER, felt, 0.0), dtype=np.float64)


def _staff(season: Season, placed: Placed) -> Floats:
    busy = np.clip(season.demand[placed.day] - 1.2, 0, 1.5)
    return np.asarray(_TONE[placed.branch] - 0.26 - 0.22 * busy, dtype=np.float64)


def _checkout(placed: Placed) -> Floats:
    by_device = np.array([0.02, -0.22, -0.3, 0.0])[placed.device]
    better = np.where((placed.device == 2) & APP_VERSION.active(placed.day), APP_VERSION.size, 0.0)
    return np.asarray(by_device + better + np.where(placed.discount_lost, -1.4, 0.0), dtype=np.float64)


def bond_after(bond: Floats, felt: Feelings) -> Floats:
    """The bond a customer keeps after an order: bad experiences weigh about twice as much as good ones."""
    change = np.where(felt.overall > 0, 0.14, 0.27) * felt.overall
    return np.asarray(np.clip(bond + change, -2.6, 2.4), dtype=np.float64)


def ratings(rng: Generator, bond: Floats, episode: Episode, feelings: Feelings) -> dict[str, Ints]:
    """Stars from 1 to 5 that each customer would give to the parts of an order, by item code."""
    way, size = episode.delivery, len(bond)
    late = np.where(way.days_late > 0, -1.1 - 0.2 * np.minimum(way.days_late, 6), np.where(way.days_taken < 1.6, 0.25, 0.0))
    latent = {
        "delivery_time": late,
        "packaging": 0.2 + np.where(way.damaged, -2.0, 0.0),
        "product_quality": 0.2 + 1.3 * feelings.quality - np.where(way.damaged | way.wrong, 0.5, 0.0),
        "value": 1.1 * feelings.value - 0.3,
        "courier": 0.3 + np.where(way.courier_bad, -1.8, 0.0),
        "staff": feelings.staff + 0.25,
    }
    return {item: graded(0.28 * bond + value + rng.normal(0, 0.6, size), CSAT_CUTS) + 1 for item, value in latent.items()}
