"""The wizard as a person lives it, from a spreadsheet to the timeline and back."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.core.tests.working import work_off
from peyvand.imports.models import Import
from peyvand.imports.services import keep_progress
from peyvand.imports.tests.conftest import FIXTURES
from peyvand.imports.types import State
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.models import Interaction, Perception
from peyvand.workspaces.services import create_owner, create_workspace, put_member

WINDOWS = str.maketrans("ی۰۱۲۳۴۵۶۷۸۹٬", "ي0123456789,")  # windows-1256 has neither the Persian yeh nor digits
CSV = """شماره سفارش;تاریخ;نام مشتری;موبایل;مبلغ (تومان)
۱۰۰۱;۱۴۰۴/۰۸/۰۱;نگار صبوری;۰۹۱۲۱۱۱۲۲۳۳;۱٬۲۵۰٬۰۰۰
۱۰۰۲;۱۴۰۴/۰۸/۰۲;آرش نیک‌نام;09123334455;480000
۱۰۰۳;۱۴۰۴/۱۳/۰۲;بی تاریخ;09124445566;90000
""".translate(WINDOWS).encode("cp1256", "ignore")


@pytest.fixture
def client(db):
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    owner = create_owner(workspace=workspace, email="owner@brand.example", password="long enough 1", name="پویا")
    client = Client()
    client.force_login(getattr(owner, "user", owner))
    return client


@pytest.fixture
def olist_files():
    """Three made orders in files of the marketplace's shape, by the names its map gives them."""
    named = {"main": "orders", "customers": "customers", "items": "order_items", "payments": "order_payments", "reviews": "order_reviews"}
    return {role: FIXTURES / f"olist_{name}.csv" for role, name in named.items()}


def upload(client) -> str:
    answer = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("سفارش آبان.csv", CSV)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


CHOICES = {
    "kind": "order.placed",
    "occurred_at": "تاریخ",
    "calendar": "auto",
    "order": "ymd",
    "unit": "toman",
    "measure": "rating",
    "phone": "موبایل",
    "name": "نام مشتری",
    "external_id": "شماره سفارش",
    "amount": "مبلغ (تومان)",
    "source": "shop",
}
CHOICES = {name: value.translate(WINDOWS) for name, value in CHOICES.items()}


def test_the_list_says_what_it_is_for_when_it_is_empty(client):
    page = client.get("/w/sofal/imports/")
    assert page.status_code == 200
    assert "/imports/new/" in page.content.decode()


def test_the_files_are_asked_for_in_the_readers_language(client):
    """The browser's own button speaks the browser's language; ours stands before every file field."""
    page = client.get("/w/sofal/imports/new/").content.decode()
    assert page.count('type="file"') == page.count("data-file") == 2


def test_a_windows_spreadsheet_in_persian_is_guessed_and_shown_in_words(client):
    page = client.get(upload(client)).content.decode()
    assert "ثبت سفارش" in page
    assert "نگار صبور" in page
    assert "سفارش آبان.csv" in page
    assert "۱٬۲۵۰٬۰۰۰ تومان" in page


def test_what_a_file_says_is_no_markup_in_any_complaint_about_it(client):
    trap = "<script>alert(1)</script>"
    rows = f"date,phone,{trap}\n2025-01-01,09121112233,1\n{trap},{trap},{trap}\n".encode()
    url = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile(f"{trap}.csv", rows)})["Location"]
    choices = {"kind": "site.visited", "occurred_at": "date", "calendar": "auto", "order": "ymd", "phone": "phone", "source": trap}
    pages = [client.get(url), client.post(f"{url}preview/", choices), client.post(f"{url}columns/", choices)]
    work_off()
    pages += [client.get(url), client.post(f"{url}map/", {"text": f'source = "{trap}"'}), client.get("/w/sofal/imports/")]
    shown = "".join(page.content.decode() for page in pages)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_what_a_map_says_is_no_markup_on_the_page_that_asks_for_its_files(client):
    trap = "<img src=x onerror=alert(1)>"
    url = upload(client)
    joined = f'[joins."{trap}"]\nkey = "id"\non = "شماره سفارش"\nfiles = ["{trap}"]\n'
    rule = '[[interactions]]\nkind = "order.placed"\noccurred_at = "تاریخ"\n'
    client.post(f"{url}map/", {"text": f'source = "{trap}"\n{joined}{rule}'})
    assert Import.objects.get().map_text.count(trap) == 3
    work_off()
    page = client.get(url).content.decode()
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 2
    assert trap not in page


def test_columns_are_checked_live_then_whole_then_imported_then_taken_back(client):
    url = upload(client)
    live = client.post(f"{url}preview/", CHOICES).content.decode()
    assert "نگار صبور" in live
    assert client.post(f"{url}columns/", CHOICES).status_code == 302
    assert Import.objects.get().state == State.CHECKING
    assert "aria-busy" in client.get(f"{url}progress/").content.decode()
    work_off()
    one = Import.objects.get()
    assert (one.state, one.check_result["recorded"], one.check_result["rejected"]) == (State.CHECKED, 2, 1)
    assert Interaction.objects.count() == 0
    assert client.post(f"{url}start/").status_code == 302
    work_off()
    one.refresh_from_db()
    assert (one.state, one.recorded, one.rejected) == (State.DONE, 2, 1)
    assert sorted(Interaction.objects.values_list("amount", flat=True)) == [4_800_000, 12_500_000]
    rejected = b"".join(client.get(f"{url}rejected.csv").streaming_content).decode("utf-8-sig")
    assert rejected.splitlines()[0].endswith("علت رد")
    assert "1003" in rejected
    assert client.get(f"{url}progress/")["HX-Refresh"] == "true"
    assert client.get(url).status_code == 200
    client.post(f"{url}undo/")
    while flush_once():
        pass
    work_off()
    one.refresh_from_db()
    assert one.state == State.UNDONE
    assert Interaction.objects.count() == 0
    again = client.post(f"{url}again/")["Location"]
    assert again != url
    assert client.get(again).status_code == 200


@pytest.mark.parametrize(
    ("state", "language", "told"),
    [
        (State.UNDONE, "fa", "آنچه <bdi>{}</bdi> آورده بود برگردانده شد."),
        (State.UNDONE, "en", "What <bdi>{}</bdi> had brought was taken back."),
        (State.FAILED, "fa", "ورود <bdi>{}</bdi> پیش از پایان متوقف شد."),
        (State.FAILED, "en", "The import of <bdi>{}</bdi> stopped before its end."),
    ],
)
def test_the_headline_says_what_became_of_an_import_that_did_not_stay(client, state, language, told):
    url = upload(client)
    Import.objects.update(state=state)
    client.cookies["django_language"] = language
    page = " ".join(client.get(url).content.decode().split())
    assert told.format("سفارش آبان.csv") in page.partition("pv-finding")[2].partition("</h1>")[0]


def test_one_row_is_spoken_of_as_one(client):
    client.cookies["django_language"] = "en"
    first = CSV[: CSV.index(b"\n", CSV.index(b"\n") + 1) + 1]
    url = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("one.csv", first)})["Location"]
    client.post(f"{url}columns/", CHOICES)
    work_off()
    checked = " ".join(client.get(url).content.decode().split())
    assert "1 row was checked: 1 interaction would be recorded" in checked
    assert "Import 1 interaction<" in checked.replace(" <", "<")
    client.post(f"{url}start/")
    work_off()
    assert "1 interaction was recorded from" in client.get(url).content.decode()


def test_facts_a_department_and_another_scale_are_mapped_and_shown_again(client):
    rows = "تاریخ,موبایل,شهر,سطح وفاداری,واحد,نمره\n1404/08/01,09121112233,یزد,طلایی,پشتیبانی,17\n"
    url = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("نمره.csv", rows.encode())})["Location"]
    page = client.get(url).content.decode()
    assert 'name="attributes" value="شهر" id="id_attributes_2" checked' in page
    choices = {"kind": "review.written", "occurred_at": "تاریخ", "calendar": "auto", "order": "ymd", "source": "s", "phone": "موبایل"}
    choices |= {"score": "نمره", "measure": "rating", "department": "واحد", "attributes": ["شهر", "سطح وفاداری"]}
    assert "بیرون از مقیاس" in client.post(f"{url}preview/", choices).content.decode()
    assert client.post(f"{url}columns/", choices | {"scale": "0-20"}).status_code == 302
    work_off()
    page = client.get(url).content.decode()
    assert '<option value="0-20" selected>' in page
    assert 'value="سطح وفاداری" id="id_attributes_3" checked' in page
    client.post(f"{url}start/")
    work_off()
    kept = Interaction.objects.get()
    assert json.loads(kept.properties)["customer"]["attributes"] == {"city": "یزد", "سطح وفاداری": "طلایی"}
    assert Perception.objects.values_list("value", "low", "high").get() == (17, 0, 20)
    assert Term.objects.get(pk=kept.department).code == "پشتیبانی"


def test_facts_need_somebody_they_are_about(client):
    url = upload(client)
    answer = client.post(f"{url}columns/", CHOICES | {"phone": "", "attributes": [CHOICES["name"]]})
    assert answer.status_code == 422
    assert "نخست بگویید مشتری از کدام ستون" in answer.content.decode()


def test_a_long_check_says_how_far_it_is(client):
    url = upload(client)
    client.post(f"{url}columns/", CHOICES)
    with clock.frozen(clock.now()) as now:
        tell = keep_progress(Import.objects.get().pk)
        now.advance(timedelta(seconds=2))
        tell(500, 2_000)
    page = client.get(f"{url}progress/").content.decode()
    assert "۵۰۰ سطر از ۲٬۰۰۰ سطر بررسی شد" in page
    assert 'value="25"' in page


def test_a_large_file_says_that_only_its_head_was_read(client, monkeypatch):
    monkeypatch.setattr("peyvand.imports.services.opening.HEAD", 2)
    assert "بیش از ۲" in client.get(upload(client)).content.decode()


def test_after_the_check_the_columns_stand_as_they_were_chosen(client):
    url = upload(client)
    client.post(f"{url}columns/", CHOICES | {"kind": "order.delivered"})
    work_off()
    page = client.get(url).content.decode()
    assert '<option value="order.delivered" selected>' in page
    assert '<option value="order.placed" selected>' not in page


def test_a_map_that_would_lose_the_customers_name_or_address_is_not_taken_by_itself(client):
    rows = "order_number,date,amount,phone{more}\n1,2025-10-23,120000,09121112233{cells}\n"
    for more, cells, taken in (("", "", "orders"), (",name,email", ",نگار,negar@post.example", "")):
        file = SimpleUploadedFile("a.csv", rows.format(more=more, cells=cells).encode())
        page = client.get(client.post("/w/sofal/imports/new/", {"file": file})["Location"]).content.decode()
        assert Import.objects.latest("id").map_name == taken
        assert ("نگار" in page.partition('id="import-preview"')[2]) == bool(more)


def test_the_files_a_map_joins_are_asked_for_and_may_come_later(client, olist_files):
    sent = {name: SimpleUploadedFile(path.name, path.read_bytes()) for name, path in olist_files.items()}
    url = client.post("/w/sofal/imports/new/", {"file": sent.pop("main")})["Location"]
    page = client.get(url).content.decode()
    assert all(f'type="file" name="{name}"' in page for name in ("customers", "items", "payments", "reviews"))
    assert "اقلام سفارش‌ها" in page
    assert client.post(f"{url}files/", {"customers": sent["customers"]}).status_code == 422
    sent["customers"].seek(0)
    assert client.post(f"{url}files/", sent).status_code == 302
    one = Import.objects.get()
    assert sorted(one.files) == ["customers", "items", "main", "payments", "reviews"]
    page = client.get(url).content.decode()
    assert 'type="file"' not in page
    assert "تحویل سفارش" in page
    together = {"file": SimpleUploadedFile(olist_files["main"].name, olist_files["main"].read_bytes())}
    more = [SimpleUploadedFile(path.name, path.read_bytes()) for name, path in olist_files.items() if name != "main"]
    client.post("/w/sofal/imports/new/", together | {"more": more})
    assert Import.objects.latest("id").digest == one.digest


def test_a_map_that_is_wrong_says_where(client):
    url = upload(client)
    page = client.post(f"{url}map/", {"name": "", "text": 'source = "x"\n[[interactions]]\nkind = "order.placed"\n'})
    assert page.status_code == 422
    assert "interactions" in page.content.decode()


def test_a_ready_made_map_whose_text_was_changed_is_taken_as_written(client):
    rows = "order_number,date,amount,phone\n1,2025-10-23,120000,09121112233\n"
    url = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("a.csv", rows.encode())})["Location"]
    client.get(url)
    ready = Import.objects.get().map_text
    changed = ready.replace('source = "orders"', 'source = "till"')
    for text, taken in ((ready.replace("\n", "\r\n"), ("orders", ready)), (changed, ("", changed))):
        assert client.post(f"{url}map/", {"name": "orders", "text": text}).status_code == 302
        work_off()
        assert Import.objects.values_list("map_name", "map_text").get() == taken


def test_what_is_no_table_is_refused_in_plain_words(client):
    answer = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 not a zip")})
    page = client.get(answer["Location"])
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


def test_another_workspace_and_lesser_roles_do_not_get_in(client):
    url = upload(client)
    other = create_workspace(name="Bob", slug="bob")
    bob = create_owner(workspace=other, email="bob@brand.example", password="long enough 1", name="Bob")
    stranger = Client()
    stranger.force_login(getattr(bob, "user", bob))
    assert stranger.get(url).status_code == 404
    assert stranger.get(url.replace("/w/sofal/", "/w/bob/")).status_code == 404
    agent = put_member(workspace=Import.objects.get().workspace, email="agent@brand.example", name="Agent", role="agent")
    member = Client()
    member.force_login(agent.user)
    assert member.get(url).status_code == 403
    assert member.post(f"{url}start/").status_code == 403


def test_a_file_keeps_the_half_spaces_of_its_name_and_loses_what_is_dangerous(client):
    sent = SimpleUploadedFile("x.csv", CSV)
    sent._name = "../\u202eسفارش\u200cهای آبان\u0007.csv"
    client.post("/w/sofal/imports/new/", {"file": sent})
    assert Import.objects.get().name == "سفارش\u200cهای آبان.csv"


def test_a_check_under_way_is_cancelled_from_its_page(client):
    url = upload(client)
    client.post(f"{url}columns/", CHOICES)
    assert "cancel-check" in client.get(url).content.decode()
    assert client.post(f"{url}cancel-check/").status_code == 302
    work_off()
    one = Import.objects.get()
    assert (one.state, one.check_result) == (State.UPLOADED, {})
    assert 'name="occurred_at"' in client.get(url).content.decode()


def test_a_stage_and_three_scores_of_one_row_are_mapped_and_shown_again(client):
    rows = "date,phone,stage,stars,recommend,effort,words\n2025-10-24,09121112233,after,4,9,17,خوب بود\n"
    url = client.post("/w/sofal/imports/new/", {"file": SimpleUploadedFile("scores.csv", rows.encode())})["Location"]
    choices = {"kind": "review.written", "occurred_at": "date", "calendar": "auto", "order": "ymd", "source": "s", "phone": "phone"}
    choices |= {"score": "stars", "measure": "rating", "comment": "words", "stage": "stage"}
    choices |= {"score_2": "recommend", "measure_2": "nps", "score_3": "effort", "measure_3": "rating", "scale_3": "0-20"}
    assert "از همین سنجه" in client.post(f"{url}preview/", choices).content.decode()
    assert client.post(f"{url}columns/", choices | {"measure_3": "ces"}).status_code == 302
    work_off()
    page = client.get(url).content.decode()
    assert '<option value="0-20" selected>' in page
    assert '<option value="recommend" selected>' in page
    client.post(f"{url}start/")
    work_off()
    codes = [(Term.objects.get(pk=one.measure).code, one.value, one.high) for one in Perception.objects.order_by("id")]
    assert codes == [("rating", 4.0, 5.0), ("nps", 9.0, 10.0), ("ces", 17.0, 20.0)]
    assert Term.objects.get(pk=Interaction.objects.get().stage).code == "after"
