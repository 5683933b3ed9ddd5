"""How a brand looks, counts and works, through the API: the rules are those of its settings pages."""

import io

import pytest
from django.test import Client
from PIL import Image

from peyvand.workspaces.models import AuditEntry, Holiday
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def brand():
    return Program()


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (900, 300), "#2f6f4f").save(made, "PNG")
    made.seek(0)
    made.name = "logo.png"
    return made


def upload(brand, file):
    return Client().post("/api/v1/workspace/logo", {"picture": file}, headers={"Authorization": f"Bearer {brand.secret}"})


def test_what_is_said_changes_and_the_rest_stays(brand):
    before = brand.get("/workspace").json()
    change = {"names": {"en": "Sofalineh", "fa": "سفالینه"}, "time_zone": "Europe/Berlin", "business_hours": {"0": [["9:00", "17:00"]]}}
    told = brand.call("patch", "/workspace", change)
    assert told.status_code == 200, told.content
    assert told.json() == {**before, **change}
    assert brand.get("/workspace")["ETag"] == told["ETag"]
    entry = AuditEntry.objects.get(action="workspace.changed")
    assert sorted(entry.detail["after"]) == ["business_hours", "names", "time_zone"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names": {"en": " "}}, "names.fa"),
        ({"colour": "green"}, "colour"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"currency": "XXQ"}, "currency"),
        ({"languages": ["en"], "default_language": "fa"}, "default_language"),
        ({"phone_region": "1"}, "phone_region"),
        ({"business_hours": {}}, "business_hours"),
        ({"business_hours": {"0": [["17:00", "09:00"]]}}, "business_hours"),
        ({"business_hours": {"0": [["a", "b"]]}}, "business_hours"),
    ],
)
def test_what_the_settings_pages_refuse_is_refused_and_named(brand, change, field):
    before = brand.get("/workspace").json()
    refused = brand.call("patch", "/workspace", change)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "invalid", field)
    assert brand.get("/workspace").json() == before


def test_a_logo_is_drawn_anew_and_taken_away(brand):
    given = upload(brand, picture())
    assert given.status_code == 200, given.content
    kept = b"".join(Client().get(given.json()["logo"]))
    assert Image.open(io.BytesIO(kept)).size == (512, 171)
    nonsense = io.BytesIO(b"<svg onload=alert(1)>")
    nonsense.name = "logo.png"
    refused = upload(brand, nonsense)
    assert (refused.status_code, refused.json()["field"]) == (422, "picture")
    assert brand.call("delete", "/workspace/logo").json()["logo"] == ""
    assert Client().get(given.json()["logo"]).status_code == 404


def test_holidays_are_kept_moved_and_forgotten(brand):
    first = brand.get("/holidays/offered").json()["items"][0]
    taken = brand.post("/holidays", {"date": first["date"], "names": first["names"]})
    assert (taken.status_code, taken.json()["off"]) == (201, True)
    assert first["date"] not in [one["date"] for one in brand.get("/holidays/offered").json()["items"]]
    twice = brand.post("/holidays", {"date": first["date"], "names": first["names"]})
    assert (twice.status_code, twice.json()["field"]) == (422, "date")
    there = f"/holidays/{taken.json()['id']}"
    moved = brand.call("put", there, {"date": "2031-01-02", "names": {"en": "Our own"}, "off": False})
    assert moved.json() == {"id": moved.json()["id"], "date": "2031-01-02", "names": {"en": "Our own"}, "off": False}
    assert brand.get("/holidays").json()["items"] == [moved.json()]
    assert brand.call("delete", f"/holidays/{moved.json()['id']}").status_code == 204
    assert not Holiday.objects.exists()
