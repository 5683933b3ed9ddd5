"""The stream of the demo brand: repeatable, in order, of the promised size, and of nobody real."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest

from peyvand.demo.questionnaires import QUESTIONNAIRES
from peyvand.demo.seasons import ZONE
from peyvand.demo.simulation import Simulation, build, simulate
from peyvand.demo.tests.conftest import CUSTOMERS, NOON
from peyvand.demo.world import CHANNELS, OWN_KINDS, SOURCE
from peyvand.timeline.types import Item

SMALL = 300


def encoded(items: list[Item]) -> list[bytes]:
    return [msgspec.json.encode(item) for item in items]


def test_the_same_seed_and_day_give_the_same_items_to_the_byte():
    assert encoded(list(simulate(7, NOON, SMALL))) == encoded(list(simulate(7, NOON, SMALL)))


def test_another_seed_gives_another_brand():
    assert encoded(list(simulate(7, NOON, SMALL))) != encoded(list(simulate(8, NOON, SMALL)))


def test_items_may_be_asked_for_twice_and_stay_the_same():
    brand = build(7, NOON, SMALL)
    assert encoded(list(brand.items())) == encoded(list(brand.items()))
    assert brand.count() == len(list(brand.items()))


def test_a_later_hour_of_the_same_day_only_adds_items():
    noon, evening = encoded(list(simulate(7, NOON, SMALL))), encoded(list(simulate(7, NOON + timedelta(hours=9), SMALL)))
    assert evening[: len(noon)] == noon


def test_a_date_means_the_end_of_that_day_in_tehran():
    by_date, by_time = simulate(7, date(2026, 11, 22), SMALL), simulate(7, datetime(2026, 11, 22, 23, 59, 59, tzinfo=ZONE), SMALL)
    assert encoded(list(by_date)) == encoded(list(by_time))


def test_a_present_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        build(7, datetime(2026, 11, 22, 12, 0), SMALL)  # noqa: DTZ001


def test_too_few_customers_are_refused():
    with pytest.raises(ValueError, match="at least 18"):
        build(7, NOON, 5)


def test_items_come_in_time_order_and_none_from_the_future(items: list[Item]):
    assert all(a.occurred_at <= b.occurred_at for a, b in pairwise(items))
    assert items[-1].occurred_at <= NOON
    assert items[0].occurred_at.date() <= date(2025, 6, 1)


def test_every_item_has_its_own_external_id(items: list[Item]):
    ids = [item.external_id for item in items]
    assert len(set(ids)) == len(ids)
    assert {item.source for item in items} == {SOURCE}


def test_items_survive_the_checks_of_the_ingest_api(items: list[Item]):
    sample = items[:: max(1, len(items) // 2_000)]
    assert [msgspec.json.decode(msgspec.json.encode(item), type=Item).external_id for item in sample] == [i.external_id for i in sample]


def test_the_volumes_are_those_the_demo_can_load_in_time(items: list[Item]):
    kinds = Counter(item.kind for item in items)
    per_customer = len(items) / CUSTOMERS
    assert 7 < per_customer < 8.5
    assert 1.0 < kinds["survey.answered"] / CUSTOMERS < 1.5
    assert 2.0 < kinds["order.placed"] / CUSTOMERS < 2.6
    assert kinds["survey.sent"] > kinds["survey.answered"]
    assert set(OWN_KINDS) == {"chat.ended"}
    assert kinds["chat.ended"] > 0.08 * CUSTOMERS
    assert {term.code for term in CHANNELS} <= {item.channel for item in items}


def test_every_customer_is_on_the_timeline(brand: Simulation, items: list[Item]):
    known = {(i.type, i.value) for item in items if item.customer for i in item.customer.identities}
    missing = [p for p in range(CUSTOMERS) if not known & set(brand.story.people.identities(p))]
    starts = brand.story.people.start[missing]
    assert (starts >= brand.story.season.clock[-2]).all(), "only those whose first day is today after noon may be missing"


def test_one_identity_never_names_two_customers(brand: Simulation):
    people = brand.story.people
    seen = [pair for person in range(CUSTOMERS) for pair in people.identities(person)]
    assert len(set(seen)) == len(seen)


def test_addresses_and_numbers_belong_to_nobody(brand: Simulation):
    people = brand.story.people
    phones = [people.phone(p) for p in range(CUSTOMERS)]
    emails = [people.email(p) for p in range(CUSTOMERS)]
    assert all(re.fullmatch(r"\+98900000\d{4}|\+9890000[01]\d{4}", phone) for phone in phones if phone)
    assert all(re.fullmatch(r"[a-z]+\.[0-9a-z]{3,4}@(mail|nameh|post|khaneh)\.example", email) for email in emails if email)


def test_customers_are_reachable_in_different_ways(brand: Simulation):
    people = brand.story.people
    ways = Counter((bool(people.phone(p)), bool(people.email(p)), bool(people.own_id(p))) for p in range(CUSTOMERS))
    assert len(ways) == 7  # every mix but nothing at all
    assert min(ways.values()) >= 5


def test_some_visits_and_purchases_are_anonymous(items: list[Item]):
    by_device = [i for i in items if i.customer and {x.type for x in i.customer.identities} == {"device"}]
    at_the_counter = [i for i in items if i.kind == "order.placed" and i.customer is None]
    assert len(by_device) > 0.2 * CUSTOMERS
    assert all(i.channel == "store" for i in at_the_counter)
    assert at_the_counter


def test_what_belongs_to_one_order_shares_its_subject(items: list[Item]):
    orders = {item.subject.id for item in items if item.kind == "order.placed" and item.subject}
    about = [i for i in items if i.kind in {"order.delivered", "order.refunded", "survey.answered"} and i.subject]
    assert len(about) > CUSTOMERS
    assert all(i.subject.id in orders for i in about)


def test_an_answer_comes_after_its_survey_was_sent(items: list[Item]):
    sent = {i.external_id.removeprefix("sent-"): i.occurred_at for i in items if i.kind == "survey.sent"}
    answers = {i.external_id.removeprefix("answered-"): i.occurred_at for i in items if i.kind == "survey.answered"}
    both = sent.keys() & answers.keys()
    assert len(both) > 1_000
    assert all(sent[key] < answers[key] for key in both)


def test_nobody_is_asked_about_a_delivery_twice_within_thirty_days(brand: Simulation):
    q = brand.story.history.asked
    times: dict[int, list[int]] = {}
    for person, at, survey in zip(q.person.tolist(), q.sent.tolist(), q.survey.tolist(), strict=True):
        if survey == 0:
            times.setdefault(person, []).append(at)
    gaps = [b - a for sent in times.values() for a, b in pairwise(sorted(sent))]
    assert min(gaps) >= 30 * 86_400


def test_branches_are_closed_at_nowruz_and_busy_before(items: list[Item]):
    def counter_sales(first: date, last: date) -> int:
        return sum(1 for i in items if i.kind == "order.placed" and i.channel == "store" and first <= i.occurred_at.date() <= last)

    assert counter_sales(date(2026, 3, 21), date(2026, 3, 24)) == 0
    assert counter_sales(date(2026, 3, 9), date(2026, 3, 19)) > 1.4 * counter_sales(date(2026, 1, 26), date(2026, 2, 5))


def test_yalda_and_haft_sin_pieces_sell_in_their_season(items: list[Item]):
    months = Counter(i.occurred_at.month for i in items if i.kind == "order.placed" and i.product == "haftsin-7")
    assert months.most_common(1)[0][0] == 3
    yalda = Counter(i.occurred_at.month for i in items if i.kind == "order.placed" and i.product == "pomegranate-5")
    assert yalda.most_common(1)[0][0] == 12


def test_every_survey_is_left_unanswered_by_many_and_ticks_only_what_it_offers(items: list[Item]):
    surveys = {one.code: one for one in QUESTIONNAIRES}
    sent = Counter(i.properties["survey"] for i in items if i.kind == "survey.sent")
    answers = [i for i in items if i.kind == "survey.answered" and "completes" not in i.properties]
    answered = Counter(i.properties["survey"] for i in answers if "sent_at" in i.properties)
    for survey in ("delivery", "support"):
        assert 0.15 < answered[survey] / sent[survey] < 0.6
    ticked = {(i.properties["survey"], reason) for i in answers for reason in i.properties.get("reasons", ())}
    assert ticked
    assert {(survey, reason) for survey, reason in ticked if reason not in surveys[survey].reasons} == set()
