"""Two sets of answers beside each other: counted apart, judged with all measures in mind, and never where they overlap."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.insights.board import board
from peyvand.insights.questions import Span
from peyvand.insights.sides import Side, overlap, side_by_side
from peyvand.insights.tests.conftest import NOON, answer_item, keep
from peyvand.insights.tests.test_earlier import orders
from peyvand.insights.windows import window
from peyvand.measures import compare, csat
from peyvand.measures.scores import Scores
from peyvand.timeline.tests.conftest import make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)
NOW, THEN = Span(NOON - 30 * DAY, NOON + DAY), Span(NOON - 60 * DAY, NOON - 30 * DAY)


def given(happy, n, days_ago=1, **fields):
    for number in range(n):
        yield answer_item(5 if number < happy else 1, measure="csat", days_ago=days_ago, who=f"{days_ago}-{fields}-{number}", **fields)


def test_two_times_and_two_groups_are_what_a_hand_would_count(brand, kept):
    kept([*given(80, 100, branch="vanak"), *given(20, 50, branch="karaj"), *given(30, 60, days_ago=40, branch="vanak")])
    (times,) = side_by_side(brand, Side(NOW), Side(THEN))
    assert (times.one.n, times.other.n, times.both, times.sure, times.few) == (150, 60, 0, True, False)
    by_hand = compare(csat(Scores.from_counts([(5, 100), (1, 50)])), csat(Scores.from_counts([(5, 30), (1, 30)])))
    assert times.change == by_hand
    (groups,) = side_by_side(brand, Side(NOW, (("branch", "vanak"),)), Side(NOW, (("branch", "karaj"),)))
    assert (groups.one.value, groups.other.value, groups.change.difference) == (80.0, 40.0, 40.0)
    (turned,) = side_by_side(brand, Side(NOW, (("branch", "karaj"),)), Side(NOW, (("branch", "vanak"),)))
    assert turned.change.difference == -40.0
    assert side_by_side(brand, Side(THEN, (("branch", "karaj"),)), Side(THEN, (("branch", "karaj"),))) == []


def test_where_answers_stand_on_both_sides_nothing_is_claimed(brand, kept):
    kept([*given(80, 100, branch="vanak"), *given(20, 50, branch="karaj")])
    (found,) = side_by_side(brand, Side(NOW), Side(NOW, (("branch", "karaj"),)))
    assert (found.both, found.sure) == (50, False)
    assert found.change.beyond_noise, "two independent samples like these would differ"


def test_a_branch_against_all_others_leaves_no_answer_on_both_sides(brand, kept):
    kept([*given(80, 100, branch="vanak"), *given(20, 50, branch="karaj"), *given(10, 25)])
    (found,) = side_by_side(brand, Side(NOW, (("branch", "vanak"),)), Side(NOW, (("branch!", "vanak"),)))
    assert (found.one.n, found.other.n, found.both, found.sure) == (100, 75, 0, True)


def test_few_answers_and_an_empty_side_are_told_as_such(brand, kept):
    kept([*given(20, 20, branch="vanak"), *given(0, 40, branch="karaj")])
    (found,) = side_by_side(brand, Side(NOW, (("branch", "vanak"),)), Side(NOW, (("branch", "karaj"),)))
    assert (found.few, found.sure) == (True, False)
    (alone,) = side_by_side(brand, Side(NOW), Side(THEN))
    assert (alone.change, alone.sure) == (None, False)


def test_of_many_figures_one_that_differs_by_chance_is_not_called_sure(brand, kept):
    """p is about .03 for one of eight alike: found alone, lost among the others."""
    measures = ["csat", *(f"own{n}" for n in range(7))]
    for measure in measures:
        for branch, happy in (("vanak", 58), ("karaj", 43 if measure == "csat" else 58)):
            scores = [
                answer_item(5 if n < happy else 1, measure=measure, scale=(1, 5), who=f"{branch}{n}", branch=branch) for n in range(100)
            ]
            kept(scores)
    found = side_by_side(brand, Side(NOW, (("branch", "vanak"),)), Side(NOW, (("branch", "karaj"),)))
    first = next(one for one in found if one.measure == "csat")
    assert (len(found), first.change.beyond_noise, first.sure) == (8, True, False)


def test_what_stands_on_both_sides_is_worked_out_from_spans_and_filters(brand, kept):
    kept(given(3, 5, branch="vanak", channel="sms"))
    side = lambda *filters, span=NOW: Side(span, filters)  # noqa: E731 - eight short lines below
    assert overlap(brand, side(), side(span=THEN)) is None
    assert overlap(brand, side(("branch", "vanak")), side(("branch", "karaj"))) is None
    assert overlap(brand, side(("branch", "vanak")), side(("channel", "sms"))).filters == (("branch", "vanak"), ("channel", "sms"))
    assert overlap(brand, side(("channel", "sms"), ("channel", "web")), side(("channel", "sms"))).filters == (("channel", "sms"),)
    late, on_time, any_ = (("order.delivered:late", value) for value in ("true", "false", "*"))
    assert overlap(brand, side(late), side(on_time)) is None
    assert overlap(brand, side(late), side(any_)).filters == (late,)
    assert overlap(brand, side(late), side(("call.ended:resolved", "true"))).filters == (late,)
    assert overlap(brand, side(("amount", "5..")), side(("amount", "..9"))).filters == (("amount", "5.."), ("amount", "..9"))
    all_but = (("branch!", "vanak"), ("branch!", "karaj"))
    assert overlap(brand, side(all_but[0]), side(all_but[1])).filters == all_but
    long = Span(NOON - 45 * DAY, NOON)
    assert overlap(brand, side(span=long), side(span=THEN)).span == Span(NOON - 45 * DAY, NOON - 30 * DAY)


def test_sides_are_narrowed_by_amounts_and_looked_at_from_an_earlier_day(brand, kept):
    kept(orders(brand))
    (found,) = side_by_side(brand, Side(NOW, (("amount", "..200000"),)), Side(NOW, (("amount", "500000.."),)))
    assert (found.one.n, found.other.n) == (1, 2)
    with clock.frozen(NOON + DAY):
        keep(brand, [answer_item(5, measure="rating", days_ago=2, who="late")])
    assert side_by_side(brand, Side(NOW), Side(THEN))[0].one.n == 5
    assert side_by_side(brand, Side(NOW), Side(THEN), as_of=NOON + DAY / 2)[0].one.n == 4


def test_another_brand_is_on_neither_side(brand, kept):
    kept(given(3, 40))
    keep(make_workspace("Twin"), given(40, 40, days_ago=40))
    (found,) = side_by_side(brand, Side(NOW), Side(THEN))
    assert (found.one.n, found.other.n) == (40, 0)


def test_a_side_says_what_the_board_says_of_the_same_window(brand, kept):
    kept([*given(80, 100, branch="vanak"), *given(30, 60, days_ago=100, branch="vanak")])
    one = window(brand, "quarter", "previous")
    seen = board(brand, one).totals["csat"]
    (found,) = side_by_side(brand, Side(one.span), Side(one.before))
    assert (found.one, found.other, found.change) == (seen.now, seen.then, seen.change)
