"""How a brand follows up, by a program: read, changed whole, and by the rules of the page."""

import pytest

from peyvand.cases.services import policy_of
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return Program()


def test_the_policy_is_read_and_changed(shop):
    known = shop.told("get", "/case-policy")
    first = known["reasons"][0]
    wanted = known | {"limits": {"nps": 4, "csat": 1.5}, "contact_hours": 2, "assignment": "nobody"}
    wanted["reasons"] = [first | {"en": "Late post"}, {"fa": "رنگ", "en": "Colour"}]
    told = shop.told("put", "/case-policy", wanted)
    assert (told["limits"], told["contact_hours"], told["assignment"]) == ({"nps": 4, "csat": 1.5}, 2, "nobody")
    assert [(one["code"], one["en"], one["off"]) for one in told["reasons"][:2]] == [
        (first["code"], "Late post", False),
        ("colour", "Colour", False),
    ]
    assert all(one["off"] for one in told["reasons"][2:])
    assert len(told["reasons"]) == len(known["reasons"]) + 1
    assert shop.told("get", "/case-policy") == told
    entry = AuditEntry.objects.get(workspace=shop.workspace, action="policy.changed")
    assert (entry.actor, entry.detail["after"]["contact_hours"]) == (shop.owner, 2)


def test_what_the_page_does_not_take_is_refused_and_changes_nothing(shop):
    known = shop.told("get", "/case-policy")
    before = policy_of(shop.workspace).contact_hours
    for change, place in (
        ({"limits": {"nps": 11}}, "limits.nps"),
        ({"contact_hours": 0}, "contact_hours"),
        ({"remedy_hours": 401}, "remedy_hours"),
    ):
        assert shop.refused("put", "/case-policy", known | change) == (422, "invalid", place)
    assert shop.refused("put", "/case-policy", known | {"reasons": [{"code": "weather"}]}) == (422, "unknown-code", "reasons")
    assert shop.refused("put", "/case-policy", known | {"reasons": [{"en": "x" * 61}]})[:2] == (400, "invalid")
    assert policy_of(shop.workspace).contact_hours == before
    reader = Program("twin", ["cases.read"])
    assert reader.told("get", "/case-policy")["contact_hours"] == known["contact_hours"]
    assert reader.refused("put", "/case-policy", known)[0] == 403
