"""Stages in the console: the moves of a customer with their reasons, the table of flows, the filter, and the rules."""

from datetime import timedelta

import pytest

from peyvand.core import clock
from peyvand.customers.models import LifecycleRules, forget_rules
from peyvand.customers.services.lifecycle import note_moves
from peyvand.customers.tests.telling import START, answer, follow, order, who
from peyvand.desk.tests.people.conftest import customer, page, text

SARA = who("09120000001", name="سارا رضایی")
FLOW = "/w/sofalineh/customers/flow/"
RULES = "/w/sofalineh/settings/lifecycle/"


@pytest.fixture
def sara(tell):
    forget_rules()
    for day, item in ((0, order(SARA, 0)), (1, order(SARA, 1)), (2, answer(SARA, 2, 2))):
        with clock.frozen(START + timedelta(days=day)):
            tell(item)
            while note_moves():
                follow()
    return customer("سارا رضایی")


def test_the_page_tells_every_move_with_its_reason(sara, enter):
    with clock.frozen(START + timedelta(days=3)):
        shown = text(enter("agent").get(page(sara)))
        persian = text(enter("agent", language="fa").get(page(sara)))
    for part in ("Stages so far", "last score was bad: 2", "2 purchases so far", "Moved from <bdi>Repeat</bdi> to <bdi>At risk</bdi>"):
        assert part in shown, part
    assert "مرحله‌های رابطه تا امروز" in persian


def test_the_table_counts_moves_and_opens_to_who_moved(sara, enter):
    agent = enter("agent")
    with clock.frozen(START + timedelta(days=3)):
        shown = text(agent.get(FLOW))
        assert "Most often: from First-time to Repeat, 1 time" in shown
        assert "moved=at_risk.30" in shown
        assert "1 customer matches" in text(agent.get("/w/sofalineh/customers/?moved=at_risk.30"))
        assert "Nobody matches" in text(agent.get("/w/sofalineh/customers/?moved=lost.30"))
    with clock.frozen(START + timedelta(days=60)):
        agent = enter("agent")  # the first visit has long run out
        assert "Nobody moved to another stage in this time" in text(agent.get(FLOW + "?days=7"))
        assert "Nobody matches" in text(agent.get("/w/sofalineh/customers/?moved=at_risk.7"))
    assert enter("viewer").get(FLOW).status_code == 403


def test_a_number_of_the_table_opens_who_moved_from_that_stage(sara, enter):
    agent = enter("agent")
    with clock.frozen(START + timedelta(days=3)):
        assert "?moved=repeat-at_risk.30" in text(agent.get(FLOW))
        narrowed = text(agent.get("/w/sofalineh/customers/?moved=repeat-at_risk.30"))
        assert "1 customer matches" in narrowed
        assert "From Repeat to At risk in 30 days" in narrowed
        for way in ("loyal-at_risk.30", "at_risk-repeat.30"):
            assert "Nobody matches" in text(agent.get(f"/w/sofalineh/customers/?moved={way}"))


def test_rules_are_changed_within_their_limits(brand, enter):
    owner, given = enter("owner"), {"risk_days": 30, "lost_days": 60, "hurt_days": 90, "loyal_purchases": 4}
    assert "At risk after so many days" in text(owner.get(RULES))
    assert owner.post(RULES, given | {"lost_days": 20}).status_code == 422
    assert "روزهایی بیش از ۳۰ انتخاب کنید" in text(enter("owner", language="fa").post(RULES, given | {"lost_days": 20}))
    assert owner.post(RULES, given).status_code == 302
    assert LifecycleRules.objects.get().lost_days == 60
    assert enter("agent").get(RULES).status_code == 403
