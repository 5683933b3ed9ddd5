"""The next best thing to do: what waits comes first, then what hurts, then what could be."""

from datetime import timedelta

import pytest

from peyvand.cases.services import open_by_hand
from peyvand.core import clock
from peyvand.customers.models import forget_rules
from peyvand.customers.queries.moments import Asked, moments
from peyvand.customers.services.lifecycle import set_rules
from peyvand.customers.tests.telling import START, answer, event, order, who
from peyvand.customers.types import Rules
from peyvand.desk.people.advice import Known, advise
from peyvand.desk.people.cases import panels_of
from peyvand.desk.tests.people.conftest import customer

NEGAR = who("09120000012", name="نگار")


def advice_for(name: str = "نگار", *, phone: bool = True):
    found = customer(name)
    lately = moments(Asked(found.workspace_id, found.pk)).events
    return advise(Known(found.profile, [panel for panel in panels_of(found) if panel.due], lately, phone, name))


@pytest.mark.usefixtures("english")
class TestRules:
    def test_an_open_case_comes_before_everything(self, tell, brand):
        tell(order(NEGAR), answer(NEGAR, 2, 1))
        open_by_hand(workspace=brand, customer=customer("نگار"), words="دیر رسید", reason="late", actor=brand.members.get())
        advice = advice_for()
        assert advice.title.startswith("Call ")
        assert (advice.act, advice.label) == ("call", "Call نگار")
        assert "waits for the first contact" in advice.why

    def test_an_unhappy_word_without_a_case_asks_for_a_call(self, tell):
        tell(order(NEGAR), answer(NEGAR, 2, 1))
        assert (advice_for().title, advice_for().act) == ("Call and listen", "call")
        assert advice_for(phone=False).act == ""

    def test_a_late_delivery_nobody_spoke_of_asks_to_speak_first(self, tell):
        late = event("order.delivered", NEGAR, 12, properties={"late": True})
        tell(order(NEGAR, 10), late)
        assert advice_for().title == "Say sorry first"
        tell(event("call.ended", NEGAR, 13))
        assert advice_for().title != "Say sorry first"

    def test_an_old_late_delivery_is_over(self, tell):
        tell(order(NEGAR, 1), event("order.delivered", NEGAR, 2, properties={"late": True}))
        assert advice_for().title == "Ask how it was"

    def test_who_has_not_been_seen_for_long_is_asked_after(self, tell, frozen_clock):
        tell(order(NEGAR, 1), order(NEGAR, 2))
        frozen_clock.move_to(START + timedelta(days=200))
        assert advice_for().title == "Ask how they are"
        assert "after 2 purchases" in advice_for().why

    def test_how_long_is_long_is_what_the_brand_says(self, tell, brand, frozen_clock):
        tell(order(NEGAR, 1), order(NEGAR, 2))
        frozen_clock.move_to(START + timedelta(days=40))
        assert advice_for().title != "Ask how they are"
        set_rules(workspace=brand, rules=Rules(risk_days=20), actor=brand.members.get().user)
        forget_rules()  # as the commit would have it
        assert advice_for().title == "Ask how they are"

    def test_an_ambassador_is_thanked(self, tell):
        tell(order(NEGAR, 1), order(NEGAR, 2), answer(NEGAR, 10, 3))
        assert advice_for().title == "Thank them"

    def test_a_buyer_without_a_way_to_reach_is_asked_for_one(self, tell):
        tell(order(who(own_id="c-1", name="سارا")))
        assert (advice_for("سارا").title, advice_for("سارا").act) == ("Ask for a way to reach them", "edit")

    def test_where_nothing_waits_it_says_so(self, tell):
        tell(order(NEGAR, 1), answer(NEGAR, 8, 2))
        assert advice_for().title == "Nothing is waiting"
        assert clock.now() > START
