"""What a small shop's customers did in two years, as items: the tile that large_records records once and copies many times.

Whatever tells a copy from another carries MARK, which a copy replaces by its own number: own ids, phones, addresses, orders.
"""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Final

from peyvand.core import clock
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject

MARK: Final = "000x"
DAYS: Final = 730
STEADY: Final = 30  # interactions of the second customer
FIRST: Final = "علی رضا مریم زهرا محمد حسین فاطمه سارا امیر مهدی نرگس پریسا کیان آرش آیدا بهرام شیرین فرهاد گلناز لیلا".split()
LAST: Final = (
    "محمدی حسینی رضایی کریمی موسوی احمدی جعفری صادقی رحیمی قاسمی ابراهیمی نوری اکبری شریفی مرادی پورمند آذری فرهمند یزدانی گلستانی"
).split()
VISITS: Final = (("site.visited", 34), ("product.viewed", 26), ("order.placed", 22), ("call.ended", 7), ("survey.answered", 11))
KINDS: Final = tuple(kind for kind, share in VISITS for _ in range(share))
WORDS: Final = ("بسته دیر رسید و کسی جواب نداد.", "از برخورد همکارتان ممنونم.", "کیفیت خوب بود اما گران است.", "دوباره می‌خرم.")


def identities(who: int, mark: str = MARK) -> list[IdentityIn]:
    """The ways one customer is known, strongest first; the copy's number stands inside the phone."""
    own = IdentityIn("own_id", f"c{mark}{who}")
    phone = IdentityIn("phone", f"+9891{mark[:3]}{who:05d}")
    email = IdentityIn("email", f"m{mark}{who}@post.example")
    return ([own, phone], [phone], [phone, email], [own, email])[who % 4]


def items(people: int, count: int, heavy: int, until: dt.datetime) -> list[Item]:
    """So many items of so many customers in the order they happened: `heavy` of the first customer, 30 of the second, most of a few."""
    chance = clock.random(people)
    whose = [*range(people), *[0] * (heavy - 1), *[1] * (STEADY - 1)]
    rest = count - len(whose)
    whose += [2 + int((people - 2) * chance.random() ** 2.5) for _ in range(rest)]
    chance.shuffle(whose)
    begin, step = until - dt.timedelta(days=DAYS), dt.timedelta(days=DAYS) / count
    seen: set[int] = set()
    orders: dict[int, str] = {}
    made = []
    for n, who in enumerate(whose):
        known = identities(who)
        named = known if who not in seen else [chance.choice(known)]
        customer = CustomerIn(identities=named, name="" if who in seen or who % 7 == 6 else _name(who))
        seen.add(who)
        made.append(_item(n, begin + step * n, customer, orders, who, chance))
    return made


def _name(who: int) -> str:
    return f"{FIRST[who % len(FIRST)]} {LAST[who // len(FIRST) % len(LAST)]}"


def _item(n: int, at: dt.datetime, customer: CustomerIn, orders: dict[int, str], who: int, chance: random.Random) -> Item:
    kind = chance.choice(KINDS)
    if kind == "order.placed" and who in orders:
        kind = "order.delivered"
    item = Item(kind=kind, occurred_at=at, customer=customer, source="site", external_id=f"r{n}")
    if kind in {"site.visited", "product.viewed"}:
        item.product = f"sku-{chance.randrange(300)}" if kind == "product.viewed" else ""
        item.properties = {"url": f"/p/{chance.randrange(900)}", "title": "فروشگاه"} if not item.product else {"sku": item.product}
        item.device = chance.choice(("mobile", "desktop"))
        return item
    item.source, item.external_id, item.channel = "shop", f"s{n}", chance.choice(("web", "store", "phone"))
    {"call.ended": _call, "survey.answered": _answer}.get(kind, _order)(item, n, orders, who, chance)
    return item


def _call(item: Item, n: int, _orders: dict[int, str], _who: int, chance: random.Random) -> None:
    item.channel, item.employee = "phone", f"agent-{chance.randrange(40)}"
    item.duration_s, item.response_s = float(chance.randrange(20, 900)), float(chance.randrange(2, 120))
    item.properties = {"direction": "in", "reason": "پیگیری سفارش", "outcome": "solved", "resolved": n % 5 > 0}


def _answer(item: Item, n: int, orders: dict[int, str], who: int, chance: random.Random) -> None:
    item.perceptions = list(_felt(n, chance))
    item.touchpoint = "delivery"
    if who in orders:
        item.subject = Subject("order", orders[who])


def _felt(n: int, chance: random.Random) -> Iterator[PerceptionIn]:
    score = min(5, 1 + int(5 * chance.random() ** 0.6))
    yield PerceptionIn("csat", value=score, text=WORDS[score % len(WORDS)] if n % 3 == 0 else "")
    if n % 2:
        yield PerceptionIn("nps", value=chance.randint(2, 5) + score)
        yield PerceptionIn("csat", value=score, item="packing")


def _order(item: Item, n: int, orders: dict[int, str], who: int, chance: random.Random) -> None:
    item.branch = f"branch-{chance.randrange(20)}"
    if item.kind == "order.delivered":
        item.subject = Subject("order", orders.pop(who))
        item.properties = {"late": n % 9 == 0, "days": chance.randint(1, 6), "city": "تهران"}
        if n % 3 == 0:
            item.perceptions = [PerceptionIn("ces", value=chance.randint(3, 7))]
        return
    orders[who] = f"o{MARK}{n}"
    item.subject, item.product = Subject("order", orders[who]), f"sku-{chance.randrange(300)}"
    item.amount, item.currency = 10_000 * chance.randint(20, 900), "IRR"
    item.properties = {"number": orders[who], "status": "paid"}
