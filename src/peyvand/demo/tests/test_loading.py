"""The loaded brand, measured as a reader measures it, tells the truth that was kept beside it."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from peyvand.core import clock
from peyvand.customers.models import Company
from peyvand.customers.queries.companies import with_people
from peyvand.demo.firms import FIRMS
from peyvand.demo.loading import load, settle
from peyvand.demo.seasons import ZONE
from peyvand.demo.world import CITIES
from peyvand.identities.models import Identity
from peyvand.identities.types import IdentityType
from peyvand.insights import counting
from peyvand.insights.asking import question
from peyvand.insights.queries import answer
from peyvand.surveys.queries.results import results, surveys_of
from peyvand.timeline.models import Interaction
from peyvand.timeline.tests.settling import settle as until_readable
from peyvand.workspaces.models import Workspace

EVENING = dt.datetime(2026, 11, 22, 18, 0, tzinfo=ZONE)
CUSTOMERS = 600
Truth = dict


@pytest.fixture
def loaded(transactional_db: None, settings, tmp_path) -> Iterator[tuple[Workspace, Truth]]:
    """A small brand made by the real services, and what `truth.json` says of it."""
    settings.PEYVAND_DATA = tmp_path
    counting.forget()
    with clock.frozen(EVENING):
        made = load(password="a long enough phrase", tell=lambda _what, _share: None, customers=CUSTOMERS)
        until_readable()  # another test may hold readers back on PostgreSQL
        settle()
        yield made.workspace, json.loads((tmp_path / "demo" / "truth.json").read_bytes())
    counting.forget()


def test_the_figures_of_the_product_are_those_of_the_truth(loaded):
    brand, truth = loaded
    figures = truth["figures"]
    # The truth's answers are those after deliveries and in branches, without the few customers the story is told with.
    nps = answer(question(brand, "nps", by=("branch",), filters=(("touchpoint", "delivery"), ("touchpoint", "store")))).now
    asked = figures["answers"]["delivery"] + figures["answers"]["store"]
    assert 0 <= nps.total.n - asked < 0.03 * asked
    assert abs(nps.total.value - figures["nps"]["answered"]) < 2
    for (code,), estimate in nps.groups:
        if code in figures["nps_by_branch"] and estimate.n >= 30:
            assert estimate.low <= figures["nps_by_branch"][code]["answered"] <= estimate.high, code


def test_every_survey_that_is_sent_or_put_in_a_chat_counts_all_it_asked(loaded):
    brand, truth = loaded
    counted = results(brand, surveys_of(brand))
    for code in ("delivery", "support"):
        assert counted[code].answered >= truth["figures"]["answers"][code]
        assert 0.2 < (counted[code].share or 0) < 0.7, code
    assert counted["store"].unasked


def test_every_customer_of_the_truth_is_a_customer_of_the_product_and_a_second_run_adds_none(loaded):
    brand, truth = loaded
    named = [tuple(identity.split(":", 1)) for identity in truth["customers"]["identity"]]
    assert len(set(named)) == CUSTOMERS
    known = {(IdentityType(one.type).name.lower(), one.value) for one in Identity.objects.filter(workspace=brand)}
    assert len(set(named) - known) < 0.02 * CUSTOMERS  # who comes later today, or never said who they are
    people = Identity.objects.filter(workspace=brand).exclude(type=IdentityType.DEVICE).values("customer").distinct().count()
    assert CUSTOMERS * 0.99 <= people <= CUSTOMERS * 1.02  # a few are two to the shop, who never told that they are one
    firms = with_people(Company.objects.filter(workspace=brand, own_id__isnull=False))
    assert {firm.own_id: firm.attributes["city"] for firm in firms} == {
        firm.own_id: next(city.fa for city in CITIES if city.code == firm.city) for firm in FIRMS if firm.own_id
    }
    assert sum(firm.people for firm in firms) >= 5
    assert Interaction.objects.filter(workspace=brand, company__in=[firm.term_id for firm in firms]).count() > 30
    there = Interaction.objects.filter(workspace=brand).count()
    again = load(password="a long enough phrase", tell=lambda _what, _share: None, customers=CUSTOMERS)
    assert (again.fresh, Interaction.objects.filter(workspace=brand).count()) == (False, there)
