"""The moment the demo brand comes to life."""

import datetime as dt

import pytest

from peyvand.cases.models import CasePolicy
from peyvand.core import clock
from peyvand.demo.asking_live import come_alive
from peyvand.demo.founding import found_brand
from peyvand.surveys.models import Invitation, Survey
from peyvand.surveys.services import set_active
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Workspace:
    return found_brand("a long enough phrase")


def told(brand: Workspace, kind: str, who: str, hours_ago: float) -> None:
    customer = CustomerIn(identities=[IdentityIn("email", f"{who}@golmail.example")])
    at = clock.now() - dt.timedelta(hours=hours_ago)
    record(brand.pk, Item(kind=kind, occurred_at=at, customer=customer, source="demo", external_id=f"{kind}-{who}"))


def test_a_new_brand_has_surveys_that_ask_nobody_and_follows_up_by_the_loader_alone(brand: Workspace):
    surveys = Survey.objects.filter(workspace=brand)
    assert set(surveys.values_list("code", flat=True)) == {"delivery", "support", "store", "returns", "checkout"}
    assert not surveys.filter(is_active=True).exists()
    assert not CasePolicy.objects.get(workspace=brand).is_active
    for survey in surveys:
        assert set(survey.texts) == {"fa", "en"}
        assert all(reason["fa"] and reason["en"] for reason in survey.reasons)


def test_once_alive_who_got_an_order_since_yesterday_is_asked_and_who_was_asked_lately_rests(brand: Workspace):
    told(brand, "order.delivered", "fresh", 20)
    told(brand, "order.delivered", "old", 60)
    told(brand, "order.delivered", "asked", 20)
    told(brand, "survey.sent", "asked", 24 * 9)
    come_alive(brand)
    invitation = Invitation.objects.get()
    assert invitation.customer.identities.get().value == "fresh@golmail.example"
    assert invitation.state == "planned"
    assert CasePolicy.objects.get(workspace=brand).is_active
    assert set(Survey.objects.filter(is_active=True).values_list("code", flat=True)) == {"delivery", "support", "store", "returns"}


def test_what_the_owner_paused_stays_paused(brand: Workspace):
    come_alive(brand)
    set_active(survey=Survey.objects.get(code="store"), active=False, actor=None)
    come_alive(brand)
    assert not Survey.objects.get(code="store").is_active
