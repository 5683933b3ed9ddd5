"""What is bought, where and for how much: one row an order. Used by `course`."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import Bools, Floats, Generator, Ints, chosen_by_row, flags
from peyvand.demo.assortment import CATEGORY_OF, PRODUCTS
from peyvand.demo.causes import DISCOUNT_BUG, PRICE_RISE
from peyvand.demo.firms import BULK
from peyvand.demo.people import People
from peyvand.demo.seasons import Season, moments

NO_DEVICE: Final = 3
MAX_LINES: Final = 3
FRAGILE: Final = np.array([CATEGORY_OF[p.category].fragile for p in PRODUCTS])
_PRICES: Final = np.array([p.price for p in PRODUCTS], dtype=np.float64)
# How pieces turn out against what the photo promised; most are fair, a few please or disappoint
_FINISH: Final[dict[str, float]] = {
    "name-mug": -0.45,
    "fish-bowl": -0.3,
    "mirror-frame": -0.25,
    "khak-mug": 0.3,
    "abi-mug": 0.25,
    "dizi-set-4": 0.3,
    "anar-bowl": 0.2,
    "tile-set-9": 0.25,
}
PRODUCT_FINISH: Final = np.array([_FINISH.get(p.code, 0.0) for p in PRODUCTS])


@dataclass(frozen=True)
class Placed:
    """Orders as placed. `products` and `quantities` have three columns; column 0 is the main line, quantity 0 means no line."""

    person: Ints
    day: Ints
    at: Ints
    store: Bools
    named: Bools
    branch: Ints
    device: Ints
    products: Ints
    quantities: Ints
    amount: Floats
    discount: Floats
    discount_lost: Bools


def place_orders(rng: Generator, season: Season, people: People, person: Ints, days: Ints) -> Placed:
    """One order for each customer of `person` on the day beside."""
    size = len(person)
    share = season.store_share[days] / season.store_share.mean()
    store = flags(rng, np.clip(people.store_liking[person] * share, 0, 0.97), size) & ~season.closed[days]
    products, quantities = _baskets(rng, season, days)
    quantities *= BULK[people.firm[person]][:, None]
    price = _PRICES * 1.0
    level = np.where(PRICE_RISE.active(days), 1.17, 1.0)
    gross = (price[products] * quantities).sum(axis=1) * level
    discounted = flags(rng, np.where(store, 0.1, 0.22), size)
    web = ~store & (people.device[person] != 2)
    lost = DISCOUNT_BUG.active(days) & web & flags(rng, DISCOUNT_BUG.size, size)
    rate = np.where(discounted | lost, rng.choice([0.1, 0.15, 0.2], size), 0.0)
    discount = np.where(lost, 0.0, np.round(gross * rate, -4))
    at = np.where(store, moments(rng, season, days, "store"), moments(rng, season, days, "online"))
    return Placed(
        person=person,
        day=days,
        at=at,
        store=store,
        named=~store | flags(rng, 0.86, size),
        branch=people.branch[person],
        device=np.where(store, NO_DEVICE, people.device[person]),
        products=products,
        quantities=quantities,
        amount=np.round(gross, -4) - discount,
        discount=discount,
        discount_lost=lost,
    )


def _baskets(rng: Generator, season: Season, days: Ints) -> tuple[Ints, Ints]:
    """Up to three different lines, by season: haft-sin before Nowruz, pomegranates before Yalda."""
    weights = np.array([p.weight for p in PRODUCTS])
    tables = []
    for nowruz, yalda in ((0.02, 0.05), (3.2, 0.02), (0.03, 3.0)):
        scale = np.array([nowruz if p.category == "haftsin" else yalda if p.category == "yalda" else 1.0 for p in PRODUCTS])
        tables.append(np.cumsum(weights * scale))
    kind = np.where(season.nowruz[days], 1, np.where(season.yalda[days], 2, 0))
    cumulative = np.stack(tables)
    products = np.stack([chosen_by_row(rng, cumulative, kind) for _ in range(MAX_LINES)], axis=1)
    lines = 1 + rng.binomial(MAX_LINES - 1, 0.27, len(days))
    quantities = np.where(_PRICES[products] < 6e6, 1 + rng.binomial(3, 0.16, products.shape), 1)
    quantities[np.arange(MAX_LINES)[None, :] >= lines[:, None]] = 0
    for column in range(1, MAX_LINES):
        same = (products[:, :column] == products[:, column : column + 1]).any(axis=1)
        quantities[same, column] = 0
    return products.astype(np.int64), quantities.astype(np.int64)
