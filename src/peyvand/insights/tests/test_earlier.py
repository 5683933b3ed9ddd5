"""Figures as of an earlier day and for what was paid: the same in rows, lists, people, board and API; rollups never disagree with rows."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from peyvand.core import clock
from peyvand.insights.asking import question as asked
from peyvand.insights.board import board
from peyvand.insights.counting import Count
from peyvand.insights.listing import answers_page
from peyvand.insights.queries import answer
from peyvand.insights.questions import Question, QuestionError, Span
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.insights.tests.test_queries import ask, scattered
from peyvand.insights.voices import voices
from peyvand.insights.windows import window
from peyvand.timeline.lake import flushing, places
from peyvand.timeline.tests.conftest import make_item, make_workspace
from peyvand.timeline.types import Subject
from peyvand.workspaces.services import create_key

pytestmark = pytest.mark.django_db(transaction=True)
TEHRAN = ZoneInfo("Asia/Tehran")
DAY = dt.timedelta(days=1)


def late_answers(brand):
    """Two answers on the day, one recorded at its last moment, one at the midnight after it, one two days later about the day."""
    for at, value in (
        (NOON, 10),
        (dt.datetime(2026, 6, 15, 20, 29, 59, tzinfo=dt.UTC), 9),
        (dt.datetime(2026, 6, 15, 20, 30, tzinfo=dt.UTC), 0),
    ):
        with clock.frozen(at):
            keep(brand, [answer_item(value, occurred_at=NOON - dt.timedelta(hours=1), who=f"p{value}", channel="sms")])
    with clock.frozen(NOON + 2 * DAY):
        keep(brand, [answer_item(3, occurred_at=NOON - dt.timedelta(hours=2), who="late", channel="web")])


def test_an_earlier_day_ends_at_its_midnight_where_the_workspace_is(brand):
    late_answers(brand)
    for text, n in (
        ("2026-06-15", 2),
        ("1405-03-25", 2),
        ("2026-06-16", 3),
        ("2026-06-17", 4),
        ("2026-06-14", 0),
        ("2026-06-15T13:00+03:30", 1),
    ):
        assert answer(asked(brand, "nps", as_of=text)).now.total.n == n, text
    with pytest.raises(QuestionError, match="as_of"):
        asked(brand, "nps", as_of="yesterday")


def test_everything_of_a_board_is_as_it_was(brand):
    late_answers(brand)
    with clock.frozen(NOON + 3 * DAY):
        now, then = window(brand, "quarter", "previous"), window(brand, "quarter", "previous", dt.date(2026, 6, 15))
        assert (then.last, now.last) == (dt.date(2026, 6, 15), dt.date(2026, 6, 18))
        assert window(brand, "quarter", "previous", dt.date(2026, 6, 18)).as_of is None, "today is no earlier day"
        for one, n in ((now, 4), (then, 2)):
            found = board(brand, one)
            assert found.totals["nps"].n == n
            assert sum(estimate.n for estimate in found.trend("nps")) == n
            assert sum(pair.n for _term, pair in found.cuts["nps", "channel"]) == n
            assert voices(brand, one).people == n
            count = Count(workspace=brand, measures=("nps",), span=one.span, as_of=one.as_of)
            assert len(answers_page(count).answers) == n


def test_a_whole_year_earlier_the_board_is_that_of_the_day(brand):
    """What was recorded and shown on a day is shown again when that day is asked for later."""
    chance = clock.random("a day of long ago")
    with clock.frozen(NOON - 200 * DAY):
        keep(brand, [answer_item(chance.randint(0, 10), occurred_at=clock.now() - n * DAY, who=f"p{n}", branch="vanak") for n in range(60)])
        seen = board(brand, window(brand, "quarter", "previous"))
        figures = (seen.totals["nps"].now, seen.trend("nps"), [(term.code, pair.now) for term, pair in seen.cuts["nps", "branch"]])
    keep(brand, [answer_item(0, days_ago=n, who=f"q{n}", branch="vanak") for n in range(250)])
    again = board(brand, window(brand, "quarter", "previous", (NOON - 200 * DAY).astimezone(TEHRAN).date()))
    assert (again.totals["nps"].now, again.trend("nps"), [(t.code, pair.now) for t, pair in again.cuts["nps", "branch"]]) == figures


def test_rollups_say_what_rows_say_however_a_question_is_asked(brand, kept):
    """Cuts, filters, spans and scales drawn by chance; where rollups cannot answer, rows do, and the two are never different."""
    kept(scattered(300))
    kept([answer_item(9, scale=(1, 10), channel="sms", days_ago=n) for n in range(5)])
    with clock.frozen(NOON + 2 * DAY):
        kept(scattered(80))
    chance = clock.random("questions")
    cuts = ["channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device", "language", "day", "week", "month"]
    codes = {"channel": ["sms", "web"], "branch": ["vanak"], "product": ["mug", "vase"], "department": ["sales"], "device": ["phone"]}
    rolled = [0, 0]
    for _ in range(120):
        periods = ("day", "week", "month")
        by = chance.sample(cuts, chance.randint(0, 2))
        by = [cut for cut in by if cut not in periods] + [cut for cut in by if cut in periods][:1]
        filters = tuple((cut, chance.choice(codes[cut])) for cut in chance.sample(list(codes), chance.randint(0, 2)))
        since = NOON.astimezone(TEHRAN).date() - chance.randint(30, 400) * DAY
        ends = [dt.datetime.combine(since + days * DAY, dt.time(), TEHRAN) for days in (0, chance.randint(1, 200))]
        told = {"by": tuple(by), "filters": filters, "span": Span(*ends), "before": Span(ends[0] - 40 * DAY, ends[0])}
        told["as_of"] = chance.choice((None, NOON - DAY, NOON, NOON + DAY, NOON + 2 * DAY))
        question = Question(workspace=brand, measure=chance.choice(("nps", "csat", "ces")), **told)
        quick, plain = answer(question, source="rollups"), answer(question, source="rows")
        assert quick.to_json() == plain.to_json(), question
        keys = tuple("day" if cut in periods else cut for cut in by)
        count = Count(workspace=brand, keys=keys, filters=filters, span=question.span, as_of=question.as_of, source="rollups")
        rolled[count.as_of is not None] += count.rolls_up()
    assert min(rolled) > 10, "many of these must really have been read from the rollups, now and of an earlier moment"


def test_between_the_two_commits_of_a_copy_an_earlier_day_is_read_from_rows(brand, kept, monkeypatch):
    """The rollups do not hold a late answer yet that the rows hold: taken off them it would be missing among the others."""
    kept([answer_item(value, occurred_at=NOON - DAY) for value in (0, 10, 10)])
    real, count = flushing.append, Count(workspace=brand, measures=("nps",), as_of=NOON, source="rollups")
    assert count.rolls_up()

    def dying(table, *rest, **more):
        if table == places.ROLLUPS:
            raise OSError("died")
        real(table, *rest, **more)

    with clock.frozen(NOON + DAY), monkeypatch.context() as patch:
        patch.setattr(flushing, "append", dying)
        with pytest.raises(OSError, match="died"):
            keep(brand, [answer_item(10, occurred_at=NOON - DAY)])
        assert not count.rolls_up()
        assert {row[0]: row[-1] for row in count.rows()} == {0: 1, 10: 2}
    flushing.flush_once()
    assert count.rolls_up()
    assert {row[0]: row[-1] for row in count.rows()} == {0: 1, 10: 2}


def orders(brand):
    for number, (amount, score) in enumerate(((100_000, 2), (500_000, 5), (900_000, 4), (None, 1))):
        subject = Subject("order", str(number))
        money = {} if amount is None else {"amount": amount, "currency": brand.currency}
        yield make_item(kind="order.placed", occurred_at=NOON - 2 * DAY, subject=subject, **money)
        yield answer_item(score, measure="rating", subject=subject)
    yield make_item(kind="order.refunded", occurred_at=NOON, subject=Subject("order", "0"), amount=500_000, currency=brand.currency)
    yield make_item(kind="order.placed", occurred_at=NOON, subject=Subject("order", "3"), amount=500_000, currency="EUR")


def test_answers_are_narrowed_by_what_was_paid_for_their_order(brand, kept):
    kept(orders(brand))
    wanted = {"500000..": [5, 4], "..500000": [2, 5], "100001..899999": [5], "500000..500000": [5], "900001..": []}
    for code, scores in wanted.items():
        found = ask(brand, "rating", filters=(("amount", code),))
        assert (found.now.total.n, found.now.total.value) == (len(scores), sum(scores) / len(scores) if scores else None), code
        listed = answers_page(Count(workspace=brand, measures=("rating",), filters=(("amount", code),))).answers
        assert sorted(one.value for one in listed) == sorted(scores)
    both = (("amount", "500000.."), ("amount", "..500000"))
    assert ask(brand, "rating", filters=both).now.total.n == 1, "two ranges narrow each other"


@pytest.mark.parametrize("code", ["", "..", "5-7", "9..5", "-1..5", "1e3..", "5..x", "۵..", "9" * 40 + "..", "1..2..3"])
def test_a_range_of_amounts_that_is_none_is_refused(brand, code):
    with pytest.raises(QuestionError, match="filters: amount: "):
        Question(workspace=brand, measure="nps", filters=(("amount", code),))


def test_another_brands_orders_narrow_nothing(brand, kept):
    other = make_workspace("Twin")
    kept([answer_item(5, measure="rating", subject=Subject("order", "1"))])
    keep(other, [make_item(kind="order.placed", occurred_at=NOON, subject=Subject("order", "1"), amount=7, currency="IRR")])
    assert ask(brand, "rating", filters=(("amount", "0.."),)).now.total.n == 0


def test_the_api_answers_for_an_earlier_day_and_an_amount(brand, kept, client):
    kept(orders(brand))
    with clock.frozen(NOON + DAY):
        keep(brand, [answer_item(1, measure="rating", subject=Subject("order", "1"))])
    secret = create_key(workspace=brand, name="reports", scopes=["read"])[1]
    headers = {"Authorization": f"Bearer {secret}"}
    for query, n in (
        ("as_of=2026-06-15&where=amount=500000..500000", 1),
        ("where=amount=500000..500000", 2),
        ("as_of=1405-03-25", 4),
        ("", 5),
    ):
        told = client.get(f"/api/v1/measures/rating?{query}", headers=headers)
        assert (told.status_code, told.json()["n"]) == (200, n), query
    refused = client.get("/api/v1/measures/rating?where=amount=5", headers=headers)
    assert refused.status_code == 400
    assert "'5' is not a range of amounts" in refused.json()["detail"]


def test_codes_of_one_cut_are_alternatives_and_cuts_narrow_each_other(brand, kept):
    kept(
        [
            answer_item(9, channel=channel, branch=branch)
            for channel, branch in itertools.product(("sms", "web", "store"), ("vanak", "karaj"))
        ]
    )
    for filters, n in (
        ((("channel", "sms"),), 2),
        ((("channel", "sms"), ("channel", "web")), 4),
        ((("channel", "sms"), ("channel", "web"), ("branch", "karaj")), 2),
    ):
        for source in ("rows", "rollups"):
            assert answer(Question(workspace=brand, measure="nps", filters=filters), source=source).now.total.n == n
