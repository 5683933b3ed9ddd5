"""Whole imports through the records: real sets, resuming after a kill, repeating, undoing and doing again."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from urllib.parse import urlsplit

import psycopg
import pytest
from django.apps import apps
from django.db.models import Avg, Sum
from django.utils.translation import override

from peyvand.core.tests.working import work_off
from peyvand.identities.models import Customer, Identity
from peyvand.imports import services
from peyvand.imports.queries import check_told
from peyvand.imports.tests.conftest import FIXTURES, OLIST, real, recorded, undone
from peyvand.imports.types import CheckCancelled, ImportProblem, State
from peyvand.timeline.models import Batch, Interaction, Perception
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import declare_kind, open_batch
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.services import create_owner

ORDERS = """order_number,date,amount,phone
1,1404/08/01,125000,09121112233
2,2025-10-24 10:30,90000,۰۹۱۲۳۳۳۴۴۵۵
2,2025-10-24 10:30,90000,09123334455
3,not a day,1,09120000000
4,1404/08/03,=1+1,09121112233
5,1404/08/04,50000,12
"""


def state():
    """Everything an import can have left, without integers."""
    found = []
    for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True)))):
        felt = [(one.measure, one.item, one.value, one.text) for one in event.perceptions]
        found.append((event.source, event.external_id, event.kind, event.occurred_at, event.amount, str(event.properties), felt))
    people = sorted(Identity.objects.values_list("type", "value", "customer__name"))
    return sorted(found, key=str), people, Customer.objects.count(), Perception.objects.count()


def test_good_rows_are_recorded_and_each_bad_one_says_why(bring):
    one = recorded(bring(ORDERS.encode(), "orders"))
    assert (one.state, one.rows, one.recorded, one.duplicates, one.rejected) == (State.DONE, 6, 2, 1, 3)
    lines = one.rejected_path.read_text("utf-8-sig").splitlines()
    assert lines[0] == "order_number,date,amount,phone,علت رد,rejected_because"
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4", "5"]
    assert "'=1+1" in lines[2]
    assert "ثبت سفارش · زمان: «not a day» تاریخ نیست" in lines[1]
    first = Interaction.objects.get(external_id="1")
    assert (first.amount, first.currency, first.batch) == (1_250_000, "IRR", one.batch_id)
    assert events(read_ids([first.pk]))[0].occurred_at == dt.datetime(2025, 10, 22, 20, 30, tzinfo=dt.UTC)


def test_what_an_import_records_is_known_by_the_id_of_its_page_also_of_one_before_there_were_codes(bring):
    one = recorded(bring(ORDERS.encode(), "orders"))
    code = pid_of(one.workspace, one)
    assert Batch.objects.get(pk=one.batch_id).code == code
    Batch.objects.update(code="")
    by_hand = open_batch(workspace=one.workspace, label="call.ended")
    import_module("peyvand.imports.migrations.0002_batch_codes").give_codes(apps, None)
    assert Batch.objects.get(pk=one.batch_id).code == code
    assert Batch.objects.get(pk=by_hand.pk).code == ""


SCORES = b"date,phone,stars\n2025-10-24,09121112233,7\n2099-10-24,09121112233,4\n2025-10-24,12,4\n"
STARS = (
    'source = "x"\n[customer]\nidentities = { phone = "phone" }\n[[interactions]]\nkind = "review.written"\noccurred_at = "date"\n'
    'perceptions = [{ measure = "rating", value = "stars" }]\n'
)


@pytest.mark.parametrize("spoken", ["fa", "en"])
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fa", ["نظر روی سایت · امتیاز: ۷ بیرون از مقیاس ۱ تا ۵ است", "بیش از یک روز جلوتر از اکنون است", "«۱۲» شمارهٔ تلفن"]),
        (
            "en",
            ["Score: 7 is off the scale 1 to 5", "When: 2099-10-23T20:30:00+00:00 is more than a day ahead", "Way to know the customer"],
        ),
    ],
)
def test_reasons_are_in_the_language_of_who_reads_them_whoever_brought_the_file(shop, bring, language, said, spoken):
    one = bring(SCORES, STARS)
    one.created_by = create_owner(workspace=shop, email="alice@example.com", password="x").user
    one.created_by.language = spoken
    one.created_by.save()
    one.save()
    services.ask_check(one=one)
    work_off()
    one.refresh_from_db()
    with override(language):
        first = check_told(one)["first"]
    assert len(first) == 3
    for row, words in zip(first, said, strict=True):
        assert words in row["reason"]
    services.start(one=one, actor=None)
    work_off()
    with override(language):
        lines = b"".join(services.downloaded(one.rejected_path)).decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[-1] == {"fa": "علت رد", "en": "rejected_because"}[language]
    assert len(lines) == 4
    for line, words in zip(lines[1:], said, strict=True):
        assert words in line
        assert all("Score:" not in line or language == "en" for line in lines)


def test_a_line_that_cannot_be_read_and_a_file_that_cannot_are_told_in_both_languages(bring):
    rows = b"date,stars,phone\n2025-11-02,4,+989121112233,x,y\n"
    one = services.check(bring(rows, STARS).pk)
    for language, said in (("en", "line 2 has 5 cells"), ("fa", "سطر ۲")):
        with override(language):
            assert said in check_told(one)["first"][0]["reason"]
    broken = services.check(bring(b"date,stars\n2025-11-02,4\n", STARS).pk)
    told = {}
    for language in ("en", "fa"):
        with override(language):
            told[language] = check_told(broken)["problem"]
    assert "phone" in told["en"]
    assert told["en"] != told["fa"]


def test_the_name_of_an_own_kind_stands_in_the_reason_and_not_its_code(shop, bring):
    declare_kind(workspace=shop, code="repair.finished", names={"fa": "پایان تعمیر", "en": "Repair finished"}, fields={}, actor=None)
    one = services.check(bring(SCORES, STARS.replace("review.written", "repair.finished")).pk)
    for language, said in (("en", "Repair finished"), ("fa", "پایان تعمیر")):
        with override(language):
            assert said in check_told(one)["first"][0]["reason"]


def test_a_check_under_way_can_be_cancelled_and_what_it_finds_then_counts_no_more(bring):
    one = bring(SCORES, STARS)
    services.ask_check(one=one)

    note = services.keep_progress(one.pk, every=0.0)

    def cancelled(done: int, rows: int) -> None:
        services.cancel_check(one=one)
        note(done, rows)

    with pytest.raises(CheckCancelled):
        services.check(one.pk, cancelled)
    one.refresh_from_db()
    assert (one.state, one.check_result) == (State.UPLOADED, {})
    with pytest.raises(ImportProblem):
        services.cancel_check(one=one)


def test_a_dry_run_finds_the_same_and_records_nothing(bring):
    one = services.check(bring(ORDERS.encode(), "orders").pk)
    result = one.check_result
    assert (result["recorded"], result["duplicates"], result["rejected"], result["left_out"]) == (2, 1, 3, 0)
    assert [row["row"] for row in result["first"]] == [4, 5, 6]
    assert (Interaction.objects.count(), Customer.objects.count(), Batch.objects.count()) == (0, 0, 0)


def test_a_repeat_changes_nothing(bring):
    recorded(bring(ORDERS.encode(), "orders"))
    before = state()
    again = recorded(bring(ORDERS.encode(), "orders"))
    assert (again.recorded, again.duplicates) == (0, 3)
    assert state() == before


def test_undone_and_done_again_with_another_map_leaves_what_that_map_alone_would(bring):
    empty = state()
    other = (
        'source = "elsewhere"\n[customer]\nidentities = { phone = "phone" }\n[[interactions]]\nkind = "review.written"\n'
        'occurred_at = "date"\nexternal_id = "{order_number}"\n'
    )
    wanted = recorded(bring(ORDERS.encode(), other))
    alone = state()
    undone(wanted)
    assert state() == empty
    first = recorded(bring(ORDERS.encode(), "orders"))
    undone(first)
    first.refresh_from_db()
    assert (first.state, state()) == (State.UNDONE, empty)
    second = services.again(one=first, actor=None)
    services.set_map(one=second, text=other)
    recorded(second)
    assert state() == alone
    with pytest.raises(ImportProblem):
        services.undo(one=first, actor=None)


def test_what_an_undone_import_shares_with_others_stays(bring):
    recorded(bring(ORDERS.encode(), "orders"))
    before = state()
    other = recorded(bring(b"order_number,date,amount,phone\n9,2025-10-24,1000,09121112233\n10,2025-10-24,1,09129998877\n", "orders"))
    undone(other)
    assert state() == before


def test_work_goes_on_where_it_stopped(bring, monkeypatch):
    rows = "order_number,date,amount,phone\n" + "".join(f"{n},2025-01-01,{n if n % 7 else 'x'},0912{n:07}\n" for n in range(1, 700))
    one = bring(rows.encode(), "orders")
    services.start(one=one, actor=None, here=True)

    def killed(now):
        if now.position > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.run(one.pk, killed)
    with one.rejected_path.open("ab") as file:  # what a killed process had written but not committed
        file.write(b"half a li")
    one.refresh_from_db()
    assert 200 < one.position < 699
    done = services.run(one.pk)
    assert (done.state, done.recorded, done.rejected) == (State.DONE, 600, 99)
    assert Interaction.objects.count() == 600
    assert len(done.rejected_path.read_text("utf-8-sig").splitlines()) == 100


def test_two_who_run_the_same_import_do_its_work_once(bring):
    rows = "order_number,date,amount,phone\n" + "".join(f"{n},2025-01-01,{n},0912{n:07}\n" for n in range(1, 300))
    one = bring(rows.encode(), "orders")
    services.start(one=one, actor=None, here=True)
    once = [True]

    def another(_now):
        if once.pop() if once else False:
            services.run(one.pk)

    done = services.run(one.pk, another)
    assert (done.state, done.recorded, done.duplicates) == (State.DONE, 299, 0)


def test_files_can_be_deleted_and_what_was_recorded_stays(bring):
    one = recorded(bring(ORDERS.encode(), "orders"))
    services.delete_files(one=one, actor=None)
    one.refresh_from_db()
    assert one.files_deleted_at is not None
    assert Interaction.objects.count() == 2
    with pytest.raises(ImportProblem):
        services.again(one=one, actor=None)


def test_invoices_keep_their_lines_and_cancellations_and_nobody(bring):
    one = recorded(bring(FIXTURES / "online_retail.csv", "online_retail_uci"))
    assert (one.rows, one.recorded, one.rejected) == (7, 4, 0)
    found = {event.external_id: event for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True))))}
    assert found["536365"].amount == 1530 + 2034
    assert [line["product"] for line in found["536365"].properties["lines"]] == ["85123A", "71053"]
    assert (found["C536379"].kind, found["C536379"].amount) == ("order.cancelled", -2750)
    assert found["536414"].identity_id is None
    assert len(found["536366"].properties["lines"]) == 3  # its rows do not stand together in the file


def test_nought_is_missing_in_a_survey_of_the_airlines_shape(bring):
    one = recorded(bring(FIXTURES / "airline_satisfaction.csv", "airline_satisfaction"))
    assert (one.recorded, one.rejected) == (2, 0)
    happy, unhappy = Interaction.objects.order_by("pk")
    felt = {event.id: [(one.item, one.value) for one in event.perceptions] for event in events(read_ids([happy.pk, unhappy.pk]))}
    assert (felt[happy.pk][:2], len(felt[happy.pk])) == ([("", 1.0), ("wifi", 5.0)], 15)
    assert (felt[unhappy.pk][:2], len(felt[unhappy.pk])) == ([("", 0.0), ("time_convenient", 2.0)], 12)  # three items do not apply


def test_two_purchases_of_one_day_are_two_and_an_order_for_nothing_is_one(bring):
    source = FIXTURES / "cdnow.csv"
    one, again = recorded(bring(source, "cdnow_master")), recorded(bring(source, "cdnow_master"))
    assert (one.recorded, one.rejected, again.recorded, again.duplicates) == (4, 0, 0, 4)
    found = events(read_ids(list(Interaction.objects.values_list("id", flat=True))))
    assert [(event.amount, event.currency, event.properties["quantity"]) for event in found] == [
        (1177, "USD", 1),
        (1200, "USD", 1),
        (7700, "USD", 5),
        (0, "USD", 2),
    ]
    assert found[0].occurred_at == dt.datetime(1997, 1, 1, 5, tzinfo=dt.UTC)  # midnight where the shop was
    assert sorted(Identity.objects.values_list("value", flat=True)) == ["00001", "00002", "00003"]


def test_the_purchases_of_cdnow_add_up(bring):
    one = recorded(bring(real("cdnow_master"), "cdnow_master", name="cdnow.parquet"))
    assert (one.recorded, one.rejected, one.duplicates) == (69_659, 0, 0)
    assert Customer.objects.count() == 23_570
    assert Interaction.objects.aggregate(Sum("amount"))["amount__sum"] == 250_031_563


def test_nought_is_missing_in_the_airline_survey(bring):
    recorded(bring(real("airline_satisfaction_25976"), "airline_satisfaction"))
    felt = Perception.objects.exclude(item=None)
    assert felt.filter(value=0).count() == 0
    assert felt.count() == 14 * 25_976 - 4_202
    assert Interaction.objects.count() == 25_976


def test_the_olist_figures_come_out_as_published(bring):
    one = recorded(bring({role: real(name) for role, name in OLIST.items()}, "olist", name="orders.parquet"))
    assert (one.state, one.rejected, one.duplicates) == (State.DONE, 0, 0)
    assert Customer.objects.count() == Identity.objects.count()
    kinds = {event.external_id: event for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True))))}
    late = {event.subject.id: event.properties["late"] for event in kinds.values() if event.kind == "order.delivered"}
    reviews = {event.id: event.subject.id for event in kinds.values() if event.kind == "review.written"}
    assert len(reviews) == 8_225

    def mean(wanted):
        ids = [pk << 6 for pk, order in reviews.items() if wanted(late.get(order))]
        values = dict(Perception.objects.values_list("id", "value"))
        return sum(values[pk] for pk in ids) / len(ids)

    assert round(mean(lambda was: was is not None), 2) == 4.14
    assert round(mean(lambda was: was is False), 2) == 4.28
    assert round(mean(lambda was: was is True), 2) in (2.49, 2.50)
    assert Perception.objects.aggregate(Avg("value"))["value__avg"] < 4.14


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request, tmp_path):
    """The environment of a Peyvand of its own, and how many interactions it holds now."""
    environment = {**os.environ, "PEYVAND_DATA": str(tmp_path / "data"), "PYTHONPATH": "src"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    environment.pop("PEYVAND_DATABASE_URL", None)
    asked = "SELECT count(*) FROM timeline_interaction"
    if request.param == "sqlite":
        database = tmp_path / "data" / "peyvand.sqlite3"
        count = [sys.executable, "-c", f"import sqlite3; print(sqlite3.connect({str(database)!r}).execute({asked!r}).fetchone()[0])"]
        yield environment, lambda: int(subprocess.check_output(count))
        return
    server, name = request.getfixturevalue("postgres_url"), f"peyvand_kill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        url = urlsplit(server)._replace(path=f"/{name}").geturl()
        try:
            with psycopg.connect(url, autocommit=True) as reader:
                yield environment | {"PEYVAND_DATABASE_URL": url}, lambda: reader.execute(asked).fetchone()[0]
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.slow
def test_kill_9_in_the_middle_loses_and_doubles_nothing(store, tmp_path):
    environment, count = store
    source = tmp_path / "orders.csv"
    rows = "".join(f"{n},2025-01-01,{n},0912{n:07}\n" for n in range(1, 20_001))
    source.write_text("order_number,date,amount,phone\n" + rows)

    def peyvand(*words):
        return [sys.executable, "-m", "peyvand", *words]

    subprocess.run(peyvand("migrate"), env=environment, check=True, capture_output=True)
    subprocess.run(peyvand("createworkspace", "Golestan"), env=environment, check=True, capture_output=True)
    command = peyvand("import", str(source), "--map", "orders", "--json")
    for _round in range(3):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        before = count()
        while process.poll() is None and count() < before + 1_000:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert count() < 20_000, "it was over before it could be killed"
    end = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert '"recorded": 20000' in end.stdout, end.stdout
    assert count() == 20_000


def far_apart(rows: int) -> dict[str, bytes]:
    """An order whose review stands at the end of a long file beside it."""
    names = {"customers": b"customer_id,customer_unique_id,customer_city,customer_state\nc1,p1,x,y\n"}
    names["items"] = b"order_id,product_id,price\n"
    names["payments"] = b"order_id,payment_value\n"
    columns = b"review_id,order_id,review_score,review_comment_title,review_comment_message,review_answer_timestamp\n"
    others = b"".join(b"r%d,other%d,3,,,2018-05-08 12:00:00\n" % (n, n) for n in range(rows))
    names["reviews"] = columns + others + b"r,o1,5,,ok,2018-05-08 12:00:00\n"
    names["main"] = (FIXTURES / "olist_orders.csv").read_bytes().partition(b"\no2")[0] + b"\n"
    return names


def test_the_preview_finds_what_belongs_to_the_first_rows_wherever_it_stands_beside_them(bring):
    items, counts = services.preview(bring(far_apart(60_000), "olist"))
    assert [item.perceptions[0].value for item in items if item.kind == "review.written"] == [5]
    assert counts["unread"] == []


def test_a_preview_that_ran_out_of_time_says_how_far_it_looked(bring, monkeypatch):
    monkeypatch.setattr("peyvand.imports.services.opening.JOINED_SECONDS", 0.0)
    items, counts = services.preview(bring(far_apart(3_000), "olist"))
    assert not any(item.kind == "review.written" for item in items)
    assert counts["unread"] == [{"file": "reviews-file.csv", "rows": 1_000}]
