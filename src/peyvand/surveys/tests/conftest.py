"""A brand that asks after deliveries, its customers, and a real mail server."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client

from peyvand.catalogue.queries import forget_names
from peyvand.catalogue.services import forget_known
from peyvand.channels.services import set_channel
from peyvand.channels.tests.smtp import Inbox, smtp_server
from peyvand.core import clock
from peyvand.core.tests.working import work_off
from peyvand.identities.models import Customer
from peyvand.surveys.models import Invitation, Survey
from peyvand.surveys.services import lay_default_survey, set_active
from peyvand.surveys.services.sending import send_due, settle
from peyvand.timeline.models import Era, Interaction, Place
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.subscriptions import run_once, subscribers
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Outcome, Subject
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import create_owner, create_workspace
from peyvand.workspaces.services.founding import begin_workspace

NEGAR = "negar@post.example"
TUESDAY_NOON = dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)  # 12:00 in Tehran


@pytest.fixture
def now() -> Iterator[clock.Frozen]:
    """Tuesday 1405-03-26, noon in Tehran."""
    with clock.frozen(TUESDAY_NOON) as frozen:
        yield frozen


@pytest.fixture
def brand(db, now) -> Workspace:
    """A Persian shop."""
    forget_names()
    forget_known()
    Era.objects.get_or_create(number=1)  # the migration's row goes with each flush
    workspace = create_workspace(name="Sofalineh", slug="sofalineh", names={"fa": "سفالینه", "en": "Sofalineh"}, colour="#b4532f")
    begin_workspace(workspace=workspace)
    return workspace


@pytest.fixture
def console(brand) -> Client:
    """The owner's browser."""
    client = Client()
    owner = create_owner(workspace=brand, email="me@sofalineh.example", password="a long enough password").user
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def survey(brand) -> Survey:
    """NPS two days after a delivery, being asked."""
    survey = lay_default_survey(brand)
    set_active(survey=survey, active=True, actor=None)
    survey.refresh_from_db()
    return survey


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server that keeps what it gets."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def mailbox(brand, inbox) -> Inbox:
    """The brand's own e-mail channel, pointing at the mail server."""
    values = {"host": inbox.host, "port": str(inbox.port), "tls": "none", "user": "", "sender": "salam@sofalineh.example"}
    set_channel(workspace=brand, kind="email", name="سفالینه", values=values)
    return inbox


Deliver = Callable[..., Outcome]


@pytest.fixture
def deliver(brand) -> Deliver:
    """Record that an order was delivered, and let the subscribers see it."""

    def delivered(email: str = NEGAR, order: str = "521803", at: dt.datetime | None = None, **more) -> Outcome:
        identities = [IdentityIn("email", email)] if email else [IdentityIn("phone", "09120000012")]
        item = Item(
            kind="order.delivered",
            occurred_at=at or clock.now(),
            customer=CustomerIn(identities=identities, name="نگار صبوری‌فر", **more),
            subject=Subject("order", order),
            branch="tehran",
            product="cup",
            source="shop",
            external_id=f"delivered-{order}",
        )
        outcome = record(brand.pk, item)
        read_timeline()
        return outcome

    return delivered


def read_timeline() -> None:
    """Let every subscriber read all there is."""
    if connection.vendor == "postgresql":
        for name in ("customers", "surveys.ask", "surveys.answers"):
            _hand_over(name)
        return
    while run_once():
        pass


def _hand_over(name: str) -> None:
    """PostgreSQL shows readers only what no open transaction of the whole server can slip in front of: rows are handed over."""
    place, _made = Place.objects.get_or_create(name=name)
    ids = list(Interaction.objects.filter(pk__gt=place.interaction_id).order_by("pk").values_list("pk", flat=True))
    plan = subscribers()[name].plan
    if ids and plan is not None:
        plan(Page(read_ids(ids)))()
        place.interaction_id = ids[-1]
        place.save()


def send_everything(now: clock.Frozen, *, days: float = 2) -> None:
    """Let time pass, send what is due and see what became of it."""
    now.advance(dt.timedelta(days=days))
    send_due()
    work_off()
    settle()
    read_timeline()


@pytest.fixture
def invited(survey, deliver, mailbox, now) -> Invitation:
    """Negar, whose order came, and who got the mail."""
    deliver()
    send_everything(now)
    return Invitation.objects.select_related("survey", "workspace", "customer").get()


def customer_of(email: str = NEGAR) -> Customer:
    """The customer with this address."""
    return Customer.objects.get(identities__value=email)
