"""An unhappy answer becomes one case, with an owner, a number and a deadline."""

import datetime as dt

import pytest

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services import close, log_contact, open_by_hand, policy_of, set_policy
from peyvand.cases.services.reacting import react
from peyvand.cases.tests.conftest import TEHRAN, answer, read_all
from peyvand.cases.types import CaseState, ContactResult, Outcome
from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.tasks.models import Task
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_workspace, put_holiday, put_member

pytestmark = pytest.mark.django_db


def test_an_unhappy_answer_opens_a_case_with_an_owner_and_a_call_to_make(brand, alice, said):
    case = said(value=3, text="قول شنبه دادید.")
    assert (case.number, case.owner, case.state, case.words) == (1, alice, CaseState.OPEN, "قول شنبه دادید.")
    assert (case.measure, case.score_before, case.low, case.high) == ("nps", 3, 0, 10)
    assert (case.subject_type, case.subject_id) == ("order", "5218")
    task = Task.objects.get()
    assert (task.kind, task.owner, task.due_at, task.customer, task.subject_id) == ("call", alice, case.due_at, case.customer, case.pk)


def test_what_opened_is_told_on_the_customers_timeline_once(brand, alice, said):
    said()
    told = [event for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True)))) if event.kind == "case.opened"]
    assert [(event.properties["number"], event.properties["score"], event.customer_id) for event in told] == [
        (1, 3.0, Customer.objects.get().pk)
    ]


@pytest.mark.parametrize(
    ("measure", "value", "scale", "opens"),
    [
        ("nps", 6, (0, 10), True),
        ("nps", 7, (0, 10), False),
        ("csat", 2, (1, 5), True),
        ("csat", 3, (1, 5), False),
        ("ces", 3, (1, 7), True),
        ("ces", 4, (1, 7), False),
        ("rating", 2, (1, 5), True),
        ("rating", 3, (1, 10), True),  # 1.9 of 5
        ("rating", 4, (1, 10), False),  # 2.3 of 5
        ("trust", 0, (0, 10), False),  # no limit was set for it
    ],
)
def test_a_limit_of_its_measure_decides(brand, alice, said, measure, value, scale, opens):
    said(measure=measure, value=value, scale=scale)
    assert Case.objects.count() == int(opens)


def test_what_happened_over_a_week_ago_opens_nothing(brand, alice, said):
    assert said(at=clock.now() - dt.timedelta(days=8)) is None
    assert said(at=clock.now() - dt.timedelta(days=6), key="2") is not None


def test_a_paused_policy_opens_nothing(brand, alice, said):
    set_policy(workspace=brand, changes={"is_active": False}, actor=alice.user)
    assert said() is None


def test_reading_an_answer_twice_opens_one_case(brand, alice):
    interaction = answer(brand)
    for _time in range(2):
        react(events(read_ids([interaction])))
    assert Case.objects.count() == 1
    assert Task.objects.count() == 1
    assert CaseEvent.objects.count() == 1


def test_a_further_complaint_about_the_same_order_joins_the_open_case(brand, alice, said):
    first = said(key="1", value=3)
    again = said(key="2", value=1, text="هنوز نرسیده.")
    assert again == first
    joined = CaseEvent.objects.get(type="again")
    assert (joined.value, joined.text) == (1, "هنوز نرسیده.")


def test_another_order_another_person_and_a_closed_case_each_have_a_case_of_their_own(brand, alice, said):
    first = said(key="1")
    said(key="2", order="7777")
    said(key="3", phone="09120000013", name="بهنام")
    close(case=first, actor=alice, outcome=Outcome.SOLVED)
    said(key="4")
    assert sorted(Case.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_the_worst_of_several_scores_opens_the_case(brand, alice):
    interaction = answer(brand, value=6)  # at its limit; 1 of 5 is below
    event = events(read_ids([interaction]))[0]
    csat = type(event.perceptions[0])(1, "csat", "", 1.0, 1.0, 5.0, "پشتیبانی بد بود", None)
    event.perceptions.append(csat)
    react([event])
    assert (Case.objects.get().measure, Case.objects.get().words) == ("csat", "پشتیبانی بد بود")


def test_the_first_known_reason_of_the_answer_is_the_cases_reason(brand, alice, said):
    assert said(properties={"reasons": ["weather", "packaging", "late"]}).reason == "packaging"


def test_cases_go_round_among_agents_and_leads(brand, alice, bob, said):
    owners = [said(key=str(n), order=str(n)).owner for n in range(3)]
    assert owners == [alice, bob, alice]


def test_with_no_agent_the_owner_of_the_brand_gets_it_and_with_nobody_wanted_nobody(brand):
    answer(brand)
    read_all()
    assert Case.objects.get().owner.role == "owner"
    policy = policy_of(brand)
    set_policy(workspace=brand, changes={"assignment": "nobody"}, actor=Case.objects.get().owner.user)
    answer(brand, key="2", order="9")
    read_all()
    assert Case.objects.get(number=2).owner is None
    assert Task.objects.get(subject_id=Case.objects.get(number=2).pk).owner is None
    assert policy.assignment == "turn"


def test_by_branch_those_of_the_branch_come_first(brand, alice, bob, said):
    set_policy(workspace=brand, changes={"assignment": "branch"}, actor=alice.user)
    said(key="1", order="1", branch="karaj")
    bob.branch = Case.objects.get().branch
    bob.save()
    assert said(key="2", order="2", branch="karaj").owner == bob
    assert said(key="3", order="3", branch="karaj").owner == bob
    assert said(key="4", order="4", branch="rasht").owner == alice


def local(case: Case) -> str:
    return case.due_at.astimezone(TEHRAN).strftime("%m-%d %H:%M")


def test_the_deadline_counts_working_hours_only(brand, alice, said):
    """Monday 13:00 and four hours is 17:00; Thursday 12:00 ends at 13:00, Friday is off, so Saturday 12:00."""
    assert local(said(key="1", order="1")) == "06-15 17:00"
    with clock.frozen(dt.datetime(2026, 6, 18, 12, tzinfo=TEHRAN)):
        assert local(said(key="2", order="2")) == "06-20 12:00"


def test_a_holiday_of_the_brand_moves_the_deadline(brand, alice, said):
    put_holiday(workspace=brand, date=dt.date(2026, 6, 20), names={"fa": "تعطیل"}, off=True, actor=None)
    with clock.frozen(dt.datetime(2026, 6, 18, 12, tzinfo=TEHRAN)):
        assert local(said()) == "06-21 12:00"


def test_hours_that_leave_no_time_cost_no_complaint(brand, alice, said):
    brand.business_hours = {}
    brand.save()
    assert local(said()) == "06-15 17:00"


def test_two_brands_count_and_own_their_cases_apart(brand, alice, said):
    other = create_workspace(name="Other", slug="other", language="en")
    carol = put_member(workspace=other, email="carol@other.example", name="Carol", role="agent")
    said()
    answer(other, key="x", phone="+989120000012")
    read_all()
    theirs = Case.objects.get(workspace=other)
    assert (theirs.number, theirs.owner, theirs.customer.workspace) == (1, carol, other)
    assert Case.objects.filter(workspace=brand).count() == 1


def test_a_case_by_hand_belongs_to_who_opened_it_and_a_second_one_is_a_note(brand, alice, bob, said):
    said()
    customer = Customer.objects.get()
    case = open_by_hand(workspace=brand, customer=customer, words=" تلفنی گله کرد. ", reason="conduct", actor=bob)
    assert (case.number, case.owner, case.words, case.reason, case.score_before) == (2, bob, "تلفنی گله کرد.", "conduct", None)
    again = open_by_hand(workspace=brand, customer=customer, words="باز هم زنگ زد.", reason="", actor=alice)
    assert again == case
    assert list(case.events.values_list("type", "text")) == [("opened", "تلفنی گله کرد."), ("note", "باز هم زنگ زد.")]
    assert AuditEntry.objects.filter(action="case.opened").count() == 1


def test_whoever_was_merged_away_still_has_one_open_case(brand, alice, said):
    first = said()
    customer = Customer.objects.get()
    said(key="2", phone="09120000013", order="")
    stands = Customer.objects.exclude(pk=customer.pk).get()
    customer.identities.update(customer=stands)
    customer.merged_into = stands
    customer.save()
    assert said(key="3") == first
    log_contact(case=first, actor=alice, result=ContactResult.TALKED)
    told = [event for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True)))) if event.kind == "contact.made"]
    assert [event.customer_id for event in told] == [stands.pk]


@pytest.mark.parametrize(
    "properties", [{"completes": 2**70}, {"again": True, "case": 2**70}, {"again": True, "case": True}, {"reasons": [{}, 3]}]
)
def test_properties_no_answer_can_have_still_open_its_case(said, properties):
    assert said(properties=properties) is not None


def test_an_opinion_with_an_impossible_number_stops_nobody(brand, said):
    record(
        brand.pk,
        Item(
            kind="opinion.spoken",
            occurred_at=clock.now(),
            customer=CustomerIn(identities=[IdentityIn("phone", "09120000012")]),
            subject=Subject("opinion", "9" * 40),
            perceptions=[PerceptionIn(measure="csat", text="گفت")],
        ),
    )
    assert said() is not None
