"""What customers say after follow-up: the second score, by being asked or unasked, and what it tells of follow-up."""

import datetime as dt

import pytest

from peyvand.cases.models import Case, CasePolicy
from peyvand.cases.queries import (
    LOOKING_BACK,
    first_contact,
    open_cases,
    recovered,
    recovered_count,
    recovery,
    waiting_for,
)
from peyvand.cases.services import assign, close, log_contact, reopen
from peyvand.cases.services.reacting import plan
from peyvand.cases.tests.conftest import answer, read_all
from peyvand.cases.types import ContactResult, Outcome
from peyvand.core import clock
from peyvand.customers.services.moments import add_words, record_opinion
from peyvand.identities.models import Customer
from peyvand.timeline.reading import Page, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.services import create_workspace, put_member

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def closed(alice, said, frozen_clock):
    case = said(value=3)
    close(case=case, actor=alice, outcome=Outcome.SOLVED)
    frozen_clock.advance(3 * DAY)
    return case


def again(brand, case, value, *, key="again", **more):
    answer(brand, key=key, value=value, order="", properties={"again": True, "case": case.pk}, **more)
    read_all()
    case.refresh_from_db()
    return case


def test_the_answer_asked_for_after_the_end_is_the_second_score_and_opens_nothing(brand, closed):
    case = again(brand, closed, 9, text="جبران کردید.")
    assert (case.score_before, case.score_after, case.answered_again_at) == (3, 9, clock.now())
    assert case.events.get(type="second").text == "جبران کردید."
    assert Case.objects.count() == 1


def test_whoever_is_still_unhappy_when_asked_again_has_no_new_case_but_is_seen(brand, alice, closed):
    again(brand, closed, 2)
    assert Case.objects.count() == 1
    assert recovered(brand, clock.now() - DAY) == []
    reopen(case=closed, actor=alice)
    assert list(open_cases(closed.customer)) == [closed]


def test_only_the_first_asked_answer_counts_and_reading_it_twice_changes_nothing(brand, closed):
    again(brand, closed, 9)
    again(brand, closed, 1, key="again 2")
    assert (closed.score_after, closed.events.filter(type="second").count()) == (9, 1)


def test_an_answer_that_names_somebody_elses_case_changes_nothing(brand, closed):
    again(brand, closed, 9, phone="09120000019", name="ناشناس")
    assert closed.score_after is None


def test_an_answer_that_names_another_brands_case_changes_nothing(brand, closed):
    other = create_workspace(name="Other", slug="other", language="en")
    put_member(workspace=other, email="carol@other.example", name="Carol", role="agent")
    again(other, closed, 9, phone="+989120000012")
    assert closed.score_after is None


def test_old_answers_still_fill_the_second_score_though_they_open_nothing(brand, closed, frozen_clock):
    at = clock.now()
    frozen_clock.advance(30 * DAY)
    assert again(brand, closed, 8, at=at).score_after == 8


def test_who_does_not_answer_the_question_but_says_so_later_counts_too_until_asked(brand, closed, frozen_clock):
    answer(brand, key="later", value=8, order="900")
    read_all()
    closed.refresh_from_db()
    assert closed.score_after == 8
    answer(brand, key="later 2", value=9, order="901")
    read_all()
    closed.refresh_from_db()
    assert closed.score_after == 8
    assert again(brand, closed, 10).score_after == 10  # what was asked for weighs more


def test_another_measure_or_an_answer_before_the_end_or_long_after_tells_nothing(brand, closed, frozen_clock):
    answer(brand, key="csat", measure="csat", value=5, scale=(1, 5))
    answer(brand, key="before", value=9, at=closed.opened_at)
    frozen_clock.advance(61 * DAY)
    answer(brand, key="late", value=9)
    read_all()
    closed.refresh_from_db()
    assert closed.score_after is None


def test_an_unhappy_answer_about_something_else_fills_the_old_case_and_opens_its_own(brand, closed):
    answer(brand, key="new", value=4, order="900")
    read_all()
    closed.refresh_from_db()
    assert closed.score_after == 4
    assert Case.objects.exclude(pk=closed.pk).get().score_before == 4


def test_words_that_come_after_the_score_join_its_case(brand, alice, said):
    case = said(text="")
    item = Item(
        kind="review.written",
        occurred_at=clock.now(),
        customer=CustomerIn(identities=[IdentityIn("phone", "09120000012")]),
        properties={"completes": case.interaction, "reasons": ["late"]},
        perceptions=[PerceptionIn(measure="nps", text="دو روز دیر رسید.")],
        source="test",
        external_id="more",
    )
    record(brand.pk, item)
    read_all()
    case.refresh_from_db()
    assert (case.words, case.reason) == ("دو روز دیر رسید.", "late")
    assert Case.objects.count() == 1


def test_a_spoken_opinion_opens_a_case_and_its_words_join_it(brand, alice, said):
    said(value=9)
    customer = Customer.objects.get()
    recorded = record_opinion(customer=customer, score=1, actor=alice.user)
    add_words(customer=customer, recorded=recorded, text="گفت دیگر نمی‌آیم.", actor=alice.user)
    read_all()
    assert (Case.objects.get().measure, Case.objects.get().words) == ("csat", "گفت دیگر نمی‌آیم.")


def test_rows_without_perceptions_or_people_cost_nothing(brand, django_assert_num_queries):
    record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), source="t", external_id="v"))
    rows = read_ids([record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), source="t", external_id="w")).interaction_id])
    with django_assert_num_queries(0):  # nobody known is among them
        effect = plan(Page(rows))
    with django_assert_num_queries(0):
        effect()


def test_what_follow_up_achieved_is_told_with_its_uncertainty(brand, alice, said, frozen_clock):
    """Five closed, four asked again and answered, three satisfied: Wilson of 3/4."""
    for n, after in enumerate((9, 7, 10, 3, None)):
        case = said(key=str(n), order=str(n), phone=f"0912000010{n}")
        frozen_clock.advance(dt.timedelta(minutes=n))
        log_contact(case=case, actor=alice, result=ContactResult.TALKED)
        close(case=case, actor=alice, outcome=Outcome.SOLVED)
        if after is not None:
            again(brand, case, after, key=f"again {n}", phone=f"0912000010{n}")
    found = recovery(brand, clock.now() - LOOKING_BACK)
    assert (found.closed, found.answered, found.satisfied, found.share) == (5, 4, 3, 0.75)
    assert (round(found.low, 4), round(found.high, 4)) == (0.3006, 0.9544)
    assert [case.score_after for case in recovered(brand, clock.now() - DAY)] == [10, 7, 9]
    assert recovered_count(brand, clock.now() - DAY) == 3
    assert recovered(brand, clock.now() + DAY) == []
    assert first_contact(brand, clock.now() - LOOKING_BACK) == (120, None, None, 5)


def test_nothing_is_made_up_where_nothing_happened(brand):
    assert recovery(brand, clock.now() - LOOKING_BACK) == (0, 0, 0, None, None, None)
    assert first_contact(brand, clock.now() - LOOKING_BACK) == (None, None, None, 0)


def test_a_member_is_shown_how_many_cases_wait_for_them(brand, alice, bob, said):
    cases = [said(key=str(n), order=str(n), at=clock.now() - n * dt.timedelta(minutes=5)) for n in range(4)]
    for case, owner in zip(cases, (alice, bob, None, alice), strict=True):
        assign(case=case, owner=owner, actor=bob)
    assert (waiting_for(alice), waiting_for(bob)) == (2, 1)


def test_a_policy_is_laid_once(brand, alice, said):
    said()
    assert CasePolicy.objects.filter(workspace=brand).count() == 1
