"""Imports by a program: from a file to the timeline and back, with the rules of the wizard."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.catalogue.services import lay_defaults
from peyvand.core.tests.working import work_off
from peyvand.imports.models import Import
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program

CSV = """order number;date;name;mobile;rating
1001;2026-10-01;Negar;09121112233;5
1002;2026-10-02;Arash;09123334455;2
1003;the day after;Sara;09124445566;4
"""
COLUMNS = {"kind": "review.written", "occurred_at": "date", "phone": "mobile", "name": "name", "external_id": "order number"}
COLUMNS |= {"score": "rating", "measure": "rating", "source": "shop"}


@pytest.fixture
def shop(db):
    program = Program()
    lay_defaults(workspace=program.workspace)
    return program


def upload(shop, text=CSV, name="reviews.csv", **headers):
    return shop.told("post", "/imports", files={"file": SimpleUploadedFile(name, text.encode())}, **headers)


def test_a_file_is_uploaded_mapped_checked_recorded_and_undone(shop):
    one = upload(shop)
    here = f"/imports/{one['id']}"
    assert (one["state"], one["files"], one["map"], one["check"]) == ("uploaded", ["main"], "", None)
    guessed = shop.told("get", f"{here}/columns")
    assert guessed["rows"][0] == ["1001", "2026-10-01", "Negar", "09121112233", "5"]
    assert {name: guessed["choices"][name] for name in ("score", "phone", "kind")} == {
        "score": "rating",
        "phone": "mobile",
        "kind": "review.written",
    }
    tried = shop.told("post", f"{here}/preview", COLUMNS)
    assert [(item["who"], item["scores"]) for item in tried["items"]] == [("Negar", {"rating": 5.0}), ("Arash", {"rating": 2.0})]
    assert Import.objects.get().map_text == ""
    assert shop.told("put", f"{here}/columns", COLUMNS)["state"] == "checking"
    work_off()
    checked = shop.told("get", here)
    assert (checked["state"], checked["check"]["recorded"], checked["check"]["rejected"]) == ("checked", 2, 1)
    assert checked["check"]["first"][0]["row"] == 3
    assert not Interaction.objects.exists()
    shop.told("post", f"{here}/start")
    work_off()
    done = shop.told("get", here)
    assert (done["state"], done["recorded"], done["rejected"], done["percent"]) == ("done", 2, 1, 100)
    assert Interaction.objects.count() == 2
    rejected = b"".join(shop.call("get", f"{here}/rejected").streaming_content).decode("utf-8-sig").splitlines()
    assert (len(rejected), rejected[1].startswith("1003,the day after,Sara,")) == (2, True)
    assert shop.told("post", f"{here}/undo")["state"] == "undoing"
    while flush_once():
        pass
    work_off()
    assert shop.told("get", here)["state"] == "undone"
    assert not Interaction.objects.exists()
    actions = set(AuditEntry.objects.filter(workspace=shop.workspace, target_type="import").values_list("action", flat=True))
    assert actions >= {"import.started", "import.undone", "import.rejected_read"}


def test_a_step_that_an_import_does_not_allow_is_refused(shop):
    here = f"/imports/{upload(shop)['id']}"
    for path in ("start", "undo", "resume"):
        assert shop.refused("post", f"{here}/{path}") == (422, "not-possible", "")
    assert shop.refused("delete", f"{here}/check") == (422, "not-possible", "")
    assert shop.refused("put", f"{here}/columns", COLUMNS | {"phone": "telephone"}) == (422, "invalid", "phone")
    assert shop.refused("put", f"{here}/map", {"text": "source = 3"}) == (422, "invalid", "text")
    shop.told("put", f"{here}/columns", COLUMNS)
    assert shop.refused("post", f"{here}/check") == (422, "not-possible", "")
    assert shop.told("delete", f"{here}/check")["state"] == "uploaded"
    shop.told("delete", f"{here}/files")
    assert shop.refused("post", f"{here}/start") == (422, "not-possible", "")
    assert shop.refused("post", f"{here}/again") == (422, "not-possible", "")


def test_a_file_that_cannot_be_read_leaves_no_import(shop):
    broken = SimpleUploadedFile("broken.xlsx", b"PK\x03\x04 this is no workbook")
    assert shop.refused("post", "/imports", files={"file": broken}) == (422, "invalid", "file")
    assert shop.refused("post", "/imports", files={"file": SimpleUploadedFile("empty.csv", b"")}) == (422, "invalid", "file")
    assert shop.refused("post", "/imports", files={})[:2] == (400, "invalid")
    assert not Import.objects.exists()


def test_the_same_upload_again_is_one_import(shop):
    first, again = (upload(shop, Idempotency_Key="october") for _n in range(2))
    assert first == again
    assert Import.objects.count() == 1
    other = shop.call("post", "/imports", files={"file": SimpleUploadedFile("reviews.csv", b"a,b\n1,2\n")}, Idempotency_Key="october")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


def test_a_map_that_joins_files_says_which_are_missing(shop):
    names = {one["name"]: one["joins"] for one in shop.told("get", "/import-maps")["items"]}
    assert names["olist"] == ["customers", "items", "payments", "reviews"]
    one = upload(shop, "order_id,customer_id,order_purchase_timestamp\n1,2,2026-10-01 10:00:00\n", "orders.csv")
    here = f"/imports/{one['id']}"
    assert shop.told("put", f"{here}/map", {"name": "olist"})["missing"] == names["olist"]
    shop.told("delete", f"{here}/check")
    beside = {"file": SimpleUploadedFile("olist_customers_dataset.csv", b"customer_id,customer_unique_id\n2,u2\n")}
    told = shop.told("post", f"{here}/files", files=beside)
    assert (told["files"], told["missing"]) == (["customers", "main"], ["items", "payments", "reviews"])
    assert shop.refused("post", f"{here}/files?role=people", files={"file": SimpleUploadedFile("x.csv", b"a\n")}) == (
        422,
        "invalid",
        "role",
    )


def test_pages_of_the_list_and_another_brand(shop, db):
    ids = [upload(shop, name=f"{n}.csv")["id"] for n in range(3)]
    first = shop.told("get", "/imports?limit=2")
    second = shop.told("get", f"/imports?limit=2&after={first['next']}")
    assert [one["id"] for part in (first, second) for one in part["items"]] == ids[::-1]
    assert Program("twin").refused("get", f"/imports/{ids[0]}")[0] == 404
