"""What a customer talks about: topics, slots and reasons of one answer, from what really happened. Used by `survey_items`."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from peyvand.demo.arrays import DAY
from peyvand.demo.asking import DELIVERY, RETURNS, STORE, SUPPORT
from peyvand.demo.assortment import PRODUCTS, Product
from peyvand.demo.causes import APP_VERSION, CARRIER_CHANGE, EVENING_SHIFT, ISFAHAN_DESK, PORCELAIN_BOX
from peyvand.demo.course import History
from peyvand.demo.deliveries import CARRIER_CODES, NEVER
from peyvand.demo.people import People
from peyvand.demo.seasons import Season
from peyvand.demo.staff import AGENTS, SELLERS
from peyvand.demo.telling import weekday_name
from peyvand.demo.wording import BAD, MIXED, PRAISED, Occasion, Topic, spoken_minutes, spoken_number
from peyvand.demo.world import BRANCHES, CARRIERS, CITIES

REASON_OF: Final[dict[str, str]] = {
    "late": "late",
    "fast": "late",
    "carrier": "late",
    "no_notice": "no_notice",
    "courier": "courier",
    "wrong_item": "other",
    "breakage": "packaging",
    "broken_set": "packaging",
    "new_box": "packaging",
    "packaging": "packaging",
    "quality": "quality",
    "looks": "quality",
    "haftsin": "quality",
    "yalda": "quality",
    "gift": "quality",
    "drink": "quality",
    "tableware": "quality",
    "dining": "quality",
    "cooking": "quality",
    "vase": "quality",
    "name": "quality",
    "price": "price",
    "discount": "price",
    "support": "support",
    "repeat": "support",
    "phone_wait": "support",
    "chat_wait": "support",
    "slow_evening": "support",
    "new_shift": "support",
    "support_wait": "support",
    "returns": "returns",
    "second_desk": "returns",
    "seller": "branch",
    "site": "site",
    "app": "site",
    "stock": "other",
    "general": "other",
}
_ISFAHAN: Final = next(i for i, b in enumerate(BRANCHES) if b.code == "isfahan")
Weighted = list[tuple[Topic, float]]
# What each family of goods is used for, and so what is said of it
_USE: Final[dict[str, tuple[str, ...]]] = {
    "porcelain_tea": ("drink", "tableware"),
    "porcelain_dinner": ("tableware", "dining"),
    "mugs": ("drink", "tableware"),
    "bowls": ("tableware", "dining"),
    "serving": ("tableware", "dining"),
    "cookware": ("cooking",),
    "vases": ("vase",),
}
# What people complain of when nothing went plainly wrong
_UNCLEAR: Final[Weighted] = [(("general", BAD), 1.6), (("price", BAD), 1.1), (("quality", BAD), 0.8), (("looks", BAD), 0.4)]


@dataclass(frozen=True)
class Voices:
    """Finds the words' material for answers about the orders of one history."""

    season: Season
    people: People
    history: History

    def occasion(self, chance: random.Random, survey: int, row: int, level: int) -> Occasion:
        """What to say about order `row` in a survey; `level` −1 unhappy, 0 in between, 1 happy."""
        weighted = self._topics(survey, row, level)
        topics: list[Topic] = []
        while weighted and len(topics) < 3:
            at = chance.choices(range(len(weighted)), [w for _, w in weighted])[0]
            topics.append(weighted.pop(at)[0])
        person = int(self.history.episode.placed.person[row])
        english = bool(self.people.english[person])
        register = "e" if english else "c" if self.people.colloquial[person] else "f"
        tone = (BAD, MIXED, PRAISED)[level + 1]
        return Occasion(_general_last(topics), self.slots(row, english=english), register, bool(self.people.careless[person]), tone)

    def _topics(self, survey: int, row: int, level: int) -> Weighted:
        sources: dict[int, Callable[[int], Weighted]] = {
            SUPPORT: self._support,
            STORE: self._store,
            RETURNS: self._returns,
            DELIVERY: self._delivery,
        }
        found = sources[survey](row) if survey in sources else []
        bad = [t for t in found if t[0][1] == BAD]
        good = [t for t in found if t[0][1] == PRAISED]
        mixed = [t for t in found if t[0][1] == MIXED]
        if level < 0:
            clear = sum(weight for _, weight in bad) >= 1
            return bad if clear else [*bad, *_UNCLEAR]
        if level > 0:
            return [*good, (("general", PRAISED), 0.5 if survey == SUPPORT else 1.4)]
        return [*mixed, *((topic, w * 0.25) for topic, w in bad), *((topic, w * 0.2) for topic, w in good), (("general", MIXED), 1.2)]

    def _delivery(self, row: int) -> Weighted:
        e, f = self.history.episode, self.history.feelings
        way, placed = e.delivery, e.placed
        product = PRODUCTS[int(placed.products[row, 0])]
        category = product.category
        late = bool(way.days_late[row])
        new_carrier = CARRIER_CODES[int(way.carrier[row])] == "rahvand" and bool(CARRIER_CHANGE.active(placed.day[row : row + 1])[0])
        new_box = bool(PORCELAIN_BOX.active(placed.day[row : row + 1])[0]) and category.startswith("porcelain")
        quality, value = float(f.quality[row]), float(f.value[row])
        in_app, new_app = int(placed.device[row]) == 2, bool(APP_VERSION.active(placed.day[row : row + 1])[0])
        found = [
            ("late", BAD, 3.0 * late),
            ("late", MIXED, 2.4 * late),
            ("carrier", BAD, 1.3 * (late and new_carrier)),
            ("no_notice", BAD, 1.6 * bool(way.no_notice[row])),
            ("courier", BAD, 2.2 * bool(way.courier_bad[row])),
            ("breakage", BAD, 3.6 * bool(way.damaged[row])),
            ("breakage", MIXED, 1.5 * bool(way.damaged[row])),
            ("broken_set", BAD, 3.0 * (bool(way.damaged[row]) and category.startswith("porcelain"))),
            ("new_box", BAD, 1.6 * (bool(way.damaged[row]) and new_box)),
            ("wrong_item", BAD, 4.0 * bool(way.wrong[row])),
            ("discount", BAD, 3.4 * bool(placed.discount_lost[row])),
            ("discount", MIXED, 2.0 * bool(placed.discount_lost[row])),
            ("quality", BAD, max(0.0, -quality * 2.0 - 0.3)),
            ("looks", BAD, max(0.0, -quality * 1.2 - 0.3)),
            *_made(product, quality),
            ("price", BAD, max(0.0, -value * 1.5)),
            ("price", MIXED, 0.5 + max(0.0, -value)),
            ("quality", MIXED, 0.8),
            ("stock", MIXED, 0.4),
            ("site", MIXED, 0.25),
            ("gift", BAD, 0.04),
            ("late", PRAISED, 1.0 * (not late)),
            ("fast", PRAISED, 1.5 * (not late and bool(way.days_taken[row] < 1.7))),
            ("no_notice", PRAISED, 0.5 * (not late)),
            ("courier", PRAISED, 0.6 * (not way.courier_bad[row])),
            ("packaging", PRAISED, 1.0 * (not way.damaged[row])),
            ("quality", PRAISED, 2.0 + max(0.0, quality * 3)),
            ("looks", PRAISED, 0.5),
            ("gift", PRAISED, 0.5),
            ("price", PRAISED, 0.5 + 0.8 * bool(placed.discount[row] > 0)),
            ("site", PRAISED, 0.4),
            ("haftsin", PRAISED, 3.0 * (category == "haftsin")),
            ("yalda", PRAISED, 3.0 * (category == "yalda")),
            ("app", PRAISED, 1.2 * (in_app and new_app)),
            ("app", BAD, 0.5 * (in_app and not new_app)),
        ]
        support = [(t, w * 0.6) for t, w in self._support(row)] if e.contact.at[row] < NEVER else []
        return [*_likely(found), *support]

    def _support(self, row: int) -> Weighted:
        c = self.history.episode.contact
        minutes, chat, evening = float(c.response[row]) / 60, bool(c.chat[row]), bool(c.evening[row])
        shift = bool(EVENING_SHIFT.active(self.history.episode.placed.day[row : row + 1])[0])
        slow, quick = minutes > 3.5, minutes < 1.6
        solved = bool(c.resolved[row])
        return _likely(
            [
                ("support", PRAISED, 2.0 * solved),
                ("support", BAD, 3.0 * (not solved)),
                ("support", MIXED, 1.0),
                ("repeat", BAD, 3.0 * bool(c.repeated[row])),
                ("chat_wait", BAD, 2.0 * (slow and chat)),
                ("phone_wait", BAD, 2.0 * (slow and not chat)),
                ("slow_evening", BAD, 1.5 * (slow and evening and not shift)),
                ("support_wait", PRAISED, 1.0 * quick),
                ("new_shift", PRAISED, 1.0 * (quick and evening and shift)),
            ]
        )

    def _store(self, row: int) -> Weighted:
        f = self.history.feelings
        staff, quality = float(f.staff[row]), float(f.quality[row])
        return _likely(
            [
                ("seller", PRAISED, 2.2),
                ("seller", BAD, max(0.6, 1.0 - 2 * staff)),
                ("seller", MIXED, 1.5),
                *_made(PRODUCTS[int(self.history.episode.placed.products[row, 0])], quality),
                ("quality", PRAISED, 0.8),
                ("quality", BAD, max(0.0, -quality)),
                ("price", BAD, 0.7),
                ("price", MIXED, 0.6),
                ("stock", MIXED, 0.5),
                ("price", PRAISED, 0.3),
                ("gift", PRAISED, 0.2),
            ]
        )

    def _returns(self, row: int) -> Weighted:
        back = self.history.episode.returned
        slow = bool(back.wait[row] > 20)
        second = int(self.history.episode.placed.branch[row]) == _ISFAHAN and bool(
            ISFAHAN_DESK.active(self.season.day_number(back.at[row : row + 1]))[0]
        )
        return _likely(
            [
                ("returns", BAD, 3.0 if slow else 1.2),
                ("returns", MIXED, 1.0),
                ("returns", PRAISED, 1.5 * (not slow)),
                ("second_desk", PRAISED, 2.0 * (second and not slow)),
                ("second_desk", MIXED, 1.0 * second),
            ]
        )

    def slots(self, row: int, *, english: bool = False) -> dict[str, str]:
        """Words for the slots of sentences about this order; only what is true of it."""
        e = self.history.episode
        placed, contact, back = e.placed, e.contact, e.returned
        branch, product = BRANCHES[int(placed.branch[row])], PRODUCTS[int(placed.products[row, 0])]
        filled = {"product": _english_name(product) if english else product.spoken, "branch": branch.en if english else branch.fa}
        if placed.store[row]:
            filled["seller"] = SELLERS[branch.code][row % 2][2 if english else 1].split()[0]
        else:
            filled["city"] = CITIES[int(e.delivery.city[row])].fa
        minutes = in_english if english else spoken_minutes
        if contact.at[row] < NEVER:
            agent = AGENTS[int(contact.agent[row])]
            filled["agent"] = (agent.latin if english else agent.name).split()[0]
            if contact.response[row] > 150:
                filled["wait"] = minutes(float(contact.response[row]) / 60)
        if back.at[row] < NEVER and back.wait[row] > 14:
            filled["queue"] = minutes(float(back.wait[row]))
        if e.delivery.days_late[row]:
            filled |= self._lateness(row, english=english)
        return filled

    def _lateness(self, row: int, *, english: bool) -> dict[str, str]:
        way = self.history.episode.delivery
        late, days = int(way.days_late[row]), round(float(way.days_taken[row]))
        if english:
            return {"late": "a day" if late == 1 else f"{late} days"}
        filled = {"late": f"{spoken_number(min(late, 40))} روز", "carrier": CARRIERS[CARRIER_CODES[int(way.carrier[row])]]["fa"]}
        if late < 6:
            filled["promised"] = self._weekday(int(way.promised[row]))
            filled["arrived"] = self._weekday((int(way.at[row]) - int(self.season.midnight(0))) // DAY)
        if 4 <= days < 30:
            filled["days"] = f"{spoken_number(days)} روز"
        return filled

    def _weekday(self, day: int) -> str:
        return weekday_name(self.season.first + timedelta(days=day))


def _made(product: Product, quality: float) -> list[tuple[str, str, float]]:
    """What is said of a piece in use, by how it turned out."""
    uses = ("name",) if product.code == "name-mug" else _USE.get(product.category, ())
    found = [(use, PRAISED, 1.0 + max(0.0, quality * 2)) for use in uses]
    return found + [(use, BAD, max(0.0, -quality * 2.2 - 0.3)) for use in uses]


def _general_last(topics: list[Topic]) -> list[Topic]:
    return sorted(topics, key=lambda topic: topic[0] == "general")


def _likely(found: list[tuple[str, str, float]]) -> Weighted:
    return [((topic, tone), weight) for topic, tone, weight in found if weight > 0.02]


def in_english(minutes: float) -> str:
    """Minutes as an English comment says them."""
    return f"{max(2, round(minutes))} minutes"


def _english_name(product: Product) -> str:
    return product.en.split(",")[0].lower()
