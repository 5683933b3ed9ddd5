"""Own kinds by a program: declared, recorded, changed, put away; and the rules of the form."""

import pytest

from peyvand.core import clock
from peyvand.timeline.services import record
from peyvand.timeline.types import Item, Refused, Status
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db
REPAIR = {
    "code": "repair.finished",
    "names": {"fa": "تعمیر", "en": "Repair"},
    "fields": [{"code": "part", "names": {"en": "Part"}}, {"code": "hours", "type": "number"}],
}


@pytest.fixture
def shop(db):
    return Program()


def test_a_kind_is_declared_recorded_changed_and_put_away(shop):
    made = shop.told("post", "/kinds", REPAIR)
    assert made["fields"] == [{"code": "part", "type": "text", "names": {"en": "Part"}}, {"code": "hours", "type": "number", "names": {}}]
    item = Item(kind="repair.finished", occurred_at=clock.now(), properties={"part": "handle", "hours": 2})
    assert record(shop.workspace.pk, item).status is Status.RECORDED
    here = f"/kinds/{made['id']}"
    changed = shop.told("put", here, {"names": {"en": "Mending"}, "fields": [{"code": "hours", "type": "number"}]})
    assert (changed["code"], changed["names"], len(changed["fields"])) == ("repair.finished", {"en": "Mending"}, 1)
    shop.told("put", here, {"names": {"en": "Mending"}, "archived": True})
    with pytest.raises(Refused, match=r"repair\.finished"):
        record(shop.workspace.pk, item)
    first = shop.told("get", "/kinds")["items"][0]
    assert (first["code"], first["archived"]) == ("repair.finished", True)
    assert first == shop.told("get", here)
    built_in = [one for one in shop.told("get", "/kinds")["items"] if one["code"] == "order.placed"]
    assert [(one["id"], one["names"]["en"]) for one in built_in] == [(None, "Placed an order")]
    assert AuditEntry.objects.filter(workspace=shop.workspace, actor=shop.owner).exists()


def test_what_the_form_does_not_take_is_refused_with_its_place(shop):
    shop.told("post", "/kinds", REPAIR)
    assert shop.refused("post", "/kinds", REPAIR) == (422, "not-possible", "code")
    assert shop.refused("post", "/kinds", REPAIR | {"code": "order.placed"}) == (422, "not-possible", "code")
    twice = [{"code": "part"}, {"code": "part"}]
    assert shop.refused("post", "/kinds", {"code": "cup.broken", "fields": twice}) == (422, "invalid", "fields.1.code")
    wrong = [{"code": "Part One"}]
    assert shop.refused("post", "/kinds", {"code": "cup.broken", "fields": wrong}) == (422, "invalid", "fields.0.code")
    assert shop.refused("get", f"/kinds/{Program('twin').pid(1)}")[0] == 404
