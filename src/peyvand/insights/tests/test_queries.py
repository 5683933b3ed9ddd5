"""Questions are answered alike from rollups and from rows, and as a person would count by hand."""

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import merge_terms
from peyvand.core import clock
from peyvand.core.calendars import date_parts
from peyvand.insights.asking import question as asked
from peyvand.insights.queries import answer
from peyvand.insights.questions import Question, QuestionError, Span, cut_of, leaves_out
from peyvand.insights.tests.conftest import NOON, answer_item, copy, keep
from peyvand.measures import nps, rating
from peyvand.measures.scores import Scores
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.types import Subject

pytestmark = pytest.mark.django_db(transaction=True)
TEHRAN = ZoneInfo("Asia/Tehran")


def ask(workspace, measure="nps", *by, **more):
    return answer(Question(workspace=workspace, measure=measure, by=by, **more))


def figures(found):
    return {group[0] if len(group) == 1 else group: (estimate.n, estimate.value) for group, estimate in found.now.groups}


def scattered(count=400):
    """Answers of three measures over 14 months, with and without each dimension."""
    chance = clock.random("scattered answers")
    for n in range(count):
        measure, top = chance.choice((("nps", 10), ("csat", 5), ("ces", 7)))
        yield answer_item(
            float(chance.randint(0 if measure == "nps" else 1, top)),
            measure=measure,
            occurred_at=NOON - dt.timedelta(hours=chance.randint(0, 14 * 30 * 24)),
            who=f"person-{n % 90}",
            channel=chance.choice(("sms", "web", "store", "")),
            touchpoint=chance.choice(("delivery", "support", "")),
            branch=chance.choice(("vanak", "karaj", "")),
            product=chance.choice(("mug", "vase", "bowl", "")),
            department=chance.choice(("sales", "")),
            employee=chance.choice(("", "mina")),
            device=chance.choice(("", "phone")),
        )


def test_rollups_and_rows_give_the_same_figures(brand, kept):
    kept(scattered())
    spans = (Span(), Span(day(2026, 1, 1), day(2026, 5, 1)))
    for by in (
        (),
        ("channel",),
        ("touchpoint", "channel"),
        ("branch",),
        ("product", "week"),
        ("employee",),
        ("month",),
        ("stage", "month"),
    ):
        for span in spans:
            question = Question(workspace=brand, measure="csat", by=by, span=span, before=Span(day(2025, 6, 1), day(2025, 9, 1)))
            quick, plain = answer(question, source="rollups"), answer(question, source="rows")
            assert quick.to_json() == plain.to_json(), by


def test_what_is_left_out_is_taken_from_all_answers_alike_from_rollups_and_rows(brand, kept):
    kept(scattered())
    items = [item for item in scattered() if item.perceptions[0].measure == "csat"]
    for filters in (
        [("branch!", "karaj")],
        [("branch!", "karaj"), ("branch!", "vanak")],
        [("branch!", "karaj"), ("branch", "vanak"), ("branch", "karaj")],
        [("channel!", "sms"), ("touchpoint!", "support")],
        [("employee!", "mina"), ("employee!", "nobody"), ("channel", "web")],
    ):
        question = Question(workspace=brand, measure="csat", by=(cut_of(filters[0][0]),), filters=tuple(filters))
        quick, plain = answer(question, source="rollups"), answer(question, source="rows")
        assert quick.to_json() == plain.to_json(), filters
        part, rest = [pair for pair in filters if not leaves_out(pair[0])], [pair for pair in filters if leaves_out(pair[0])]
        said = [item for item in items if all(getattr(item, cut_of(name)) != code for name, code in rest)]
        chosen = [item for item in said if not part or (getattr(item, part[0][0]) in [code for _cut, code in part])]
        assert 0 < plain.now.total.n == len(chosen) < len(items), filters


def test_a_merged_branch_is_left_out_with_the_one_that_stands_for_it(brand, kept):
    kept([answer_item(10, branch="karaj"), answer_item(0, branch="Karaj branch"), answer_item(10, branch="vanak"), answer_item(9)])
    keep_term, away = (Term.objects.get(workspace=brand, dimension="branch", code=code) for code in ("karaj", "Karaj branch"))
    merge_terms(keep=keep_term, away=away, actor=None)
    for code in ("karaj", "Karaj branch"):
        for source in ("rows", "rollups"):
            left = answer(Question(workspace=brand, measure="nps", by=("branch",), filters=(("branch!", code),)), source=source)
            assert figures(left) == {"vanak": (1, 100.0), None: (1, 100.0)}


def test_figures_are_those_counted_by_hand(brand, kept):
    items = list(scattered())
    kept(items)
    mine = [item for item in items if item.perceptions[0].measure == "nps"]
    by_channel, by_month = defaultdict(list), defaultdict(list)
    for item in mine:
        by_channel[item.channel or None].append(item.perceptions[0].value)
        year, month, _day = date_parts(item.occurred_at.astimezone(TEHRAN).date(), "jalali")
        by_month[f"{year}-{month:02d}"].append(item.perceptions[0].value)
    found = ask(brand, "nps", "channel")
    assert found.now.total.n == len(mine)
    assert figures(found) == {channel: (len(values), nps(Scores.from_values(values)).value) for channel, values in by_channel.items()}
    assert figures(ask(brand, "nps", "month")) == {
        month: (len(values), nps(Scores.from_values(values)).value) for month, values in by_month.items()
    }


def day(year, month, number):
    return dt.datetime(year, month, number, tzinfo=TEHRAN).astimezone(dt.UTC)


def test_a_day_begins_at_midnight_where_the_workspace_is(brand, kept):
    kept(
        [
            answer_item(9, occurred_at=dt.datetime(2026, 5, 21, 20, 29, tzinfo=dt.UTC)),  # 23:59 in Tehran, 31 Ordibehesht
            answer_item(2, occurred_at=dt.datetime(2026, 5, 21, 20, 30, tzinfo=dt.UTC)),  # midnight, 1 Khordad
        ]
    )
    for source in ("rollups", "rows"):
        found = answer(Question(workspace=brand, measure="nps", by=("day",)), source=source)
        assert figures(found) == {"2026-05-21": (1, 100.0), "2026-05-22": (1, -100.0)}
    assert figures(ask(brand, "nps", "month")) == {"1405-02": (1, 100.0), "1405-03": (1, -100.0)}


def test_rollups_of_another_time_zone_are_not_used(brand, kept):
    kept([answer_item(9, occurred_at=dt.datetime(2026, 5, 21, 20, 45, tzinfo=dt.UTC))])
    brand.time_zone = "UTC"
    brand.save()
    assert figures(answer(Question(workspace=brand, measure="nps", by=("day",)), source="rollups")) == {"2026-05-21": (1, 100.0)}


def test_merged_terms_are_counted_with_the_one_that_stands_for_them(brand, kept):
    kept([answer_item(10, branch="karaj"), answer_item(0, branch="Karaj branch"), answer_item(10, branch="vanak")])
    keep_term, away = (Term.objects.get(workspace=brand, dimension="branch", code=code) for code in ("karaj", "Karaj branch"))
    merge_terms(keep=keep_term, away=away, actor=None)
    assert figures(ask(brand, "nps", "branch")) == {"karaj": (2, 0.0), "vanak": (1, 100.0)}
    assert ask(brand, "nps", filters=(("branch", "karaj"),)).now.total.n == 2
    assert ask(brand, "nps", filters=(("branch", "Karaj branch"),)).now.total.n == 2


def test_an_undone_batch_is_out_of_the_figures_before_the_lake_lets_go(brand, kept):
    batch = open_batch(workspace=brand, label="orders.csv")
    kept([answer_item(10, channel="sms")])
    kept([answer_item(0, channel="sms")] * 3, batch=batch.pk)
    assert ask(brand).now.total.n == 4
    undo_batch(batch=batch)
    assert ask(brand).now.total.n == 1
    assert figures(ask(brand, "nps", "channel")) == {"sms": (1, 100.0)}
    copy()
    assert figures(ask(brand, "nps", "channel")) == {"sms": (1, 100.0)}


def orders():
    """Three orders with a rating: late, on time after a correction, never delivered."""
    for number, score in (("1", 2), ("2", 5), ("3", 1)):
        yield answer_item(score, measure="rating", subject=Subject("order", number))
    yield make_item(
        kind="order.delivered", occurred_at=NOON - dt.timedelta(days=3), subject=Subject("order", "1"), properties={"late": True}
    )
    yield make_item(
        kind="order.delivered", occurred_at=NOON - dt.timedelta(days=3), subject=Subject("order", "2"), properties={"late": True}
    )
    yield make_item(
        kind="order.delivered", occurred_at=NOON - dt.timedelta(days=2), subject=Subject("order", "2"), properties={"late": False}
    )
    yield make_item(
        kind="order.delivered", occurred_at=NOON - dt.timedelta(days=2), subject=Subject("visit", "3"), properties={"late": False}
    )


def test_a_rating_is_cut_by_whether_the_delivery_of_its_order_was_late(brand, kept):
    kept(orders())
    with translation.override("en"):
        found = ask(brand, "rating", "order.delivered:late")
    assert figures(found) == {"true": (1, 2.0), "false": (1, 5.0)}
    assert found.now.total.n == 2, "the order that was never delivered says nothing of deliveries"
    late = ask(brand, "rating", filters=(("order.delivered:late", "true"),))
    assert (late.now.total.n, late.now.total.value) == (1, 2.0)
    delivered = ask(brand, "rating", filters=(("order.delivered:late", "*"),))
    assert (delivered.now.total.n, delivered.now.total.value) == (2, 3.5)
    assert found.labels == {("order.delivered:late", "true"): "late", ("order.delivered:late", "false"): "on time"}


def test_a_figure_can_be_asked_as_it_was_known_earlier(brand, kept):
    kept([answer_item(10)])
    with clock.frozen(NOON + dt.timedelta(days=5)):
        keep(brand, [answer_item(0, days_ago=1)])
        assert ask(brand).now.total.n == 2
        assert ask(brand, as_of=NOON + dt.timedelta(days=1)).now.total.n == 1


def test_scores_of_another_scale_are_counted_as_invalid_not_mixed_in(brand, kept):
    kept([answer_item(value, measure="rating", scale=(1, 5)) for value in (4, 5, 5)] + [answer_item(9, measure="rating", scale=(1, 10))])
    total = ask(brand, "rating").now.total
    assert (total.n, total.value, total.invalid, total.scale) == (3, rating(Scores.from_values([4, 5, 5])).value, 1, (1.0, 5.0))
    wide = ask(brand, "rating", scale=(1.0, 10.0)).now.total
    assert wide.n == 4


def test_a_measure_of_ones_own_is_a_mean_on_its_own_scale(brand, kept):
    kept([answer_item(value, measure="trust", scale=(1, 7)) for value in (5, 6, 7)])
    total = ask(brand, "trust").now.total
    assert (total.n, total.value, total.scale, total.small) == (3, 6.0, (1.0, 7.0), True)


def test_words_without_a_score_are_no_answer_to_a_figure(brand, kept):
    item = answer_item(9)
    item.perceptions[0].value = None
    item.perceptions[0].text = "چسب کاغذی‌اش باز شده بود"
    kept([item, answer_item(10)])
    assert ask(brand).now.total.n == 1


def test_another_brand_is_never_counted(brand, kept):
    other = make_workspace("Laleh")
    kept([answer_item(10, channel="sms")])
    keep(other, [answer_item(0, channel="sms")] * 5)
    for source in ("rollups", "rows"):
        found = answer(Question(workspace=brand, measure="nps", by=("channel",)), source=source)
        assert figures(found) == {"sms": (1, 100.0)}


def test_an_answer_before_says_what_changed(brand, kept):
    kept([answer_item(10, days_ago=n % 20, channel="sms") for n in range(60)] + [answer_item(n % 11, days_ago=40) for n in range(60)])
    now, then = (
        Span(NOON - dt.timedelta(days=30), NOON + dt.timedelta(days=1)),
        Span(NOON - dt.timedelta(days=60), NOON - dt.timedelta(days=30)),
    )
    found = answer(Question(workspace=brand, measure="nps", span=now, before=then))
    assert found.now.total.value == 100
    assert found.change().beyond_noise
    assert found.to_json()["before"]["n"] == 60


def test_questions_from_words_mean_whole_days_of_either_calendar(brand):
    found = asked(brand, "nps", since="1405-03-01", until="2026-05-31")
    assert found.span == Span(day(2026, 5, 22), day(2026, 6, 1))


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ({"by": ["colour"]}, "by"),
        ({"by": ["day", "week"]}, "by"),
        ({"by": ["order.delivered:late", "call.ended:resolved"]}, "by"),
        ({"by": ["channel"] * 4}, "by"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "since"),
        ({"filters": [("month", "1405-01")]}, "filters"),
        ({"filters": [("month!", "1405-01")]}, "filters"),
        ({"filters": [("amount!", "1..5")]}, "filters"),
        ({"filters": [("order.delivered:late!", "true")]}, "filters"),
        ({"by": ["branch!"]}, "by"),
        ({"level": 1.5}, "level"),
        ({"level": 0.9999999999999999}, "level"),
        ({"level": float("nan")}, "level"),
    ],
)
def test_a_question_that_makes_no_sense_names_its_part(brand, words, part):
    with pytest.raises(QuestionError) as refused:
        asked(brand, "nps", **words)
    assert refused.value.part == part


def test_a_measure_nobody_knows_is_refused(brand):
    with pytest.raises(QuestionError, match="'joy' is none of"):
        asked(brand, "joy")


@pytest.mark.parametrize("source", ["rows", "rollups"])
def test_answers_recorded_before_their_touchpoint_had_a_stage_count_in_the_stage_it_has_now(brand, kept, source):
    kept([answer_item(9, touchpoint="garden", days_ago=2), answer_item(3, touchpoint="garden", days_ago=1, stage="before")])
    garden = Term.objects.get(workspace=brand, dimension="touchpoint", code="garden")
    stages = {term.code: term for term in Term.objects.filter(workspace=brand, dimension="stage")}
    by_stage = Question(workspace=brand, measure="nps", by=("stage",))
    assert {group: one.n for group, one in answer(by_stage, source=source).now.groups} == {("before",): 1, (None,): 1}
    Term.objects.filter(pk=garden.pk).update(parent=stages.get("after") or make_stage(brand, "after"))
    assert {group: one.n for group, one in answer(by_stage, source=source).now.groups} == {("before",): 1, ("after",): 1}
    after = Question(workspace=brand, measure="nps", filters=(("stage", "after"),))
    assert answer(after, source=source).now.total.n == 1
    other = answer_item(9, touchpoint="yard", days_ago=2)
    kept([other])
    Term.objects.filter(workspace=brand, dimension="touchpoint", code="yard").update(merged_into=garden)
    assert answer(after, source=source).now.total.n == 2


def make_stage(brand, code):
    return Term.objects.create(workspace=brand, dimension="stage", code=code)
