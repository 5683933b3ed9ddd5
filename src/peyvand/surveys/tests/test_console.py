"""The list of surveys, the editor, the preview, as a manager uses them."""

import html
import re

import pytest
from django.test import Client

from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.core.tests.working import work_off
from peyvand.surveys.models import AskRule, Invitation, Survey
from peyvand.surveys.queries.results import Result
from peyvand.surveys.queries.rules import rule_notes, rule_sentence
from peyvand.surveys.services import keep_score, lay_default_survey, submit
from peyvand.surveys.tests.conftest import read_timeline, send_everything
from peyvand.timeline.services import record
from peyvand.timeline.types import Item, PerceptionIn
from peyvand.workspaces.models import AuditEntry, Member, User
from peyvand.workspaces.services import create_workspace

pytestmark = pytest.mark.django_db
SURVEYS = "/w/sofalineh/surveys/"


@pytest.fixture
def editor(survey) -> str:
    return f"{SURVEYS}{public_id(bytes(survey.workspace.id_key), survey.pk)}/"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send back of the editor's form, unchanged."""
    form = page[page.index("editor-form") :]
    form = form[: form.index("</form>")]
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and ('type="radio"' not in tag or "checked" in tag):
            values[name[1]] = value[1] if value else ""
    values |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    del values["csrfmiddlewaretoken"]
    return {name: html.unescape(value) for name, value in values.items()}


def test_a_new_workspace_has_one_ready_survey_that_asks_nobody_yet(console, brand):
    survey = Survey.objects.get()
    assert (survey.code, survey.measure, survey.is_active, survey.rule.kind) == ("delivery", "nps", False, "order.delivered")
    page = console.get(SURVEYS).content.decode()
    assert "پس از تحویل سفارش" in page
    assert "اکنون از کسی پرسیده نمی‌شود" in page
    assert lay_default_survey(brand).pk == survey.pk


def test_the_rule_is_said_in_plain_words(brand, survey, persian):
    assert rule_sentence(brand, survey.rule) == "۲ روز پس از «تحویل سفارش»، از همهٔ مشتریان می‌پرسیم؛ هر مشتری حداکثر هر ۳۰ روز یک بار."
    survey.rule.share, survey.rule.delay_hours, survey.rule.rest_days = 50, 0, 0
    assert rule_sentence(brand, survey.rule) == "بلافاصله پس از «تحویل سفارش»، از ۵۰٪ مشتریان می‌پرسیم؛ هر چند بار که پیش بیاید."
    assert "ایمیل‌ها در روزهای کاری، از ساعت ۹ تا ۲۱ فرستاده می‌شوند." in rule_notes(brand, survey.rule)


def test_a_survey_begins_and_pauses(console, editor, survey):
    console.post(f"{editor}switch/", {"active": "0"})
    survey.refresh_from_db()
    assert not survey.is_active
    console.post(f"{editor}switch/", {"active": "1"})
    console.post(f"{editor}switch/", {"active": "1"})
    survey.refresh_from_db()
    assert survey.is_active
    assert list(AuditEntry.objects.filter(action__startswith="survey.").order_by("pk").values_list("action", flat=True))[-2:] == [
        "survey.paused",
        "survey.resumed",
    ]


def test_what_is_sent_back_unchanged_changes_nothing(console, editor, survey):
    before = (survey.texts, survey.names, survey.reasons, AskRule.objects.values().get())
    answer = console.post(editor, form_of(console.get(editor).content.decode()))
    assert answer.status_code == 302
    survey.refresh_from_db()
    for language in ("fa", "en"):
        assert survey.texts[language] == before[0][language]
    assert (survey.names, survey.reasons, AskRule.objects.values().get()) == before[1:]


def test_texts_rule_and_reasons_are_changed_with_digits_and_letters_of_any_kind(console, editor, survey):
    values = form_of(console.get(editor).content.decode())
    values |= {"share": "٥٠", "delay": "۳", "delay_unit": "hours", "question_fa": "كيفيت تحويل {brand} چطور بود؟"}
    values |= {"reason_0_fa": "", "reason_0_en": "", "reason_7_fa": "رنگ", "reason_7_en": "Colour"}
    assert console.post(editor, values).status_code == 302
    survey.refresh_from_db()
    assert (survey.rule.share, survey.rule.delay_hours) == (50, 3)
    assert survey.texts["fa"]["question"] == "کیفیت تحویل {brand} چطور بود؟"
    assert [reason["code"] for reason in survey.offered_reasons] == [
        "packaging",
        "no_news",
        "conduct",
        "quality",
        "wrong_item",
        "other",
        "reason_1",
    ]
    assert "کیفیت تحویل سفالینه چطور بود؟" in console.get(f"{editor}preview/score/").content.decode()


def test_a_reason_taken_away_is_offered_no_longer_and_keeps_naming_its_answers(console, editor, survey):
    values = form_of(console.get(editor).content.decode()) | {"reason_0_fa": "", "reason_0_en": ""}
    for _ in range(2):  # and a second change of the survey forgets it no more than the first
        assert console.post(editor, values).status_code == 302
        values = form_of(console.get(editor).content.decode())
    survey.refresh_from_db()
    assert "دیر رسید" not in console.get(f"{editor}preview/why/").content.decode()
    assert "late" not in [reason["code"] for reason in survey.offered_reasons]
    assert [(reason["code"], reason["fa"]) for reason in survey.reasons if reason.get("off")] == [("late", "دیر رسید")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": "101"},
        {"share": "0"},
        {"delay": "-1"},
        {"rest_days": "x"},
        {"kind": "case.closed"},
        {"measure": "iq"},
        {"question_fa": ""},
        {"question_fa": "{brnad}؟"},
        {"question_fa": "x" * 201},
        {"touchpoint": "999999"},
        {"reason_0_fa": ""},
        {"name_fa": ""},
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(console, editor, survey, wrong):
    before = (survey.texts, survey.rule.share)
    answer = console.post(editor, form_of(console.get(editor).content.decode()) | wrong)
    assert answer.status_code == 422
    assert "هنوز ذخیره نشده است" in answer.content.decode()
    survey.refresh_from_db()
    assert (survey.texts, survey.rule.share) == before


def test_the_measure_stays_once_somebody_was_asked(console, editor, survey, deliver):
    values = form_of(console.get(editor).content.decode()) | {"measure": "csat"}
    deliver()
    answer = console.post(editor, values)
    assert answer.status_code == 422
    assert "سنجه عوض نمی‌شود" in answer.content.decode()


def test_a_new_survey_is_filled_in_and_paused(console, brand):
    page = console.get(f"{SURVEYS}new/?measure=csat").content.decode()
    answer = console.post(f"{SURVEYS}new/", form_of(page) | {"name_fa": "پس از تماس", "kind": "call.ended"})
    assert answer.status_code == 302
    survey = Survey.objects.order_by("pk").last()
    assert (survey.code, survey.measure, survey.is_active) == ("csat-call", "csat", False)
    assert survey.texts["en"]["high"] == "5 means entirely"


def test_the_preview_shows_what_is_typed_and_keeps_none_of_it(console, editor, survey, client):
    typed = form_of(console.get(editor).content.decode())
    typed |= {
        "question_fa": "این بسته چطور بود <b>{brand}</b>؟",
        "reason_0_fa": "رنگ",
        "thanks_fa": "",
        "mail_subject_fa": "سلام",
        "share": "x",
    }
    shown = {}
    for step in ("score", "why", "thanks", "mail"):
        answer = console.post(f"{editor}sketch/{step}/", typed | {"lang": "fa"}, follow=True)
        assert answer.redirect_chain == [(f"{editor}sketch/{step}/?lang=fa", 303)]
        assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
        shown[step] = answer.content.decode()
    for step in ("score", "mail"):
        assert "این بسته چطور بود &lt;b&gt;سفالینه&lt;/b&gt;؟" in shown[step]
    assert "رنگ" in shown["why"]
    assert f'action="{editor}sketch/why/"' in shown["score"]
    survey.refresh_from_db()
    assert "این بسته" not in survey.texts["fa"]["question"]
    assert "این بسته" not in console.get(f"{editor}preview/score/").content.decode()
    assert client.post(f"{editor}sketch/score/", typed).status_code in (302, 403)


@pytest.mark.parametrize(("usual", "order"), [("fa", ["fa", "en"]), ("en", ["en", "fa"])])
def test_the_preview_opens_in_the_customers_usual_language(console, editor, brand, usual, order):
    brand.default_language = usual
    brand.save()
    page = console.get(editor).content.decode()
    assert f'src="{editor}preview/score/?lang={usual}"' in page
    assert list(dict.fromkeys(re.findall(r'name="lang"\s+value="(\w+)"', page[page.index("phone-frame") :]))) == order


@pytest.mark.parametrize("step", ["score", "why", "thanks", "mail"])
@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_preview_shows_each_page_in_each_language_and_records_nothing(console, editor, survey, step, language):
    answer = console.get(f"{editor}preview/{step}/?lang={language}&score=3")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in page
    assert "SAMEORIGIN" in answer["X-Frame-Options"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert 'method="post"' not in page
    assert console.post(f"{editor}preview/{step}/", {"score": "3"}).status_code == 405
    assert not Invitation.objects.exists()


def test_the_editor_alone_may_frame(console, editor):
    assert "frame-src 'self'" in console.get(editor)["Content-Security-Policy"]
    assert "frame-src 'none'" in console.get(SURVEYS)["Content-Security-Policy"]


def test_a_test_mail_comes_to_oneself_and_leads_to_the_preview(console, editor, mailbox):
    console.post(f"{editor}test/", {"lang": "en"})
    [mail] = mailbox.mails
    assert mail["To"] == "me@sofalineh.example"
    assert "/preview/score/" in mail.get_body(("plain",)).get_content()
    assert "order 521803" in mail.get_body(("plain",)).get_content()
    assert not Invitation.objects.exists()


def test_the_list_tells_sent_answered_and_the_score_with_its_interval(console, invited, client, now):
    keep_score(invitation=invited, score=9, language="fa")
    submit(invitation=invited, reasons=[], words="")
    read_timeline()
    [row] = console.get(SURVEYS).context["rows"]
    assert (row["result"].sent, row["result"].answered, row["result"].share) == (1, 1, 1.0)
    assert (row["result"].estimate.n, row["result"].estimate.value) == (1, 100.0)
    assert "۱ بار پرسیدیم و ۱ پاسخ گرفتیم" in console.get(SURVEYS).content.decode()
    assert row["answers_url"].endswith("&period=90")  # the same days the number counts
    assert len(console.get(row["answers_url"]).context["rows"]) == 1


def test_answers_without_an_invitation_make_no_share_of_those_sent(console, invited, survey, now):
    for n in range(3):
        felt = [PerceptionIn(measure="nps", value=9, scale=(0, 10))]
        at_kiosk = Item(
            kind="survey.answered",
            occurred_at=clock.now(),
            channel="kiosk",
            properties={"survey": survey.code},
            perceptions=felt,
            source="kiosk",
            external_id=str(n),
        )
        record(survey.workspace_id, at_kiosk)
    read_timeline()
    page = console.get(SURVEYS)
    [row] = page.context["rows"]
    assert (row["result"].sent, row["result"].answered, row["result"].share) == (1, 3, None)
    assert "۳ پاسخ رسید؛ ما ۱ دعوت فرستادیم" in page.content.decode()
    assert "از کیوسک، گفت‌وگو یا فایل هم رسیده" in page.content.decode()


def test_held_back_mails_are_counted(console, survey, deliver, mailbox, now):
    mailbox.refusals["negar@post.example"] = "550 no"
    deliver()
    send_everything(now)
    work_off()
    [row] = console.get(SURVEYS).context["rows"]
    assert (row["result"].sent, row["result"].held) == (0, 1)


def test_another_brands_survey_is_not_found(console, survey):
    other = create_workspace(name="Other", slug="other")
    foreign = lay_default_survey(other)
    for key in (bytes(survey.workspace.id_key), bytes(other.id_key)):
        address = f"{SURVEYS}{public_id(key, foreign.pk)}/"
        assert console.get(address).status_code == 404
        assert console.get(f"{address}preview/score/").status_code == 404
        assert console.post(f"{address}switch/", {"active": "1"}).status_code == 404
        assert console.post(f"{address}test/").status_code == 404
    foreign.refresh_from_db()
    assert not foreign.is_active


@pytest.mark.parametrize("role", ["lead", "agent", "analyst", "viewer"])
def test_only_owners_and_managers_edit(console, editor, role):
    Member.objects.update(role=role)
    for address in (SURVEYS, editor, f"{editor}preview/score/", f"{SURVEYS}new/"):
        assert console.get(address).status_code == 403
    assert console.post(f"{editor}switch/", {"active": "1"}).status_code == 403


def test_nobody_edits_without_signing_in(editor, survey):
    assert Client().get(editor).status_code == 302
    assert Client().post(f"{editor}switch/", {"active": "1"}).status_code == 302


def test_the_share_is_that_of_surveys_that_are_asked_and_the_rest_is_named(survey, console, monkeypatch):
    figures = {survey.code: Result(sent=1_000, answered=400), "kiosk": Result(sent=66, answered=865)}
    monkeypatch.setattr("peyvand.surveys.views.surveys.results", lambda *_workspace, **_since: figures)
    said = "در ۹۰ روز گذشته ۱٬۰۰۰ بار پرسیدیم و ۴۰۰ پاسخ گرفتیم، یعنی ۴۰٪؛ ۸۶۵ پاسخ دیگر از کیوسک و صفحه و فایل رسید."
    page = console.get(SURVEYS)
    assert (page.context["finding"], page.content.decode().count("۹۰ روز گذشته")) == (said, 1)


@pytest.mark.parametrize(
    ("result", "sure", "beside"),
    [
        (Result(sent=1_000, answered=400), "95% interval of the share: 37% to 43%.", "<bdi>37%</bdi> to <bdi>43%</bdi>"),
        (Result(sent=29, answered=10), "Too few invitations to conclude from.", "too few"),
        (Result(sent=66, answered=865), "", "also at a kiosk, in a chat or from a file"),
    ],
)
def test_the_share_of_answered_invitations_has_an_interval_or_is_called_too_few(survey, console, monkeypatch, result, sure, beside):
    User.objects.update(language="en")
    monkeypatch.setattr("peyvand.surveys.views.surveys.results", lambda *_workspace, **_since: {survey.code: result})
    page = console.get(SURVEYS)
    assert page.context["sure"] == sure
    assert beside in page.content.decode()
    assert ("too few" in page.content.decode().lower()) is (result.sent == 29)
