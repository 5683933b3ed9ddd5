"""What a program sends is taken as it is written or refused by name: no field misspelt is passed over, no text taken for a number."""

from io import BytesIO

import pytest
from django.test import Client

from peyvand.workspaces.models import Holiday
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db(transaction=True)
DAY = {"date": "2031-01-01", "names": {"en": "Our own"}}


@pytest.fixture
def brand():
    return Program()


def refused(answer):
    """Status, code and the field that is named."""
    told = answer.json()
    return answer.status_code, told["code"], told.get("field") or ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**DAY, "of": True}, "of"),  # a name misspelt
        ({"date": "2031-01-01", "name": {"en": "Our own"}}, "name"),  # and not the one that is missing for it
        ({**DAY, "off": "yes"}, "off"),
        ({**DAY, "off": 1}, "off"),
        ({**DAY, "date": 1924992000}, "date"),
        ({**DAY, "names": {"en": 5}}, "names.en"),
        ({**DAY, "names": {"de": "Unser"}}, "names.de.[key]"),
    ],
)
def test_a_body_is_refused_and_the_field_named(brand, body, field):
    assert refused(brand.call("post", "/holidays", body)) == (400, "invalid", field)
    assert not Holiday.objects.exists()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"date": "2031-01-01", "names": {"en": "A"}, "date": "2032-01-01"}', "“date” stands twice"),
        ('{"date": "2031-01-01", "names": {"en": "A", "en": "B"}}', "“en” stands twice"),
        ('{"date": ', "cannot be read as JSON"),
        ('[{"date": "2031-01-01"}]', "must be an object"),
        ("{" + ",".join(f'"k{n}": 1' for n in range(2000)) + "}", "more than 1000 fields"),
        ("[" * 100_000, "cannot be read as JSON"),
        ('{"date": "2031-01-01", "names": {"en": "\\ud800"}}', "Invalid JSON"),
    ],
)
def test_json_that_says_two_things_or_nothing_is_refused(brand, body, why):
    key = {"Authorization": f"Bearer {brand.secret}"}
    answer = Client().post("/api/v1/holidays", body, "application/json", headers=key)
    assert refused(answer) == (400, "invalid", "")
    assert why in answer.json()["detail"]
    assert not Holiday.objects.exists()


@pytest.mark.parametrize("days", ["30", True, 30.5, None])
def test_a_number_is_a_number(brand, days):
    rules = {"risk_days": 30, "lost_days": 90, "hurt_days": 14, "loyal_purchases": 3}
    assert brand.call("put", "/lifecycle", {**rules, "hurt_days": 14.0}).status_code == 200
    assert refused(brand.call("put", "/lifecycle", {**rules, "hurt_days": days})) == (400, "invalid", "hurt_days")
    assert brand.told("get", "/lifecycle") == rules


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/cases?limt=5", "limt"),
        ("/cases?limit=5&limit=6", "limit"),
        ("/lifecycle?after=x", "after"),
        ("/cases?limit=five", "limit"),
        ("/cases?state=new", "state.0"),
        ("/measures/nps?form=2026-01-01", "form"),
    ],
)
def test_a_parameter_is_refused_and_named(brand, address, field):
    assert refused(brand.call("get", address)) == (400, "invalid", field)


def test_a_parameter_that_may_stand_several_times_may(brand):
    assert brand.told("get", "/cases?state=open&state=closed") == {"items": [], "next": ""}


def test_a_body_that_nobody_would_read_is_refused(brand):
    assert refused(brand.call("post", "/surveys/ready", {"seen": 3})) == (400, "invalid", "")
    assert brand.call("post", "/surveys/ready", {}).status_code < 300


def test_a_change_of_a_name_can_ask_that_nothing_changed_since(brand):
    made = brand.told("post", "/names", {"dimension": "branch", "code": "vanak"})
    listed = brand.call("get", "/names")
    assert [one["code"] for one in listed.json()["items"]] == ["vanak"]
    there = f"/names/{made['id']}"
    assert brand.call("patch", there, {"names": {"en": "Vanak"}}, If_Match=listed["ETag"]).status_code == 200
    assert refused(brand.call("patch", there, {"names": {"en": "V"}}, If_Match=listed["ETag"])) == (412, "changed-meanwhile", "")
    assert brand.told("get", "/names")["items"][0]["names"] == {"en": "Vanak"}


def test_an_upload_with_a_part_that_nobody_would_read_is_refused(brand):
    file = {"fil": _file(), "picture": _file()}
    assert refused(brand.call("post", "/workspace/logo", files=file)) == (400, "invalid", "fil")


def test_a_form_without_a_boundary_cannot_be_read(brand):
    key = {"Authorization": f"Bearer {brand.secret}", "Idempotency-Key": "0", "If-Match": ""}
    answer = Client().post("/api/v1/companies/0/separate", b"x", "multipart/form-data", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")


def _file():
    made = BytesIO(b"no picture")
    made.name = "logo.png"
    return made
