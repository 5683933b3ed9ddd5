"""The customers of the simulated brand as arrays: who they are, how they can be reached, and their hidden dispositions."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.demo.arrays import Bools, Floats, Generator, Ints, chosen, flags
from peyvand.demo.causes import SILENT_BOND, SILENT_SHARE
from peyvand.demo.firms import firms_of
from peyvand.demo.names import EMAIL_DOMAINS, EMAIL_WEIGHTS, FIRST_NAMES, LAST_NAMES, email_address, phone_number
from peyvand.demo.seasons import Season
from peyvand.demo.world import BRANCHES, CITIES

DEVICE_CODES: Final = ("desktop", "mobile", "app")
# The people whose last days are told by hand in `cast`: name, city, device
CAST: Final = (
    ("نگار صبوری‌فر", "tehran", 1),
    ("کیوان دهناد", "karaj", 1),
    ("مینا گل‌آرا", "tehran", 2),
    ("بهنام تیموری‌راد", "tehran", 0),
    ("فرزاد آبگون", "isfahan", 1),
    ("رؤیا کهن‌دژ", "shiraz", 1),
    ("آرش نیلوفری", "tehran", 2),
    ("پریسا تندر", "mashhad", 0),
    ("الهام سروستان", "rasht", 1),
)
CAST_SIZE: Final = len(CAST)
_BRANCH_INDEX: Final = {branch.code: i for i, branch in enumerate(BRANCHES)}
CITY_BRANCH: Final = np.array([_BRANCH_INDEX[city.branch] for city in CITIES])
_HAS_SHOP: Final = np.array([any(branch.city == city.code for branch in BRANCHES) for city in CITIES])


@dataclass(frozen=True)
class People:
    """One row a customer. The first `CAST_SIZE` rows are the people whose last days are told by hand in `cast`."""

    first: Ints
    last: Ints
    city: Ints
    branch: Ints
    firm: Ints
    has_phone: Bools
    has_email: Bools
    has_own_id: Bools
    device: Ints
    store_liking: Floats
    buyer: Bools
    start: Floats
    rate: Floats
    bond: Floats
    silent: Bools
    eagerness: Floats
    price_care: Floats
    colloquial: Bools
    english: Bools
    careless: Bools
    no_surveys: Bools

    def __len__(self) -> int:
        return len(self.city)

    def name(self, person: int) -> str:
        """Full name as written in Persian."""
        if person < CAST_SIZE:
            return CAST[person][0]
        return f"{FIRST_NAMES[self.first[person]][0]} {LAST_NAMES[self.last[person]]}"

    def phone(self, person: int) -> str | None:
        """E.164 mobile number, if the customer gave one."""
        return phone_number(person + 1) if self.has_phone[person] else None

    def email(self, person: int) -> str | None:
        """E-mail address, if the customer gave one."""
        if not self.has_email[person]:
            return None
        domain = EMAIL_DOMAINS[int(np.searchsorted(np.cumsum(EMAIL_WEIGHTS), (person * 0.618) % 1.0))]
        return email_address(FIRST_NAMES[self.first[person]][1], person, domain)

    def own_id(self, person: int) -> str | None:
        """The brand's own number of an account holder."""
        return f"S-{100_000 + person * 7}" if self.has_own_id[person] else None

    def identities(self, person: int) -> list[tuple[str, str]]:
        """All identities of one customer, strongest first."""
        pairs = (("own_id", self.own_id(person)), ("phone", self.phone(person)), ("email", self.email(person)))
        return [(kind, value) for kind, value in pairs if value is not None]

    def device_id(self, person: int) -> str:
        """The browser or phone they use the shop with."""
        return f"dev-{(person * 2_654_435_761 + 97) % 2**40:010x}"


def population(rng: Generator, season: Season, size: int) -> People:
    """Draw `size` customers; the same generator state gives the same people."""
    has_phone = flags(rng, 0.9, size)
    has_email = np.where(has_phone, flags(rng, 0.4, size), flags(rng, 0.93, size))
    city = chosen(rng, [c.share for c in CITIES], size)
    silent = flags(rng, SILENT_SHARE, size)
    older = flags(rng, 0.3, size)
    rate = rng.gamma(2.2, 1 / 2.2, size) / 62.0
    start = np.where(older, rng.exponential(1.3, size) / rate, rng.random(size) * season.span)
    start = np.where(start >= season.span, rng.random(size) * season.span, start)
    people = People(
        first=rng.integers(0, len(FIRST_NAMES), size),
        last=rng.integers(0, len(LAST_NAMES), size),
        city=city,
        branch=_home_branch(rng, city),
        firm=firms_of(city, CAST_SIZE),
        has_phone=has_phone,
        has_email=has_email,
        has_own_id=flags(rng, 0.36, size) | (~has_phone & ~has_email),
        device=chosen(rng, (0.24, 0.5, 0.26), size),
        store_liking=np.where(_HAS_SHOP[city], rng.beta(0.7, 1.7, size), 0.0),
        buyer=flags(rng, 0.91, size),
        start=start,
        rate=rate,
        bond=rng.normal(0.06, 0.75, size) + np.where(silent, SILENT_BOND, 0.18),
        silent=silent,
        eagerness=rng.beta(4.0, 3.0, size),
        price_care=rng.gamma(2.0, 0.5, size),
        colloquial=flags(rng, 0.64, size),
        english=flags(rng, 0.018, size),
        careless=flags(rng, 0.05, size),
        no_surveys=flags(rng, 0.035, size),
    )
    return _with_cast(people, season)


def _home_branch(rng: Generator, city: Ints) -> Ints:
    """The branch each customer goes to; people of Tehran are shared by Vanak and the Bazaar."""
    branch = CITY_BRANCH[city].copy()
    in_tehran = city == 0
    branch[in_tehran] = np.where(flags(rng, 0.44, int(in_tehran.sum())), _BRANCH_INDEX["bazaar"], _BRANCH_INDEX["vanak"])
    return np.asarray(branch, dtype=np.int64)


def _with_cast(people: People, season: Season) -> People:
    """Give the hand-told customers their city, a phone, and some years with the brand."""
    cast = slice(0, CAST_SIZE)
    codes = [city.code for city in CITIES]
    people.city[cast] = [codes.index(city) for _, city, _ in CAST]
    people.branch[cast] = CITY_BRANCH[people.city[cast]]
    people.device[cast] = [device for _, _, device in CAST]
    people.has_phone[cast] = True
    people.buyer[cast] = True
    for trait in (people.english, people.careless, people.silent, people.no_surveys):
        trait[cast] = False
    people.start[cast] = season.span * 0.1
    people.rate[cast] = 1 / 40.0
    people.bond[cast] = 1.2
    return people
