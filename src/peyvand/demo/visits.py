"""What happens without an order: searches, product views and carts (a thin sample), branch visits, questions by phone."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import Bools, Floats, Generator, Ints, chosen, flags
from peyvand.demo.assortment import PRODUCTS
from peyvand.demo.orders import Placed
from peyvand.demo.people import CAST_SIZE, People
from peyvand.demo.seasons import Season, moments, next_open
from peyvand.demo.world import BRANCHES

NOBODY: Final = -1
VISIT, SEARCH, VIEW, CART, BRANCH, CALL = range(6)
# How many of each kind for every customer of the brand
_PER_CUSTOMER: Final = np.array([0.24, 0.1, 0.17, 0.1, 0.07, 0.05])
_KNOWN: Final = np.array([0.42, 0.42, 0.45, 0.62, 0.3, 1.0])
QUERIES: Final = (
    ("سرویس چای", 14),
    ("ماگ فیروزه ای", 6),
    ("گلدان", 22),
    ("دیزی", 5),
    ("سرویس غذاخوری ۲۴ پارچه", 0),
    ("قوری", 7),
    ("کاسه آش", 4),
    ("هفت سین", 9),
    ("کادو زیر ۵۰۰", 0),
    ("بشقاب گل سرخ", 0),
    ("ماگ با اسم", 3),
    ("فنجان اسپرسو", 4),
    ("آجیل خوری", 5),
    ("تابه سفالی", 0),
    ("قابلمه سفالی", 3),
    ("شمعدان", 4),
    ("گلدان بزرگ", 6),
    ("چینی", 31),
    ("پارچ و لیوان", 0),
    ("سبزه", 3),
    ("عودسوز", 2),
    ("کاشی", 4),
    ("ظرف فر", 3),
    ("لیوان دسته دار", 0),
    ("tea set", 8),
    ("mug", 17),
)


@dataclass(frozen=True)
class Visits:
    """One row a visit; `person` is NOBODY for a passer-by, who then has a device of their own on the web."""

    kind: Ints
    person: Ints
    at: Ints
    branch: Ints
    device: Ints
    product: Ints
    query: Ints
    found: Bools
    seconds: Floats


def wandering(rng: Generator, season: Season, people: People, placed: Placed) -> Visits:
    """Visits over the window: a sample of everybody, carts left when the discount vanished, one visit of each who never bought."""
    counts = np.maximum(1, (_PER_CUSTOMER * len(people)).astype(np.int64))
    kind = np.repeat(np.arange(len(counts)), counts)
    anyone = rng.integers(min(CAST_SIZE, len(people) - 1), len(people), len(kind))
    person = np.where(flags(rng, _KNOWN[kind], len(kind)), anyone, NOBODY)
    days = season.day_of(rng.random(len(kind)) * season.span)
    upset = np.flatnonzero(placed.discount_lost & flags(rng, 0.35, len(placed.person)))
    lookers = np.flatnonzero(~people.buyer)
    kind = np.concatenate([kind, np.full(len(upset), CART), rng.choice([VISIT, BRANCH, CALL], len(lookers), p=[0.45, 0.3, 0.25])])
    person = np.concatenate([person, placed.person[upset], lookers])
    days = np.concatenate([days, placed.day[upset], season.day_of(people.start[lookers])])
    return _described(rng, season, people, (kind, person, days))


def _described(rng: Generator, season: Season, people: People, rows: tuple[Ints, Ints, Ints]) -> Visits:
    kind, person, days = rows
    size = len(kind)
    days = np.where(kind == BRANCH, np.minimum(next_open(season, days, season.closed), len(season.dates) - 1), days)
    by_place = [moments(rng, season, days, place) for place in ("store", "phone", "online")]
    known, row = person != NOBODY, np.maximum(person, 0)
    return Visits(
        kind=kind,
        person=person,
        at=np.select([kind == BRANCH, kind == CALL], by_place[:2], by_place[2]),
        branch=np.where(known, people.branch[row], rng.integers(0, len(BRANCHES), size)),
        device=np.where(known, people.device[row], chosen(rng, (0.3, 0.62, 0.08), size)),
        product=chosen(rng, [p.weight for p in PRODUCTS], size),
        query=rng.integers(0, len(QUERIES), size),
        found=flags(rng, 0.71, size),
        seconds=np.exp(rng.normal(4.6, 0.8, size)),
    )
