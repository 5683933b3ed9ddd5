"""A lake with a few thousand interactions of every shape, made through the real services: what figures may stumble over."""

import datetime as dt
from collections.abc import Iterator
from random import Random

from peyvand.core import clock
from peyvand.customers.services.merging import merge_by_hand
from peyvand.identities.models import Customer
from peyvand.insights.tests.conftest import NOON, answer_item, copy, keep
from peyvand.measures import MEASURES
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.lake.tending import tend
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_item
from peyvand.timeline.types import CompanyIn, CustomerIn, IdentityIn, Item, Subject
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_owner

SIZE = 1_500  # answers of a brand
PEOPLE = 160
MEASURED = {**{code: measure.scale for code, measure in MEASURES.items()}, "trust": (1.0, 5.0)}  # one the registry does not know
CITIES = ("تهران", "رشت", 'Karaj\'s "east"', "a\\b", "")
# On both sides of midnights in Tehran and London: summer time began or ended, a Jalali month and year began.
EDGES = (
    "2021-03-20T20:29:59.999999", "2021-03-20T20:30", "2021-03-21T20:29:59", "2021-03-21T19:30", "2022-09-21T19:29:59", "2022-09-21T20:30",
    "2026-03-20T20:29:59", "2026-03-20T20:30", "2026-03-29T00:59:59", "2026-03-29T23:00", "2026-05-21T20:30", "2026-05-31T23:00",
)  # fmt: skip


def furnish(brand: Workspace) -> None:
    """Give a brand interactions, merged customers, undone batches, things recorded late; all but one step is copied, and compacted."""
    chance = clock.random(f"engines {brand.slug}")
    with clock.frozen(NOON - dt.timedelta(days=40)):
        keep(brand, _orders(chance))
        keep(brand, _answers(chance, SIZE // 2, youngest=40))
    with clock.frozen(NOON - dt.timedelta(days=1)):
        keep(brand, _answers(chance, SIZE // 2, youngest=1))  # among them some of days long past, recorded late
        keep(brand, [answer_item(9, occurred_at=dt.datetime.fromisoformat(f"{at}+00:00"), who="edge") for at in EDGES])
    _merge(brand)
    for n in range(2):
        keep(brand, _answers(chance, 40), batch=open_batch(workspace=brand, label="brought.csv", code=f"brought-{n}").pk)
    for name, copied in (("gone", True), ("going", False)):
        batch = open_batch(workspace=brand, label=name)
        keep(brand, _answers(chance, 60), batch=batch.pk)
        undo_batch(batch=batch)
        if copied:
            copy()
    snapshot_identities()
    tend()


def _orders(chance: Random) -> Iterator[Item]:
    for n in range(400):
        about, who = Subject("order", f"o-{n}"), f"person-{n % PEOPLE}"
        at = NOON - dt.timedelta(hours=chance.randint(60 * 24, 14 * 30 * 24))
        amount = chance.choice((None, 0, 500_000, 2_000_000, -40_000))
        currency = chance.choice((None, None, None, "EUR"))
        yield make_item(who=who, occurred_at=at, subject=about, amount=amount, currency=currency)
        for _ in range(chance.randint(0, 2)):
            said = {"late": chance.choice((True, False, None)), "carrier": chance.choice(("پست", "Tipax")), "city": chance.choice(CITIES)}
            given = {name: value for name, value in said.items() if value is not None}
            yield make_item(
                kind="order.delivered", who=who, occurred_at=at + dt.timedelta(days=chance.randint(1, 9)), subject=about, properties=given
            )
        if n % 3 == 0:
            yield make_item(kind="survey.sent", who=who, occurred_at=at + dt.timedelta(days=10), subject=about)


def _answers(chance: Random, count: int, youngest: int = 0) -> Iterator[Item]:
    for n in range(count):
        measure, scale = chance.choice(list(MEASURED.items()))
        other = chance.random() < 0.1 and measure == "rating"
        low, high = (1.0, 10.0) if other else scale
        who = chance.choice(("", *(f"person-{chance.randint(0, PEOPLE)}" for _ in range(6))))
        company = CompanyIn(name=chance.choice(("شرکت الف", "Bee Ltd"))) if who and n % 4 == 0 else None
        part = 0.25 if measure == "rating" and chance.random() < 0.2 else 0.0  # stars in quarters, as shops have them
        yield answer_item(
            float(chance.randint(int(low), int(high) - bool(part))) + part,
            measure=measure,
            scale=(low, high) if other or measure == "trust" else None,
            occurred_at=NOON - dt.timedelta(seconds=chance.randint(youngest * 86_400, 14 * 30 * 86_400)),
            customer=CustomerIn(identities=[IdentityIn("own_id", who)], company=company) if who else None,
            kind=chance.choice(("review.written", "survey.answered", "opinion.spoken")),
            subject=chance.choice((None, Subject("order", f"o-{chance.randint(0, 399)}"))),
            question=chance.choice(("", "quality", "price")),
            text=chance.choice(("", "خیلی دیر رسید؛ «باز هم»", 'it\'s\n"fine"\t\\o/')),
            channel=chance.choice(("sms", "web", "store", "")),
            touchpoint=chance.choice(("delivery", "support", "پرداخت", "")),
            branch=chance.choice(("vanak", "کرج", "")),
            product=chance.choice(("mug", "vase", "bowl", "")),
            department=chance.choice(("sales", "")),
            employee=chance.choice(("", "mina")),
            device=chance.choice(("", "phone")),
            language=chance.choice(("", "fa", "en")),
            source=chance.choice(("peyvand", "till")),
        )


def _merge(brand: Workspace) -> None:
    people = list(Customer.objects.filter(workspace=brand, merged_into=None).order_by("pk")[:12])
    actor = create_owner(workspace=brand, email=f"{brand.slug}@example.com", password=None, name="Alice").user
    for kept, other in zip(people[:6], people[6:], strict=True):
        assert merge_by_hand(kept=kept, other=other, actor=actor)
