"""Imports by a program: from a file to the timeline and back, with the rules of the wizard."""

import os
import threading
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from tests.waiting import PATIENCE

from peyvand.catalogue.services import lay_defaults
from peyvand.config.api_problems import PROBLEMS
from peyvand.core import clock
from peyvand.core.tests.working import work_off
from peyvand.imports.models import Import
from peyvand.imports.services import add_files, landing
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.tests.programs import Program
from peyvand.workspaces.types import Scope

CSV = """order number;date;name;mobile;rating
1001;2026-10-01;Negar;09121112233;5
1002;2026-10-02;Arash;09123334455;2
1003;the day after;Sara;09124445566;4
"""
COLUMNS = {"kind": "review.written", "occurred_at": "date", "phone": "mobile", "name": "name", "external_id": "order number"}
COLUMNS |= {"score": "rating", "measure": "rating", "source": "shop"}

JOINING = """source = "shop"
[customer]
identities = { phone = "mobile" }
[joins.people]
on = "mobile"
key = "mobile"
[[interactions]]
kind = "review.written"
occurred_at = "date"
external_id = "{order number}"
"""


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


@pytest.mark.django_db(transaction=True)
def test_an_upload_lies_on_the_disk_before_its_transaction_begins(data_folder):
    """SQLite has one writer: what is copied inside a transaction keeps everybody else waiting."""
    shop, place = Program(), data_folder / "files/imports"
    lay_defaults(workspace=shop.workspace)
    text = CSV + "1004;2026-10-04;Mina;09125556677;4\n" * 20_000
    one = asked_inside(place, lambda: upload(shop, text, Idempotency_Key="october"), len(text))
    here = f"/imports/{one['id']}"
    shop.told("put", f"{here}/map", {"text": JOINING})
    shop.told("delete", f"{here}/check")
    beside = {"file": SimpleUploadedFile("people.csv", text.encode())}
    tag = shop.call("get", here)["ETag"]
    more = asked_inside(place, lambda: shop.told("post", f"{here}/files", files=beside, If_Match=tag), 2 * len(text))
    assert sorted(more["files"]) == ["main", "people"]
    assert [folder.name for folder in place.iterdir()] == [str(Import.objects.get().pk)]


def asked_inside(place, do, size):
    """Do it; whenever the database is asked inside a transaction, files of this size in all are on the disk."""
    seen = set()

    def note(execute, sql, params, many, context):
        if context["connection"].in_atomic_block:
            seen.add(sum(file.stat().st_size for file in place.glob("*/*") if file.is_file()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = do()
    assert seen == {size}
    return answer


@pytest.mark.parametrize("links", [True, False])
def test_the_same_files_again_are_not_copied_and_outlive_the_first_ones(shop, monkeypatch, django_capture_on_commit_callbacks, links):
    """A copy of gigabytes would be made inside a transaction; where a file system has no links it has to be."""
    if not links:
        monkeypatch.setattr("pathlib.Path.hardlink_to", lambda *_paths: os.link("/proc/self/status", "/proc/self/again"))  # not there
    one = upload(shop)
    more = shop.told("post", f"/imports/{one['id']}/again")
    first, second = Import.objects.order_by("pk")
    assert (first.folder / "reviews.csv").samefile(second.folder / "reviews.csv") is links
    with django_capture_on_commit_callbacks(execute=True):
        shop.told("delete", f"/imports/{one['id']}/files")
    assert not first.folder.exists()
    assert shop.told("get", f"/imports/{more['id']}/columns")["total"] == 3


def test_a_form_with_too_many_parts_is_refused_in_words_that_are_described(shop):
    files = {f"more-{n}": SimpleUploadedFile("a.csv", b"a,b\n1,2\n") for n in range(101)}
    assert shop.refused("post", "/imports", files=files) == (400, "bad-request", "")
    assert "bad-request" in PROBLEMS[400]


@pytest.mark.django_db(transaction=True)
def test_two_uploads_under_one_key_at_once_leave_the_files_of_one(data_folder, monkeypatch):
    """Both are on the disk before either is known; the transaction of the second one is undone."""
    shop, place = Program(), data_folder / "files/imports"
    lay_defaults(workspace=shop.workspace)
    both, answers = threading.Barrier(2), []

    @contextmanager
    def landed_together(files):
        with landing.landed(files) as arrived:
            both.wait(PATIENCE)
            yield arrived

    def send():
        answers.append(upload(shop, Idempotency_Key="october"))
        connection.close()

    monkeypatch.setattr("peyvand.imports.api.landed", landed_together)
    threads = [threading.Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert answers[0] == answers[1]
    assert [folder.name for folder in place.iterdir()] == [str(Import.objects.get().pk)]
    assert (place / str(Import.objects.get().pk) / "reviews.csv").read_text() == CSV


def test_what_a_key_may_not_upload_never_lands(shop, monkeypatch):
    """A key of a form on a site, or one that asked too often, would have the disk written full for nothing."""
    landings = []
    monkeypatch.setattr("peyvand.imports.api.landed", landings.append)
    reader = Program("kafshdoozak", [Scope.CUSTOMERS_READ])
    files = {"file": SimpleUploadedFile("reviews.csv", CSV.encode())}
    assert reader.refused("post", "/imports", files=files)[:2] == (403, "forbidden")
    monkeypatch.setattr("django.conf.settings.PEYVAND_API_A_MINUTE", 0)
    files = {"file": SimpleUploadedFile("reviews.csv", CSV.encode())}
    assert shop.refused("post", "/imports", files=files)[:2] == (429, "too-many-requests")
    assert landings == []


def test_a_file_that_two_put_beside_at_once_is_there_once(shop):
    here = f"/imports/{upload(shop)['id']}"
    shop.told("put", f"{here}/map", {"text": JOINING})
    shop.told("delete", f"{here}/check")
    stale = Import.objects.get()
    shop.told("post", f"{here}/files", files={"file": SimpleUploadedFile("people.csv", b"mobile\n09121112233\n")})
    known = Import.objects.get()
    add_files(one=stale, files={"people": ("people.csv", [b"mobile\n09121112233\n"])})
    assert (Import.objects.get().digest, Import.objects.get().files) == (known.digest, known.files)
    assert sorted(path.name for path in known.folder.glob("*.csv")) == ["people.csv", "reviews.csv"]


def test_an_upload_that_ends_while_another_begins_disturbs_nobody(shop, data_folder):
    """What is taken away between the look at the folder and the look at its age."""
    place = data_folder / "files/imports"
    place.mkdir(parents=True)
    (place / "arriving-taken").symlink_to(place / "gone")
    upload(shop)


def test_what_an_upload_left_that_died_is_gone_later(shop, data_folder):
    left, fresh = (data_folder / "files/imports" / f"arriving-{name}" for name in ("left", "fresh"))
    for folder in (left, fresh):
        folder.mkdir(parents=True)
    long_ago = clock.now().timestamp() - 2 * 3600
    os.utime(left, (long_ago, long_ago))
    upload(shop)
    assert (left.exists(), fresh.exists()) == (False, True)


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
