"""Short ways to say what happened to a customer, for tests here and above."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from peyvand.core.db import is_sqlite
from peyvand.customers.models import Profile
from peyvand.customers.services.indexing import A_TURN, index_some
from peyvand.customers.subscribers import SUBSCRIBERS
from peyvand.identities.models import Customer
from peyvand.timeline.models import Interaction, Place
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.subscriptions import Subscriber, advance
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def follow() -> None:
    """Let profiles and the search index follow what was recorded."""
    for subscriber in SUBSCRIBERS:
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            _hand_over(subscriber)
        while advance(subscriber):
            pass
    index_all()


def index_all() -> None:
    """Index everybody who waits."""
    while is_sqlite() and index_some(A_TURN):
        pass


def _hand_over(subscriber: Subscriber) -> None:
    """PostgreSQL shows readers only what transactions that ended have written; a test runs inside one, so rows are handed over."""
    place, _made = Place.objects.get_or_create(name=subscriber.name)
    ids = list(Interaction.objects.filter(pk__gt=place.interaction_id).order_by("pk").values_list("pk", flat=True))
    if ids and subscriber.plan:
        subscriber.plan(Page(read_ids(ids)))()
        with connection.cursor() as cursor:
            cursor.execute("SELECT era, xid::text::bigint, id FROM timeline_interaction ORDER BY era DESC, xid DESC, id DESC LIMIT 1")
            place.era, place.xid, place.interaction_id = cursor.fetchone()
        place.save()


def who(phone: str = "", *, own_id: str = "", email: str = "", device: str = "", name: str = "", **facts: object) -> CustomerIn:
    """A customer as an event names them."""
    given = {"own_id": own_id, "phone": phone, "email": email, "device": device}
    return CustomerIn(identities=[IdentityIn(kind, value) for kind, value in given.items() if value], name=name, **facts)


def event(kind: str, customer: CustomerIn, day: float = 0, **more: object) -> Item:
    """Something that happened `day` days after the start."""
    return Item(kind=kind, occurred_at=START + timedelta(days=day), customer=customer, **more)


def order(customer: CustomerIn, day: float = 0, amount: int = 1_000_000, currency: str = "IRR", **more: object) -> Item:
    """An order on the website."""
    return event("order.placed", customer, day, amount=amount, currency=currency, channel="web", **more)


def answer(customer: CustomerIn, value: float, day: float = 0, measure: str = "nps", text: str = "") -> Item:
    """A score given for recommending, or of another measure."""
    return event("review.written", customer, day, channel="sms", perceptions=[PerceptionIn(measure, value, text=text)])


def profile_of(name: str) -> Profile:
    """The profile of the customer of this name."""
    return Profile.objects.get(customer=Customer.objects.get(name=name))
