"""Whom to ask and when."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.customers.services.consents import set_consent
from peyvand.surveys.models import AskRule, Invitation
from peyvand.surveys.services import set_active
from peyvand.surveys.services.planning import drawn
from peyvand.surveys.tests.conftest import NEGAR, customer_of, read_timeline
from peyvand.timeline.services import open_batch, record, record_many, undo_batch
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject

pytestmark = pytest.mark.django_db


def test_a_delivery_plans_one_invitation_two_days_later_with_what_it_was_about(survey, deliver, now):
    outcome = deliver()
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.trigger, invitation.language) == ("planned", outcome.interaction_id, "fa")
    assert invitation.send_at == now.at + dt.timedelta(days=2)
    assert invitation.slices == {
        "touchpoint": "delivery",
        "stage": "after",
        "product": "cup",
        "branch": "tehran",
        "occurred_at": now.at.isoformat(),
        "subject_type": "order",
        "subject_id": "521803",
    }


def test_a_paused_survey_asks_nobody(brand, survey, deliver):
    set_active(survey=survey, active=False, actor=None)
    deliver()
    assert not Invitation.objects.exists()


def test_a_delivery_of_last_month_asks_nobody(survey, deliver, now):
    deliver(at=now.at - dt.timedelta(days=15))
    assert not Invitation.objects.exists()


def test_nobody_is_asked_twice_within_the_days_of_rest(survey, deliver, now):
    deliver(order="1")
    now.advance(dt.timedelta(days=29))
    deliver(order="2")
    assert Invitation.objects.count() == 1
    now.advance(dt.timedelta(days=1))
    deliver(order="3")
    assert Invitation.objects.count() == 2


def test_two_deliveries_read_together_ask_a_customer_once(survey, brand, now):
    items = [
        Item(
            kind="order.delivered",
            occurred_at=now.at - dt.timedelta(hours=n),
            customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
            source="shop",
            external_id=f"{n}",
        )
        for n in range(3)
    ]
    record_many(brand.pk, items)
    read_timeline()
    assert Invitation.objects.count() == 1


def test_whoever_has_no_address_or_refused_is_not_asked(survey, deliver):
    deliver(email="", order="1")
    assert not Invitation.objects.exists()
    deliver(order="2", email="kia@post.example")
    Invitation.objects.all().delete()
    set_consent(customer=customer_of("kia@post.example"), purpose="survey", channel="email", granted=False, source="phone")
    deliver(order="3", email="kia@post.example")
    assert not Invitation.objects.exists()


def test_the_rule_may_ask_only_at_one_branch(survey, brand, deliver):
    AskRule.objects.update(branch=999_999)
    deliver()
    assert not Invitation.objects.exists()


def test_about_so_many_percent_are_drawn_and_always_the_same():
    picked = [n for n in range(10_000) if drawn(1, n, n, 30)]
    assert 2850 < len(picked) < 3150
    assert picked == [n for n in range(10_000) if drawn(1, n, n, 30)]
    assert all(drawn(1, n, n, 100) for n in range(1000))


def test_an_import_undone_before_it_is_read_asks_nobody(survey, brand, now):
    batch = open_batch(workspace=brand, label="orders.csv")
    item = Item(
        kind="order.delivered",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        source="file",
        external_id="1",
    )
    record_many(brand.pk, [item], batch=batch.pk)
    undo_batch(batch=batch)
    read_timeline()
    assert not Invitation.objects.exists()


def test_the_customers_own_language_is_spoken_where_the_brand_speaks_it(survey, deliver):
    deliver(order="1", language="en")
    assert Invitation.objects.get().language == "en"


def closed(now: clock.Frozen, brand, case: int, *, ask: bool = True) -> None:
    item = Item(
        kind="case.closed",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        properties={"case": case, "ask_again": ask},
        source="cases",
        external_id=f"closed:{case}",
    )
    record_many(brand.pk, [item])
    read_timeline()


def test_after_a_case_only_somebody_who_answered_is_asked_again_and_once(brand, survey, deliver, now):
    deliver()
    closed(now, brand, 1)
    assert not Invitation.objects.filter(case=1).exists()
    Invitation.objects.update(state="answered", sent_at=now.at)
    closed(now, brand, 2, ask=False)
    closed(now, brand, 3)
    closed(now, brand, 3)
    again = Invitation.objects.get(case__isnull=False)
    assert (again.case, again.send_at, again.state) == (3, now.at + dt.timedelta(days=3), "planned")


def test_after_a_case_a_refusal_is_respected(brand, survey, deliver, now):
    deliver()
    Invitation.objects.update(state="answered", sent_at=now.at)
    set_consent(customer=customer_of(), purpose="survey", channel="any", granted=False, source="phone")
    closed(now, brand, 3)
    assert not Invitation.objects.filter(case=3).exists()


def test_a_case_of_an_answer_that_came_another_way_asks_its_survey_again(brand, survey, now):
    told = Item(
        kind="survey.answered",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        channel="store",
        branch="tehran",
        subject=Subject("order", "521803"),
        properties={"survey": survey.code},
        perceptions=[PerceptionIn("nps", 3, (0, 10))],
        source="kiosk",
        external_id="tablet-1",
    )
    answer = record(brand.pk, told).interaction_id
    ended = Item(
        kind="case.closed",
        occurred_at=now.at,
        customer=CustomerIn(identities=[IdentityIn("email", NEGAR)]),
        properties={"case": 9, "ask_again": True, "answer": answer},
        source="cases",
        external_id="closed:9",
    )
    record(brand.pk, ended)
    read_timeline()
    again = Invitation.objects.get()
    assert (again.case, again.survey, again.trigger, again.language) == (9, survey, answer, "fa")
    assert (again.slices["branch"], again.slices["subject_id"], again.send_at) == ("tehran", "521803", now.at + dt.timedelta(days=3))
