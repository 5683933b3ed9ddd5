"""The known causes can be seen in the stream, in the direction and size the truth tells."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from statistics import mean, median

import numpy as np
import pytest

from peyvand.demo.causes import APP_VERSION, CARRIER_CHANGE, DISCOUNT_BUG, EVENING_SHIFT, ISFAHAN_RETURNS, PORCELAIN_BOX, RESPONSE_BIAS
from peyvand.demo.orders import FRAGILE
from peyvand.demo.simulation import Simulation, build
from peyvand.demo.tests.conftest import NOON
from peyvand.timeline.types import Item


@pytest.fixture(scope="module")
def half() -> Simulation:
    return build(1405, NOON, 10_000)


@pytest.fixture(scope="module")
def stream(half: Simulation) -> list[Item]:
    return list(half.items())


def days_ago(item: Item) -> int:
    return (NOON.date() - item.occurred_at.date()).days


def scores(items: Iterable[Item], measure: str) -> list[float]:
    return [p.value for item in items for p in item.perceptions if p.measure == measure and p.value is not None]


def top_two(items: Iterable[Item]) -> float:
    return mean(value >= 4 for value in scores(items, "csat"))


def answers(items: list[Item], survey: str, keep: Callable[[Item], bool]) -> list[Item]:
    return [i for i in items if i.kind == "survey.answered" and i.properties["survey"] == survey and keep(i)]


def test_the_new_carrier_makes_karaj_late_and_unhappy(stream: list[Item]):
    deliveries = [i for i in stream if i.kind == "order.delivered" and i.branch == "karaj"]
    new = [i for i in deliveries if i.properties["carrier"] == "rahvand"]
    old = [i for i in deliveries if i.properties["carrier"] != "rahvand"]
    assert all(days_ago(i) <= CARRIER_CHANGE.days_ago for i in new)
    assert mean(i.properties["late"] for i in new) > mean(i.properties["late"] for i in old) + 0.3
    assert median(i.properties["days"] for i in new) > median(i.properties["days"] for i in old) + 0.9
    before = answers(stream, "delivery", lambda i: i.branch == "karaj" and days_ago(i) > CARRIER_CHANGE.days_ago + 3)
    after = answers(stream, "delivery", lambda i: i.branch == "karaj" and days_ago(i) < CARRIER_CHANGE.days_ago - 7)
    assert top_two(before) - top_two(after) > 0.2


def test_other_cities_are_as_punctual_as_before(stream: list[Item]):
    elsewhere = [i for i in stream if i.kind == "order.delivered" and i.branch != "karaj"]
    recent = [i.properties["late"] for i in elsewhere if days_ago(i) <= CARRIER_CHANGE.days_ago]
    earlier = [i.properties["late"] for i in elsewhere if CARRIER_CHANGE.days_ago < days_ago(i) <= 2 * CARRIER_CHANGE.days_ago]
    assert abs(mean(recent) - mean(earlier)) < 0.03


def test_the_thinner_box_breaks_porcelain_only(half: Simulation):
    placed, way = half.story.history.episode.placed, half.story.history.episode.delivery
    thin = PORCELAIN_BOX.active(placed.day) & way.sent
    thick = ~PORCELAIN_BOX.active(placed.day) & way.sent
    truth = next(c for c in half.truth()["causes"] if c["code"] == "porcelain_box")["observed"]
    assert 0.05 < truth["after"] - truth["before"] < 0.1
    robust = ~(FRAGILE[placed.products] & (placed.quantities > 0)).any(axis=1)
    assert abs(way.damaged[thin & robust].mean() - way.damaged[thick & robust].mean()) < 0.01


def test_the_second_person_makes_evenings_quick_and_support_easy(stream: list[Item]):
    contacts = [i for i in stream if i.kind in {"call.ended", "chat.ended"} and i.touchpoint == "support" and i.occurred_at.hour >= 17]
    before = median(i.response_s or 0 for i in contacts if days_ago(i) > EVENING_SHIFT.days_ago)
    after = median(i.response_s or 0 for i in contacts if days_ago(i) < EVENING_SHIFT.days_ago)
    assert before > 2.2 * after
    asked_before = scores(answers(stream, "support", lambda i: days_ago(i) > EVENING_SHIFT.days_ago), "ces")
    asked_after = scores(answers(stream, "support", lambda i: days_ago(i) < EVENING_SHIFT.days_ago), "ces")
    assert 0.15 < mean(asked_after) - mean(asked_before) < 0.8


def test_the_discount_vanishes_for_two_days_on_the_web(half: Simulation):
    placed = half.story.history.episode.placed
    active = DISCOUNT_BUG.active(placed.day)
    assert not placed.discount_lost[~active].any()
    assert not placed.discount_lost[placed.store | (placed.device == 2)].any()
    web = active & ~placed.store & (placed.device != 2)
    assert 0.35 < placed.discount_lost[web].mean() < 0.85
    would = half.story.history.feelings.nps
    assert would[placed.discount_lost].mean() < would[~placed.discount_lost].mean() - 1.2


def test_the_returns_desk_of_isfahan_has_the_longest_queue(stream: list[Item]):
    def waits(branch: str) -> list[int]:
        return [
            i.properties["wait_minutes"]
            for i in stream
            if i.kind == "order.refunded" and i.branch == branch and ISFAHAN_RETURNS.until_days_ago < days_ago(i) < ISFAHAN_RETURNS.days_ago
        ]

    assert median(waits("isfahan")) > 30
    assert median(waits("vanak")) < 15


def test_the_new_app_makes_paying_easier_in_the_app_only(stream: list[Item]):
    def ease(channel: str, *, new: bool) -> float:
        keep = [i for i in stream if i.kind == "survey.answered" and i.touchpoint == "checkout" and i.channel == channel]
        return mean(scores([i for i in keep if (days_ago(i) < APP_VERSION.days_ago) == new], "ces"))

    assert ease("app", new=True) - ease("app", new=False) > 0.5
    assert abs(ease("web", new=True) - ease("web", new=False)) < 0.2


def test_the_silent_majority_thinks_less_of_the_brand_than_those_who_answer(half: Simulation):
    nps = half.truth()["figures"]["nps"]
    assert nps["silent"] + 15 < nps["everyone"] < nps["answered"] - 4


def test_silent_customers_never_answer_a_survey_that_was_sent(half: Simulation):
    people, asked = half.story.people, half.story.history.asked
    sent_and_answered = (asked.sent < asked.answered) & (asked.answered < NOON.timestamp())
    assert not people.silent[asked.person[sent_and_answered]].any()


def test_the_very_unhappy_and_the_very_happy_answer_more_than_those_between(half: Simulation):
    story = half.story
    asked, nps = story.history.asked, story.history.feelings.nps
    sent = (asked.survey == 0) & ~story.people.silent[asked.person] & (asked.sent < NOON.timestamp() - 7 * 86_400)
    score, answered = nps[asked.row[sent]], asked.answered[sent] < NOON.timestamp()
    unhappy, middle, delighted = (answered[np.isin(score, s)].mean() for s in ((0, 1, 2, 3), (7, 8), (10,)))
    assert unhappy > middle * 1.2
    assert delighted > middle * 1.2
    assert RESPONSE_BIAS["very_unhappy"] > RESPONSE_BIAS["very_happy"] > RESPONSE_BIAS["middle"]


def test_a_broken_bond_ends_in_leaving(half: Simulation):
    history, people = half.story.history, half.story.people
    bond, active = history.final_bond[people.buyer], history.active[people.buyer]
    assert active[bond > 0.8].mean() > active[bond < -0.8].mean() + 0.25


def test_people_who_were_won_back_buy_again_more_often(half: Simulation):
    history = half.story.history
    early = history.recovery.opened < (NOON - timedelta(days=60)).timestamp()
    placed = history.episode.placed
    last_order = np.zeros(len(half.story.people), dtype=np.int64)
    np.maximum.at(last_order, placed.person, placed.at)
    again = last_order[history.recovery.person] > history.recovery.opened
    won = history.recovery.won
    assert again[early & won].mean() > again[early & ~won].mean() + 0.08


def test_the_truth_is_plain_data_with_an_entry_for_every_customer(half: Simulation):
    truth = half.truth()
    assert [c["code"] for c in truth["causes"]][:2] == ["carrier_change", "porcelain_box"]
    assert truth["causes"][0]["since"] == (NOON.date() - timedelta(days=49)).isoformat()
    assert {len(column) for column in truth["customers"].values()} == {10_000}
