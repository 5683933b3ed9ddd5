"""What the makers of items share: the whole simulated story, order numbers, times and customers as the timeline wants them."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import numpy as np

from peyvand.core import clock
from peyvand.demo.arrays import Bools, Floats, Ints
from peyvand.demo.course import History
from peyvand.demo.firms import FIRMS, NOBODY
from peyvand.demo.orders import MAX_LINES
from peyvand.demo.people import People
from peyvand.demo.seasons import ZONE, Season
from peyvand.demo.visits import Visits
from peyvand.demo.world import CITIES
from peyvand.timeline.types import CompanyIn, ConsentIn, CustomerIn, IdentityIn

FIRST_NUMBER: Final = 481_203
WEEKDAYS: Final = ("یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه")


@dataclass(frozen=True)
class Story:
    """One simulated brand in arrays, ready to be told item by item."""

    seed: int
    season: Season
    people: People
    history: History
    visits: Visits
    ratings: dict[str, Ints]
    numbers: list[str]
    products: list[str]
    first_order: Bools
    identities: dict[int, list[IdentityIn]] = field(default_factory=dict)

    def chance(self, what: str, row: int) -> random.Random:
        """A generator that belongs to one thing, so that its words do not depend on what was told before."""
        return clock.random(f"{self.seed} {what} {row}")

    def order_number(self, row: int) -> str:
        """The order number customers and staff know."""
        return self.numbers[row]

    def number_after(self, steps: int) -> str:
        """A number beyond those of all simulated orders."""
        return str(FIRST_NUMBER + len(self.numbers) + steps)

    def product(self, row: int) -> str:
        """Code of the main product of an order."""
        return self.products[row]

    def lines(self, row: int) -> list[tuple[int, int]]:
        """Product index and quantity of each line of an order."""
        placed = self.history.episode.placed
        pairs = [(int(placed.products[row, column]), int(placed.quantities[row, column])) for column in range(MAX_LINES)]
        return [(product, quantity) for product, quantity in pairs if quantity]

    def known_by(self, person: int) -> list[IdentityIn]:
        """All identities of a customer, strongest first."""
        if person not in self.identities:
            self.identities[person] = [IdentityIn(type=kind, value=value) for kind, value in self.people.identities(person)]
        return self.identities[person]

    def customer(self, person: int, *preferred: str) -> CustomerIn:
        """A customer as one channel knows them: by the first preferred identity they have, else by their strongest."""
        known = self.known_by(person)
        chosen = next((i for kind in preferred for i in known if i.type == kind), known[0])
        return CustomerIn(identities=[chosen], company=self.company(person))

    def introduced(self, person: int) -> CustomerIn:
        """A customer at a first order: all identities, name, city and what they agreed to."""
        surveys, chance = not self.people.no_surveys[person], self.chance("consent", person)
        ways = [w for w, has in (("sms", self.people.has_phone[person]), ("email", self.people.has_email[person])) if has]
        consents = [ConsentIn(purpose="survey", channel=way, granted=surveys) for way in ways]
        consents += [ConsentIn(purpose="marketing", channel=way, granted=chance.random() < 0.55) for way in ways]
        return CustomerIn(
            identities=list(self.known_by(person)),
            name=self.people.name(person),
            language=self.language(person),
            attributes={"city": CITIES[int(self.people.city[person])].fa},
            consents=consents,
            company=self.company(person),
        )

    def company(self, person: int) -> CompanyIn | None:
        """The company a customer buys for."""
        firm = int(self.people.firm[person])
        return FIRMS[firm].told if firm != NOBODY else None

    def language(self, person: int) -> str:
        """The language a customer writes in."""
        return "en" if self.people.english[person] else "fa"


def moment(seconds: float) -> datetime:
    """A time of the simulation as an aware datetime of the brand's zone."""
    return datetime.fromtimestamp(int(seconds), ZONE)


def weekday_name(day: date) -> str:
    """The Persian name of a day of the week."""
    return WEEKDAYS[day.toordinal() % 7]


def ranks(times: Ints | Floats) -> Ints:
    """The place of each row in time, ties in row order."""
    order = np.argsort(times, kind="stable")
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places
