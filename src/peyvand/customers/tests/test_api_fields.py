"""Fields of customers by a program: added, changed where the values allow it, put away; and the rules of the form."""

import pytest

from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    return Program()


def test_a_field_is_added_changed_and_put_away(shop):
    made = shop.told("post", "/customer-fields", {"code": "size", "names": {"en": "Size"}, "type": "choice", "choices": ["S", "M"]})
    assert (made["code"], made["choices"], made["archived"]) == ("size", ["S", "M"], False)
    person = shop.told("post", "/customers", {"identities": [{"type": "own_id", "value": "c1"}]})
    assert shop.told("patch", f"/customers/{person['id']}", {"attributes": {"size": "M"}})["attributes"] == {"size": "M"}
    here = f"/customer-fields/{made['id']}"
    assert shop.told("put", here, {"names": {"en": "Cup"}, "type": "text"})["type"] == "text"
    assert shop.refused("put", here, {"names": {"en": "Cup"}, "type": "number"}) == (422, "not-possible", "type")
    assert shop.told("put", here, {"names": {"en": "Cup"}, "type": "text", "archived": True})["archived"] is True
    assert [one["code"] for one in shop.told("get", "/customer-fields")["items"]] == ["size"]
    assert Profile.objects.get(workspace=shop.workspace).attributes == {"size": "M"}
    assert AuditEntry.objects.filter(action="attribute.archived", actor=shop.owner).count() == 1
    assert shop.told("put", here, {"names": {}, "type": "text"}) == shop.told("get", here)
    assert AttributeDefinition.objects.get().archived is False


def test_what_the_form_does_not_take_is_refused_with_its_place(shop):
    size = {"code": "size", "type": "text"}
    shop.told("post", "/customer-fields", size)
    assert shop.refused("post", "/customer-fields", size) == (422, "not-possible", "code")
    assert shop.refused("post", "/customer-fields", {"code": " ", "type": "text"}) == (422, "invalid", "code")
    assert shop.refused("post", "/customer-fields", {"code": "cup", "type": "choice"}) == (422, "not-possible", "choices")
    assert shop.refused("post", "/customer-fields", {"code": "cup", "type": "colour"})[:2] == (400, "invalid")
    assert shop.refused("get", f"/customer-fields/{Program('twin').pid(1)}")[0] == 404


def test_the_lifetime_is_a_median_of_this_brand_alone(shop):
    assert shop.told("get", "/lifetime") == {"n": 0, "days": None, "low": None, "high": None, "level": 0.95}
