"""Links of the chain are what SciPy and a hand would find in the same people, with what they did counted only afterwards."""

import datetime as dt
from statistics import mean

import pytest
from scipy import stats

from peyvand.core import clock
from peyvand.identities.models import Customer, Identity
from peyvand.insights.board import board
from peyvand.insights.links import deed_links, felt_measures, followed_span, reviews, sales, score_links
from peyvand.insights.tests.conftest import NOON, answer_item, copy, keep
from peyvand.insights.windows import window
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.services import open_batch, undo_batch
from peyvand.timeline.tests.conftest import make_item, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def looked(brand, length="year", **more):
    return board(brand, window(brand, length, "previous", more.pop("day", None)), **more)


def score_link(found, one, other):
    return score_links(found, [(one, other)]).get((one, other))


def deed_link(found, measure, does):
    return next((link for link in deed_links(found, measure) if link.to == does), None)


def bought(who, days_ago, amount=1000, **fields):
    return make_item(
        kind="order.placed", who=who, occurred_at=NOON - days_ago * DAY, amount=amount, currency=fields.pop("currency", "IRR"), **fields
    )


def test_scores_of_the_same_people_go_together_as_scipy_says(brand, kept):
    chance = clock.random("people")
    felt: dict[str, list[float]] = {}
    loyal: dict[str, list[float]] = {}
    items = []
    for n in range(120):
        bond = chance.random()
        for _ in range(chance.randint(1, 3)):
            felt.setdefault(f"p{n}", []).append(min(5, 1 + int(5 * (bond + chance.random()) / 2)))
        for _ in range(chance.randint(0, 2)):
            loyal.setdefault(f"p{n}", []).append(min(10, int(11 * (bond + chance.random()) / 2)))
    for measure, told in (("csat", felt), ("nps", loyal)):
        items += [answer_item(value, measure=measure, days_ago=10, who=who) for who, values in told.items() for value in values]
    kept([*items, answer_item(5, measure="csat", who=""), answer_item(3, measure="csat", scale=(1, 9), who="p0")])
    link = score_link(looked(brand), "csat", "nps")
    both = sorted(felt.keys() & loyal.keys())
    x, y = ([mean(told[who]) for who in both] for told in (felt, loyal))
    assert link.together.n == len(both)
    assert link.together.rho == pytest.approx(stats.spearmanr(x, y).statistic)
    for estimate, low, high in zip(link.groups, (0, 2.8, 3.6), (2.8, 3.6, 9), strict=True):
        mine = [b for a, b in zip(x, y, strict=True) if low <= a < high]
        assert estimate.n == len(mine)
        assert estimate.value == pytest.approx(mean(mine))
        assert estimate.se == pytest.approx(stats.sem(mine))
    welch = stats.ttest_ind(
        [b for a, b in zip(x, y, strict=True) if a >= 3.6], [b for a, b in zip(x, y, strict=True) if a < 2.8], equal_var=False
    )
    assert link.difference.p == pytest.approx(welch.pvalue)


def test_the_mean_of_two_people_keeps_its_interval_on_the_scale(brand, kept):
    kept([answer_item(5, measure="csat", who=who) for who in ("a", "b")] + [answer_item(1, measure="csat", who=who) for who in ("c", "d")])
    kept([answer_item(score, who=who) for who, score in {"a": 8, "b": 10, "c": 3, "d": 0}.items()])
    link = score_link(looked(brand), "csat", "nps")
    bad, good = link.groups[0], link.groups[2]
    assert (good.n, good.value, good.low, good.high) == (2, 9, 0, 10), "9 ± 12.7 by Student's t alone"
    assert (bad.n, bad.value, bad.low, bad.high) == (2, 1.5, 0, 10)
    assert (link.difference.low < 0, link.difference.high) == (True, 10)


def test_the_mean_of_two_purchases_does_not_reach_below_nothing_unless_it_is_below(brand, kept):
    kept([bought("a", 3, 100), bought("b", 2, 300)])
    found = looked(brand, "quarter")
    each = sales(found, found.window.span).each
    assert (each.value, each.low, each.high) == (200, 0, pytest.approx(200 + 12.706 * 100, abs=0.1))
    kept([bought("c", 3, -900), bought("d", 2, -700)])
    found = looked(brand, "quarter")
    each = sales(found, found.window.span).each
    assert (each.value, each.low < -300 < each.high) == (-300, True)


def test_what_somebody_buys_counts_only_after_the_score_and_within_ninety_days(brand, kept):
    kept([answer_item(10, days_ago=200, who=who) for who in ("before", "soon", "on the day", "late", "never", "other money")])
    kept(
        [
            bought("before", 201), bought("soon", 150, 700), bought("soon", 111, 300), bought("on the day", 110, 50), bought("late", 109.9),
            bought("other money", 150, 5, currency="EUR"), bought("stranger", 150),
        ]
    )  # fmt: skip
    again, spent = (deed_link(looked(brand, "all"), "nps", does) for does in ("again", "spent"))
    assert (again.whole.n, again.whole.value) == (6, 50.0), "soon, on the day, and in other money"
    assert (spent.whole.n, spent.whole.value) == (6, pytest.approx(1050 / 6))


def test_only_scores_whose_ninety_days_are_over_are_followed(brand, kept):
    kept([answer_item(10, days_ago=days, who=f"p{days}") for days in (5, 89, 91, 100)])
    kept([bought("p5", 1), bought("p100", 50)])
    again = deed_link(looked(brand, "quarter"), "nps", "again")
    assert (again.whole.n, again.whole.value) == (2, 50.0)
    one = looked(brand, "quarter").window
    assert followed_span(one).until == one.span.until - 91 * DAY, "the ninety days of everybody in it are over"
    assert followed_span(one).since == one.span.since - 90 * DAY
    everything = deed_link(looked(brand, "all"), "nps", "again")
    assert everything.whole.n == 2


def test_merged_people_are_one_and_undone_and_later_rows_are_none(brand, kept):
    kept(
        [
            answer_item(2, measure="csat", days_ago=9, who="a"),
            answer_item(4, measure="csat", days_ago=9, who="b"),
            answer_item(9, days_ago=8, who="a"),
        ]
    )
    assert score_link(looked(brand), "csat", "nps").together.n == 1
    kept_customer, away = (Identity.objects.get(workspace=brand, value=value).customer for value in ("a", "b"))
    Identity.objects.filter(customer=away).update(customer=kept_customer)
    Customer.objects.filter(pk=away.pk).delete()
    snapshot_identities()
    counted = score_link(looked(brand), "csat", "nps")
    assert (counted.together.n, [one.n for one in counted.groups]) == (1, [0, 1, 0]), "a mean of 3 stands in the middle"
    batch = open_batch(workspace=brand, label="x")
    keep(brand, [answer_item(0, days_ago=8, who="c"), answer_item(1, measure="csat", days_ago=8, who="c")], batch=batch.pk)
    assert score_link(looked(brand), "csat", "nps").together.n == 2
    with clock.frozen(NOON + 3 * DAY):
        keep(brand, [answer_item(0, days_ago=8, who="d"), answer_item(1, measure="csat", days_ago=8, who="d")])
        assert score_link(looked(brand), "csat", "nps").together.n == 3
        assert score_link(looked(brand, day=NOON.date()), "csat", "nps").together.n == 2
    undo_batch(batch=batch)
    assert score_link(looked(brand), "csat", "nps").together.n == 2, "the undone one is out, the later one is in"
    copy()


def test_filters_narrow_the_scores_a_link_begins_with(brand, kept):
    kept([answer_item(5, measure="csat", who=f"p{n}", branch="vanak" if n < 3 else "karaj") for n in range(8)])
    kept([answer_item(9, who=f"p{n}") for n in range(8)])
    found = looked(brand, filters=(("branch", "vanak"),))
    assert score_link(found, "csat", "nps") is None or "nps" not in found.answered
    found.scales["nps"] = (0.0, 10.0)
    assert score_link(found, "csat", "nps").together.n == 3


def test_sales_and_reviews_are_those_of_the_time_and_of_this_brand(brand, kept):
    assert (sales(looked(brand), looked(brand).window.span), reviews(looked(brand))) == (None, None)
    kept([bought("a", 3, 100), bought("a", 2, 300), bought("b", 400, 900), bought("b", 2, 7, currency="EUR")])
    kept(
        [
            answer_item(4, measure="rating", kind="review.written", who="a"),
            answer_item(1, measure="rating", kind="survey.answered", who="b"),
        ]
    )
    keep(make_workspace("Twin"), [bought("a", 3, 5000), answer_item(1, measure="rating")])
    found = looked(brand, "quarter")
    sold = sales(found, found.window.span)
    assert (sold.orders, sold.people, sold.paid, sold.each.value) == (2, 1, 400.0, 200.0)
    assert sold.each.se == pytest.approx(100.0)
    assert (reviews(found).n, reviews(found).now.value) == (1, 4.0)
    assert felt_measures(found) == ["rating"]
