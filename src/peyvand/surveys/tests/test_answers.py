"""The list of answers: who sees it, how it is narrowed, searched, paged, opened and taken along."""

import csv
import datetime as dt
import io
from importlib import import_module

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peyvand.core.persian import found as persian_found
from peyvand.core.persian import joined_key, search_terms
from peyvand.customers.types import Band
from peyvand.surveys.models import Answer
from peyvand.surveys.queries.answers import Wanted, cell, matching, page_of, read_cursor, summary_of
from peyvand.surveys.tests.conftest import read_timeline
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.services import declare_kind, open_batch, record_many, remove_undone, undo_batch
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import AuditEntry, Member, User
from peyvand.workspaces.services import create_role, create_workspace, put_member
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db
ANSWERS = "/w/sofalineh/answers/"


@pytest.fixture
def say(brand, now):
    """Record an answer and let the list follow."""
    count = 0

    def said(score: float | None = 9, words: str = "", *, batch=None, workspace=None, **more) -> int:
        nonlocal count
        count += 1
        usual = {"branch": "tehran", "touchpoint": "delivery", "kind": "survey.answered", "properties": {"survey": "delivery"}}
        felt = [PerceptionIn("nps", score, (0, 10) if score is not None else None, text=words), *more.pop("also", ())]
        item = Item(
            occurred_at=more.pop("at", now.at - dt.timedelta(minutes=count)),
            customer=CustomerIn(identities=[IdentityIn("email", f"c{count}@post.example")], name=f"مشتری {count}"),
            perceptions=felt,
            source="test",
            external_id=f"answer-{count}",
            **(usual | more),
        )
        [outcome] = record_many((workspace or brand).pk, [item], batch=batch)
        read_timeline()
        return outcome.interaction_id

    return said


def wanted(brand, **more) -> Wanted:
    return Wanted(workspace_id=brand.pk, **more)


def words_of(brand, **more) -> list[str]:
    return [answer.words for answer in page_of(wanted(brand, **more)).answers]


def test_every_answer_is_listed_newest_first_whoever_recorded_it(brand, say):
    say(9, "الف", at=None or dt.datetime(2026, 6, 1, tzinfo=dt.UTC))
    say(3, "ب", kind="review.written", properties={}, at=dt.datetime(2026, 6, 3, tzinfo=dt.UTC))
    say(None, "پ", kind="opinion.spoken", properties={}, at=dt.datetime(2026, 6, 2, tzinfo=dt.UTC))
    assert words_of(brand) == ["ب", "پ", "الف"]
    assert summary_of(wanted(brand)).bands == {Band.BAD: 1, Band.GOOD: 1, Band.NONE: 1}


def test_an_interaction_with_several_scores_is_listed_once_and_counted_by_each_measure(brand, say):
    say(9, "خوب", also=[PerceptionIn("csat", 2, (1, 5)), PerceptionIn("rating", 1, (1, 5), item="courier")])
    assert Answer.objects.count() == 2
    assert len(page_of(wanted(brand)).answers) == 1
    assert summary_of(wanted(brand, measure="csat")).bands == {Band.BAD: 1}
    assert words_of(brand, measure="csat") == ["خوب"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("کیفیت", "كيفيت خوب بود"),
        ("می‌روم", "مي روم آنجا"),
        ("بسته بندی", "بسته‌بندی بد بود"),
        ("سلامت", "سلامـــت باشید"),
        ("مدیر", "مُدیر شعبه"),
        ("12000", "قیمت ۱۲۰۰۰ تومان"),
        ("خانه‌ی", "خانهٔ ما"),
        ("پیک‌ها", "پیک دیر آمد"),
        ("دیر پیک", "پیک خیلی دیر رسید"),
        ("به", "به موقع رسید"),
    ],
)
def test_words_are_found_by_persian_rules(brand, say, query, text):
    say(3, text)
    say(3, "چیز دیگر")
    assert words_of(brand, text=query) == [text]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="آابتدرسکهی‌ ۱2%_\"'*^", max_size=8))
def test_any_search_finds_what_the_rule_says_and_breaks_nothing(brand, query):
    texts = ["کتاب ۱۲ درسی", "بسته‌بندی", 'درس_ک%تا"ب', "'' OR 1=1"]
    Answer.objects.all().delete()
    for n, text in enumerate(texts):
        usual = {"interaction_id": n + 1, "occurred_at": dt.datetime(2026, 6, 1, tzinfo=dt.UTC), "measure": "nps", "band": 1, "main": 1}
        Answer.objects.create(id=(n + 1) << 6, workspace=brand, has_words=True, words=text, search_key=joined_key(text), **usual)
    expected = {text for text in texts if persian_found(query, text)} if query.strip() else set(texts)
    if query.strip() and not search_terms(query):
        expected = set()
    assert {answer.words for answer in matching(wanted(brand, text=query))} == expected


def test_it_is_narrowed_by_every_filter(console, brand, say):
    say(3, "بد", branch="karaj", properties={"survey": "other"}, touchpoint="support", channel="sms")
    say(9, "خوب", at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    for query in (
        "band=bad",
        "survey=other",
        "touchpoint=support",
        "branch=karaj",
        "period=30",
        "words=1&band=bad",
        "measure=nps&band=bad",
    ):
        rows = console.get(f"{ANSWERS}?{query}").context["rows"]
        assert [row["one"].words for row in rows] == ["بد"], query
    for query in ("channel=sms", "since=2026-06-01", "stage=after&since=2026-06-01"):
        assert [row["one"].words for row in console.get(f"{ANSWERS}?{query}").context["rows"]] == ["بد"], query
    rows = console.get(f"{ANSWERS}?until=2026-01-01").context["rows"]
    assert [row["one"].words for row in rows] == ["خوب"]


@pytest.mark.parametrize(
    "query",
    [
        "band=x",
        "branch=nowhere",
        "period=9999999999",
        "since=2026-99-99",
        "since=0001-01-01",
        "until=9999-12-31",
        "until=x",
        "from=forged",
        "q=%00",
        "measure=%27",
        "q=%22%22",
    ],
)
def test_a_filter_that_means_nothing_is_passed_over(console, say, query):
    say(3, "بد")
    assert console.get(f"{ANSWERS}?{query}").status_code == 200


def test_pages_follow_each_other_without_gap_or_repeat(brand, say, console):
    for n in range(9):
        say(n, f"{n}", at=dt.datetime(2026, 6, 1 + n // 3, tzinfo=dt.UTC))
    seen, cursor = [], ""
    while True:
        page = page_of(wanted(brand), read_cursor(cursor), 2)
        seen += [answer.words for answer in page.answers]
        if not page.following:
            break
        cursor = page.following
    assert sorted(seen) == [str(n) for n in range(9)]
    assert seen == sorted(seen, key=int, reverse=True)
    back = page_of(wanted(brand), read_cursor(page.previous), 2)
    assert [answer.words for answer in back.answers] == seen[-3:-1]


def test_an_undone_import_is_not_seen_and_then_gone(brand, say):
    batch = open_batch(workspace=brand, label="reviews.csv")
    say(3, "از فایل", batch=batch.pk)
    undo_batch(batch=batch)
    assert words_of(brand) == []
    batch.refresh_from_db()
    batch.out_of_lake = True
    batch.save()
    list(remove_undone(batch=batch))
    assert not Answer.objects.exists()


def test_the_page_says_what_the_answers_come_to(console, brand, say):
    for score in [9] * 6 + [7] * 2 + [3] * 2:
        say(score)
    page = console.get(ANSWERS).content.decode()
    assert "از ۱۰ پاسخ، ۶۰٪ راضی و ۲۰٪ ناراضی است." in page
    estimate = summary_of(wanted(brand)).estimate
    assert (estimate.measure, round(estimate.value), estimate.n) == ("nps", 40, 10)
    assert "برای نتیجه‌گیری کم است" in page


def test_the_figure_opens_just_the_answers_it_counts(console, brand, say):
    for score in (9, 8, 2, None):
        say(score, "حرفی")
    say(None, "بی‌نمره", also=[PerceptionIn("csat", 5, (1, 5)), PerceptionIn("nps", 10, (0, 10))])
    say(4, also=[PerceptionIn("csat", 1, (1, 5))])
    page = console.get(ANSWERS)
    estimate = summary_of(wanted(brand)).estimate
    assert (estimate.measure, estimate.n) == ("nps", 5)
    narrowed = console.get(ANSWERS + page.context["basis_url"])
    assert len(narrowed.context["rows"]) == estimate.n
    assert narrowed.context["basis"] == page.context["basis"]
    assert narrowed.context["tabs"][0]["count"] == estimate.n


def test_a_figure_that_leaves_out_another_scale_opens_no_list(console, say):
    for score, scale in ((5, (1, 5)), (4, (1, 5)), (7, (1, 7))):
        say(None, "حرفی", also=[PerceptionIn("csat", score, scale)])
    page = console.get(f"{ANSWERS}?measure=csat")
    assert (page.context["basis_url"], len(page.context["rows"])) == ("", 3)


def test_an_answer_opens_in_place_with_reasons_other_scores_and_subject(console, say):
    say(
        3,
        "دیر <b>رسید</b>",
        properties={"survey": "delivery", "reasons": ["late"]},
        subject=Subject("order", "521803"),
        also=[PerceptionIn("csat", 2, (1, 5))],
    )
    page = console.get(ANSWERS).content.decode()
    for text in ("دیر &lt;b&gt;رسید", "دیر رسید", "سفارش ۵۲۱۸۰۳", "شاخص رضایت (CSAT)", "۲ از ۵", "مشتری 1", "تحویل سفارش، tehran"):
        assert text in page, text
    assert "<b>رسید" not in page


def test_a_reason_only_another_survey_knows_has_a_name_all_the_same(console, brand, say):
    survey = brand.surveys.get(code="delivery")
    survey.reasons = [{**reason, "off": "yes"} if reason["code"] == "late" else reason for reason in survey.reasons]
    survey.save()
    say(3, properties={"survey": "delivery", "reasons": ["late"]})
    say(4, properties={"survey": "by-phone", "reasons": ["late"]})
    assert console.get(ANSWERS).content.decode().count("دیر رسید") == 4


def test_an_empty_place_says_what_it_is_for(console, brand):
    page = console.get(ANSWERS).content.decode()
    assert "اینجا می‌خوانید که مشتریان چه می‌گویند" in page
    assert "دیدن نظرسنجی" in page


def test_the_file_has_every_answer_and_no_formula(console, brand, say):
    say(3, "=HYPERLINK(1)")
    say(9, "+98 خوب\x07")
    answer = console.get(f"{ANSWERS}export/?band=bad")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    [head, row] = list(csv.reader(io.StringIO(text)))
    assert head[0] == "زمان"
    assert row[4] == "3"
    assert row[-1] == "'=HYPERLINK(1)"
    assert AuditEntry.objects.get(action="answers.exported").detail == {"filter": {"band": "bad"}}


def test_the_file_speaks_the_language_of_who_asked_for_it(console, say):
    say(3, "ok")
    User.objects.update(language="en")
    text = b"".join(console.get(f"{ANSWERS}export/").streaming_content).decode("utf-8-sig")
    assert text.startswith("Time,Customer,")


@pytest.mark.parametrize(("value", "shown"), [("-1", "'-1"), (-1, "-1"), (None, ""), ("@x", "'@x"), ("  =x", "'  =x"), ("a\x00b", "ab")])
def test_cells_are_safe(value, shown):
    assert cell(value) == shown


def test_who_may_see_and_take_along(console, say):
    say(3, "بد")
    for role, reads, exports in [("viewer", 200, 403), ("agent", 200, 403), ("analyst", 200, 200), ("manager", 200, 200)]:
        Member.objects.update(role=role)
        assert console.get(ANSWERS).status_code == reads
        assert console.get(f"{ANSWERS}export/").status_code == exports


def test_who_may_not_read_answers_takes_none_along_though_they_may_export(console, brand, say):
    say(3, "بد")
    actor = Member.objects.get().user
    for permissions, status in [({Permission.EXPORT}, 403), ({Permission.EXPORT, Permission.FEEDBACK_READ}, 200)]:
        role = create_role(workspace=brand, names={"en": f"Takes {status}"}, permissions=permissions, actor=actor)
        reader = put_member(workspace=brand, email=f"{status}@sofalineh.example", name="Reader", role=role).user
        console.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert (console.get(ANSWERS).status_code, console.get(f"{ANSWERS}export/").status_code) == (status, status)


def test_a_phone_number_in_the_words_is_hidden_from_who_needs_none(console, say):
    say(3, "زنگ بزنید: ۰۹۱۲۰۰۰۰۰۱۲")
    for role, sees in [("agent", True), ("analyst", False), ("viewer", False)]:
        Member.objects.update(role=role)
        assert ("۰۹۱۲۰۰۰۰۰۱۲" in console.get(ANSWERS).content.decode()) is sees
    Member.objects.update(role="analyst")
    rows = b"".join(console.get(f"{ANSWERS}export/").streaming_content).decode()
    assert "زنگ بزنید: ۰۹۱۲•••••۱۲" in rows


@pytest.mark.parametrize("guess", ["0912000", "۰۹۱۲۰۰۰۰۰۱۲", "000001", "negar", "negar@post.example"])
def test_a_contact_in_the_words_cannot_be_guessed_by_searching(brand, say, guess):
    say(3, "زنگ بزنید: ۰۹۱۲۰۰۰۰۰۱۲ یا negar@post.example")
    assert words_of(brand, text=guess) == []
    assert len(words_of(brand, text="زنگ بزنید")) == 1


def test_what_was_listed_before_is_no_longer_found_by_its_contacts(brand, say):
    say(3, "زنگ بزنید: ۰۹۱۲۰۰۰۰۰۱۲")
    Answer.objects.update(search_key=joined_key("زنگ بزنید: ۰۹۱۲۰۰۰۰۰۱۲"))
    assert len(words_of(brand, text="000001")) == 1
    import_module("peyvand.surveys.migrations.0003_search_without_contacts").hide(apps, None)
    assert words_of(brand, text="000001") == []


def test_another_brands_answers_are_not_seen(console, say):
    other = create_workspace(name="Other", slug="other")
    say(3, "راز دیگران", workspace=other)
    assert "راز دیگران" not in console.get(ANSWERS).content.decode()
    assert "راز دیگران" not in console.get(f"{ANSWERS}?q=راز").content.decode()
    assert "راز دیگران".encode() not in b"".join(console.get(f"{ANSWERS}export/").streaming_content)


@pytest.mark.parametrize("reasons", [5, "price", {"a": 1}, [{"a": 1}, 7]])
def test_reasons_that_are_no_list_of_codes_break_neither_the_page_nor_the_file(console, say, reasons):
    say(2, "دیر رسید", kind="review.written", properties={"reasons": reasons})
    assert "دیر رسید" in console.get(ANSWERS).content.decode()
    assert "دیر رسید" in b"".join(console.get(f"{ANSWERS}export/").streaming_content).decode()


@pytest.mark.parametrize("completes", [2**70, -1, True, 0])
def test_a_number_no_interaction_can_have_completes_nothing_and_stops_nobody(brand, say, completes):
    say(None, "کدام؟", kind="review.written", properties={"completes": completes})
    say(9, "خوب")
    assert "خوب" in words_of(brand)
    assert not DeadLetter.objects.exists()


def test_an_answer_of_another_brand_cannot_be_completed(brand, say):
    theirs = say(3, "حرف خودشان")
    other = create_workspace(name="Other", slug="other")
    say(None, "حرف ما", workspace=other, kind="review.written", properties={"completes": theirs})
    assert words_of(brand) == ["حرف خودشان"]


def test_an_own_kind_is_called_by_its_name(console, brand, say):
    declare_kind(workspace=brand, code="repair.finished", names={"fa": "پایان تعمیر"}, fields={}, actor=None)
    say(2, "", kind="repair.finished", properties={})
    page = console.get(ANSWERS).content.decode()
    assert "پایان تعمیر" in page
    assert "repair.finished" not in page
