"""What became of unhappy answers, and the people of the cast."""

from datetime import date, datetime, timedelta

import pytest

from peyvand.core.business_time import add_working_time
from peyvand.demo.course import LOW_NPS
from peyvand.demo.follow_ups import NO_ANSWER, RECOVERED, UNCHANGED, UNREACHED, WHOSE_TURN, FollowUp
from peyvand.demo.people import CAST
from peyvand.demo.seasons import ZONE, season_until, working_moment
from peyvand.demo.simulation import Simulation, build
from peyvand.demo.staff import MEMBERS
from peyvand.demo.tests.conftest import CUSTOMERS, NOON
from peyvand.timeline.types import Item
from peyvand.workspaces.services.founding import IRANIAN_WEEK


def test_every_case_begins_with_a_low_answer_of_a_known_customer(brand: Simulation, items: list[Item]):
    by_id = {item.external_id: item for item in items}
    for case in brand.follow_ups:
        answer = by_id[case.answer]
        first = answer.perceptions[0]
        assert answer.customer is not None
        assert first.value is not None
        assert first.value <= (LOW_NPS if first.measure == "nps" else 2)
        assert answer.occurred_at == case.opened_at


def test_cases_older_than_a_week_have_an_outcome_and_a_note(brand: Simulation):
    old = [c for c in brand.follow_ups if c.opened_at < NOON - timedelta(days=7) and not c.answer.startswith("cast")]
    assert len(old) > 50
    assert {c.outcome for c in old} == {RECOVERED, UNCHANGED, UNREACHED}
    assert all(
        c.note and c.owner == WHOSE_TURN and c.closed_at and c.contacted_at and c.opened_at < c.contacted_at < c.closed_at for c in old
    )
    recovered = sum(c.outcome == RECOVERED for c in old) / len(old)
    assert 0.5 < recovered < 0.72


def test_some_cases_of_the_last_days_are_open_and_some_of_them_wait_for_a_call(brand: Simulation):
    still_open = [c for c in brand.follow_ups if c.closed_at is None]
    assert len(still_open) >= 5
    assert all(c.opened_at > NOON - timedelta(days=6) and c.outcome is None for c in still_open)
    waiting = [c for c in still_open if c.contacted_at is None]
    assert waiting
    assert all(c.result is None and not c.note for c in waiting)


@pytest.mark.parametrize("hour", [1, 7, 10, 13, 16, 21])
def test_few_open_cases_are_late_at_any_hour(hour: int):
    for days in range(7):
        now = NOON.replace(hour=hour) + timedelta(days=days)
        open_cases = [c for c in build(1405, now, CUSTOMERS).follow_ups if c.closed_at is None]
        late = [c for c in open_cases if _due(c) < now]
        assert len(open_cases) >= 5
        assert len(late) <= 3
        assert len(late) < len(open_cases) / 2


def _due(case: FollowUp) -> datetime:
    """The deadline the brand's policy gives: four working hours to a contact, sixteen from it to the end."""
    if case.again_at is not None:
        return case.again_at
    week = {int(day): [(opens, closes) for opens, closes in spans] for day, spans in IRANIAN_WEEK.items()}
    begin, hours = (case.opened_at, 4) if case.contacted_at is None else (case.contacted_at, 16)
    return add_working_time(begin, timedelta(hours=hours), hours=week, holidays=set(), tz=ZONE)


def test_who_did_not_answer_is_called_again_on_another_day(brand: Simulation):
    missed = [c for c in brand.follow_ups if c.result == NO_ANSWER]
    assert missed
    assert all(c.again_at is not None and c.again_at > c.contacted_at for c in missed)


def test_owners_are_members_who_may_own_cases(brand: Simulation):
    codes = {m.code for m in MEMBERS if m.role in {"agent", "lead"}}
    assert {c.owner for c in brand.follow_ups} - {None, WHOSE_TURN} <= codes
    assert len(MEMBERS) == 9
    assert {m.role for m in MEMBERS} == {"owner", "manager", "lead", "agent", "analyst"}
    assert next(m for m in MEMBERS if m.role == "owner").email == "demo@peyvand.example"


def test_a_recovered_customer_scores_higher_when_asked_again(brand: Simulation, items: list[Item]):
    by_id = {item.external_id: item for item in items}
    again = [c for c in brand.follow_ups if c.asked_again]
    assert len(again) > 20
    for case in again:
        later = by_id[case.asked_again]
        assert later.properties["first_answer"] == case.answer
        assert later.perceptions[0].value == case.score_after
        assert later.occurred_at == case.asked_again_at
        assert case.contacted_at < case.asked_again_at
        measure = later.perceptions[0].measure
        assert measure == by_id[case.answer].perceptions[0].measure
        assert later.properties["survey"] == by_id[case.answer].properties["survey"]
        if case.outcome == RECOVERED:
            assert case.score_after >= {"nps": 7, "csat": 4}[measure]


def test_calls_are_made_in_working_hours_only(brand: Simulation):
    for case in brand.follow_ups:
        if case.contacted_at and not case.answer.startswith("cast"):
            assert case.contacted_at.weekday() != 4
            assert 9 <= case.contacted_at.hour <= 18


def test_working_time_skips_friday_and_the_night():
    season = season_until(date(2026, 11, 22))
    thursday = datetime(2026, 11, 19, 12, 30, tzinfo=ZONE)
    moment = datetime.fromtimestamp(working_moment(season, int(thursday.timestamp()), 3600), ZONE)
    assert moment == datetime(2026, 11, 21, 9, 30, tzinfo=ZONE)


def test_the_nine_people_of_the_cast_are_there_with_their_words(brand: Simulation, items: list[Item]):
    names = {item.customer.name for item in items if item.customer}
    cast_names = {name for name, _, _ in CAST}
    assert cast_names <= names
    words = {p.text for item in items for p in item.perceptions}
    assert {"دو بار قول دادید و نیامد.", "سه بار ماجرا را از اول گفتم.", "برای مرجوعی چهل دقیقه ایستادم."} <= words
    assert brand.story.people.name(8) == "الهام سروستان"


def test_before_eleven_the_cast_lives_through_yesterday():
    early = build(1405, datetime(2026, 11, 22, 3, 0, tzinfo=ZONE), 300)
    last = max(item.occurred_at for item in early.items() if (item.external_id or "").startswith("cast"))
    assert last.date() == date(2026, 11, 21)
    assert sum(c.answer.startswith("cast") for c in early.follow_ups) == 8


def test_the_days_of_the_cast_hang_together_on_every_day_of_the_week():
    for days in range(7):
        brand = build(1405, NOON + timedelta(days=days), 60)
        told = [i for i in brand.items() if (i.external_id or "").startswith("cast")]
        assert len(told) == 43
        for number in {i.subject.id for i in told if i.subject}:
            kinds = [i.kind for i in told if i.subject and i.subject.id == number]
            order = ["order.placed", "order.delivered", "survey.sent", "survey.answered"]
            first = [kinds.index(kind) for kind in order if kind in kinds]
            assert first == sorted(first), kinds
        deliveries = [i for i in told if i.kind == "order.delivered"]
        assert all(i.occurred_at.weekday() != 4 for i in deliveries)
        assert all(i.properties["late"] == (i.properties["days_late"] > 0) for i in deliveries)
