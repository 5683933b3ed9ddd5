"""What moved is found with its cause, and noise is not taken for news."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.insights.board import board, by_month, groups_of, narrowed_trend, usual_length
from peyvand.insights.moves import benjamini_hochberg, cause, moves, worth
from peyvand.insights.tests.conftest import answer_item
from peyvand.insights.voices import voices
from peyvand.insights.windows import window
from peyvand.timeline.tests.conftest import make_item
from peyvand.timeline.types import Subject

pytestmark = pytest.mark.django_db(transaction=True)
CUTS = ("touchpoint", "branch", "product", "channel")


def answers(days_ago, happy, *, count=120, seed=0, **fields):
    """Answers of CSAT, `happy` of which are 4 or 5."""
    chance = clock.random(f"answers {days_ago} {seed}")
    for n in range(count):
        value = chance.choice((4, 5)) if chance.random() < happy else chance.choice((1, 2, 3))
        yield answer_item(value, measure="csat", days_ago=days_ago + n % 20, who=f"p{n}", **fields)


def quarter(brand):
    return board(brand, window(brand, "quarter", "previous"))


def test_a_drop_that_was_planted_is_found_where_it_was_planted(brand, kept):
    kept(
        [
            *answers(95, 0.85, touchpoint="delivery", branch="karaj", seed=1),
            *answers(95, 0.85, touchpoint="delivery", branch="vanak", seed=2),
            *answers(2, 0.35, touchpoint="delivery", branch="karaj", seed=3),
            *answers(2, 0.85, touchpoint="delivery", branch="vanak", seed=4),
            *answers(95, 0.8, touchpoint="support", branch="vanak", seed=5),
            *answers(2, 0.8, touchpoint="support", branch="vanak", seed=6),
        ]
    )
    found = quarter(brand)
    told = moves(found, found.answered, CUTS)
    assert told[0].sure
    assert (told[0].cut, told[0].term.code) == ("branch", "karaj")
    assert told[0].change.difference < -30
    delivery = next(move for move in told if move.term and move.term.code == "delivery")
    assert delivery.sure
    assert cause(found, delivery).label == "karaj"
    support = next(move for move in told if move.term and move.term.code == "support")
    assert not support.sure


def test_more_late_deliveries_are_named_as_the_cause(brand, kept):
    def delivered(days_ago, late_of_ten, seed):
        chance = clock.random(seed)
        for n in range(150):
            subject, late = Subject("order", f"{days_ago}-{n}"), n % 10 < late_of_ten
            at = dt.timedelta(days=days_ago + 1)
            yield make_item(kind="order.delivered", subject=subject, occurred_at=clock.now() - at, properties={"late": late})
            happy = chance.random() < (0.2 if late else 0.9)
            yield answer_item(5 if happy else 1, measure="csat", days_ago=days_ago, subject=subject, touchpoint="delivery")

    kept([*delivered(120, 1, "before"), *delivered(5, 5, "now")])
    found = quarter(brand)
    told = moves(found, found.answered, CUTS)
    assert told[0].sure
    because = cause(found, told[0])
    assert because.cut == "order.delivered:late"
    assert (round(because.share_now), round(because.share_then)) == (50, 10)


def test_noise_is_no_news(brand, kept):
    kept(
        [
            item
            for n, branch in enumerate(("karaj", "vanak", "rasht", "tabriz"))
            for item in (*answers(95, 0.7, branch=branch, seed=n), *answers(2, 0.7, branch=branch, seed=10 + n))
        ]
    )
    found = quarter(brand)
    assert not [move for move in moves(found, found.answered, CUTS) if move.sure]


def test_few_answers_are_never_sure(brand, kept):
    kept([*answers(95, 1.0, count=20), *answers(2, 0.0, count=20)])
    found = quarter(brand)
    assert not [move for move in moves(found, found.answered, CUTS) if move.sure]


def test_of_many_looks_only_those_count_that_chance_would_not_give():
    assert benjamini_hochberg([0.001, 0.011, 0.02, 0.04, 0.9]) == 0.04
    assert benjamini_hochberg([0.04, 0.5, 0.6, 0.9]) == 0.0
    assert benjamini_hochberg([]) == 0.0


def test_an_answer_is_worth_what_the_figure_averages():
    assert [worth("nps", value, (0, 10)) for value in (6, 7, 8, 9)] == [-100, 0, 0, 100]
    assert [worth("csat", value, (1, 5)) for value in (3, 4)] == [0, 100]
    assert worth("ces", 5.0, (1, 7)) == 5.0
    assert (worth("nps", 8.5, (0, 10)), worth("rating", 4.5, (1, 5))) == (None, 4.5)


def test_the_board_agrees_with_itself(brand, kept):
    kept([*answers(2, 0.7, channel="sms"), *answers(2, 0.6, channel="web", seed=1)])
    found = quarter(brand)
    channels = groups_of(found, "csat", "channel")
    assert sum(group.pair.n for group in channels) == found.totals["csat"].n == 240
    assert {group.code: group.pair.n for group in groups_of(found, "csat", "kind")} == {"review.written": 240}
    assert sum(pair.n for _month, pair in by_month(found, "csat")) == 240
    assert sum(estimate.n for estimate in found.trend("csat")) == 240


def test_the_trend_of_a_group_is_its_own_where_several_were_chosen(brand, kept):
    kept([*answers(2, 0.7, branch="karaj"), *answers(2, 0.6, branch="vanak", seed=1), *answers(2, 0.5, branch="rey", seed=2)])
    both = board(brand, window(brand, "quarter", "previous"), (("branch", "karaj"), ("branch", "vanak")))
    assert both.totals["csat"].n == 240
    assert sum(one.n for one in narrowed_trend(both, "csat", "branch", "karaj").trend("csat")) == 120


def test_rollups_draw_the_same_board_as_rows(brand, kept, monkeypatch):
    kept([*answers(95, 0.8, channel="sms", branch="karaj"), *answers(2, 0.6, channel="web", branch="vanak", product="mug")])
    rows = quarter(brand)
    monkeypatch.setattr("peyvand.insights.counting.SMALL_LAKE", -1)
    rollups = quarter(brand)
    assert by_code(rows) == by_code(rollups)
    assert {code: pair.now for code, pair in rows.totals.items()} == {code: pair.now for code, pair in rollups.totals.items()}


def by_code(found):
    return {(*key, term.code): (pair.now, pair.then) for key, groups in found.cuts.items() for term, pair in groups}


def test_people_are_counted_once_and_only_replies_answer_invitations(brand, kept):
    kept(
        [
            make_item(kind="survey.sent", who="alice", occurred_at=clock.now() - dt.timedelta(days=3), subject=Subject("order", "1")),
            make_item(kind="survey.sent", who="bob", occurred_at=clock.now() - dt.timedelta(days=3), subject=Subject("order", "2")),
            answer_item(9, who="alice", kind="survey.answered", days_ago=1, subject=Subject("order", "1")),
            answer_item(3, who="alice", kind="survey.answered", days_ago=1, subject=Subject("order", "9")),
            answer_item(3, days_ago=1),
        ]
    )
    found = voices(brand, window(brand, "quarter", "previous"))
    assert (found.people, found.nameless, found.invited, found.replied) == (1, 1, 2, 1)


def test_a_reader_is_shown_the_shortest_time_that_says_enough(brand, kept):
    assert usual_length(brand) == "all"
    kept([answer_item(9, days_ago=60, who=f"p{n}") for n in range(520)])
    assert usual_length(brand) == "quarter"
    kept([answer_item(9, days_ago=0, who=f"q{n}") for n in range(500)])
    assert usual_length(brand) == "week"
