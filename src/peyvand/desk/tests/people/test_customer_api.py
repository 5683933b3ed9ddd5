"""What pages of customers show and conclude, for programs: last scores, counts, how somebody feels and what to do next."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from peyvand.cases.services import open_by_hand
from peyvand.customers.services.lifecycle import note_moves
from peyvand.customers.tests.telling import START, answer, event, follow, order, profile_of, who
from peyvand.identities.models import Customer
from peyvand.workspaces.services import create_key
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db
NEGAR, REZA = who("09120000012", name="Negar Saburi"), who(own_id="c2", email="reza@mail.example", name="Reza")


@pytest.fixture
def crm(brand):
    """A program of the brand that `tell` tells of."""
    found = Program.__new__(Program)
    found.workspace, found.owner = brand, brand.members.get().user
    return with_key(found)


def with_key(program, *without):
    scopes = [scope for scope in ("customers.read", "cases.read", "contacts.see") if scope not in without]
    program.secret = create_key(workspace=program.workspace, name="crm", scopes=scopes, actor=program.owner)[1]
    return program


def advice(crm, name="Negar Saburi", **headers):
    return crm.told("get", f"/customers/{crm.pid(Customer.objects.get(name=name).pk)}/advice", **headers)


def test_a_customer_is_told_with_what_the_list_shows(crm, tell):
    tell(order(NEGAR, 0), event("order.delivered", REZA, 1), event("order.delivered", REZA, 2), answer(NEGAR, 3, 10.5, "csat"))
    reza, negar = crm.told("get", "/customers?sort=since")["items"]
    score = {"measure": "csat", "value": 3, "low": 1, "high": 5, "band": "mixed"}
    assert {name: negar["last_score"][name] for name in score} == score
    assert negar["last_score"]["at"] == negar["last_seen_at"]
    assert (negar["lifetime_days"], negar["bought"], negar["has_phone"], negar["has_email"]) == (10, 1, True, False)
    assert (reza["last_score"], reza["lifetime_days"], reza["purchases"], reza["bought"]) == (None, 1, 0, profile_of("Reza").bought)
    assert (reza["has_phone"], reza["has_email"]) == (False, True)


def test_they_are_narrowed_to_who_moved_from_a_stage_to_another(crm, tell, frozen_clock):
    for day in range(2):
        frozen_clock.move_to(START + timedelta(days=day))
        tell(order(NEGAR, day))
        while note_moves():
            follow()
    ways = ("repeat.30", "first_time-repeat.30", "loyal-repeat.30")
    assert [len(crm.told("get", f"/customers?moved={way}")["items"]) for way in ways] == [1, 1, 0]


def test_they_are_counted_where_that_is_asked_for(crm, tell):
    tell(order(NEGAR), order(REZA))
    assert [crm.told("get", f"/customers?limit=1{more}")["n"] for more in ("", "&count=true", "&count=true&q=reza")] == [None, 2, 1]
    assert crm.told("get", "/customers?limit=1&count=true")["at_least"] is False


def test_what_a_page_concludes_is_told(crm, tell):
    tell(order(NEGAR), answer(NEGAR, 9, 1), answer(NEGAR, 2, 2))
    told = advice(crm)
    assert (told["feeling"], told["title"], told["act"]) == ("Unhappy for the first time", "Call and listen", "call")
    assert told["why"].startswith("Gave 2 of 10")
    assert advice(crm, Accept_Language="fa")["feeling"] == "نخستین بار است که ناراضی شده"
    assert advice(with_key(crm, "contacts.see"))["act"] == ""


def test_cases_count_for_a_key_that_may_read_them(crm, tell):
    tell(order(NEGAR), answer(NEGAR, 2, 1))
    negar = Customer.objects.get(name="Negar Saburi")
    open_by_hand(workspace=crm.workspace, customer=negar, words="Late", reason="late", actor=crm.workspace.members.get())
    assert "waits for the first contact" in advice(crm)["why"]
    told = advice(with_key(crm, "cases.read"))
    assert (told["act"], "case" in told["why"]) == ("call", False)


def test_a_relationship_lasts_from_the_first_sight_to_the_last_whatever_day_it_is(crm, tell, frozen_clock):
    frozen_clock.move_to(START + timedelta(days=900))
    tell(order(NEGAR, 0), order(NEGAR, 40))
    [negar] = crm.told("get", "/customers")["items"]
    assert (negar["stage"], negar["lifetime_days"]) == ("lost", 40)


def test_what_happened_is_told_backwards_part_by_part(crm, tell):
    tell(order(NEGAR, 0), event("call.ended", NEGAR, 1), answer(NEGAR, 9, 2, text="call 09121234567"), order(REZA, 3))
    negar, reza = (crm.pid(Customer.objects.get(name=name).pk) for name in ("Negar Saburi", "Reza"))

    def kinds(**asked):
        page = crm.told("get", f"/customers/{negar}/timeline?{urlencode(asked)}")
        return [one["kind"] for one in page["items"]], page["next"]

    assert kinds() == (["review.written", "call.ended", "order.placed"], "")
    first, following = kinds(limit=2)
    assert (first, kinds(after=following)) == (["review.written", "call.ended"], (["order.placed"], ""))
    assert [kinds(part=part)[0] for part in ("talk", "purchases", "opinions")] == [["call.ended"], ["order.placed"], ["review.written"]]
    assert crm.refused("get", f"/customers/{reza}/timeline?after={following}") == (400, "bad-cursor", "after")
    [felt] = crm.told("get", f"/customers/{negar}/timeline?part=opinions")["items"][0]["perceptions"]
    assert felt["text"] == "call 09121234567"
    with_key(crm, "contacts.see")
    [felt] = crm.told("get", f"/customers/{negar}/timeline?part=opinions")["items"][0]["perceptions"]
    assert "1234567" not in felt["text"]
