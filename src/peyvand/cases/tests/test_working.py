"""A case is worked to its end: contact, promises, owner, deadline, and nobody undoes another's work."""

import datetime as dt

import pytest

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services import (
    CaseError,
    StaleError,
    add_note,
    assign,
    close,
    log_contact,
    move_deadline,
    promise,
    reopen,
    send_message,
    set_reason,
    settle_promise,
    take,
)
from peyvand.cases.tests.conftest import TEHRAN
from peyvand.cases.types import CaseState, ContactResult, Outcome
from peyvand.cases.wording import message_trouble
from peyvand.channels.models import Outgoing
from peyvand.channels.services.sending import BROKE_OFF
from peyvand.core import clock
from peyvand.customers.models import Consent
from peyvand.identities.models import Customer
from peyvand.identities.services import add_identity
from peyvand.tasks.models import Task
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_workspace, put_member

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def told(kind):
    found = events(read_ids(list(Interaction.objects.values_list("id", flat=True))))
    return [event.properties for event in found if event.kind == kind]


def open_calls():
    return list(Task.objects.filter(kind="call", state="open").values_list("due_at", flat=True))


def test_a_talk_takes_the_case_in_hand_and_ends_the_call(alice, said, frozen_clock):
    case = said()
    frozen_clock.advance(2 * HOUR)
    worked = log_contact(case=case, actor=alice, result=ContactResult.TALKED, text=" عذر خواستیم. ", reason="late")
    assert (worked.state, worked.first_contact_at, worked.reason) == (CaseState.IN_HAND, clock.now(), "late")
    assert worked.contact_work_s == 2 * 3600
    assert worked.due_at.astimezone(TEHRAN) == dt.datetime(2026, 6, 17, 15, tzinfo=TEHRAN)  # two working days of eight hours
    assert open_calls() == []
    assert told("contact.made") == [{"case": case.pk, "number": 1, "result": "talked", "by": "Alice", "note": "عذر خواستیم."}]


def test_the_wait_for_the_first_contact_is_counted_in_working_time(alice, said, frozen_clock):
    case = said()
    frozen_clock.advance(dt.timedelta(days=1))
    assert log_contact(case=case, actor=alice, result=ContactResult.TALKED).contact_work_s == 8 * 3600
    frozen_clock.advance(dt.timedelta(days=1))
    assert log_contact(case=case, actor=alice, result=ContactResult.TALKED).contact_work_s == 8 * 3600  # the first one counts


def test_no_answer_puts_a_new_call_before_the_owner(alice, said, frozen_clock):
    case = said()
    worked = log_contact(case=case, actor=alice, result=ContactResult.NO_ANSWER)
    assert (worked.state, worked.first_contact_at, open_calls()) == (CaseState.OPEN, None, [worked.due_at])
    when = clock.now() + 5 * HOUR
    worked = log_contact(case=case, actor=alice, result=ContactResult.LATER, again_at=when)
    assert (worked.due_at, open_calls()) == (when, [when])


def test_a_reason_that_is_not_on_the_list_is_refused_and_nothing_is_written(alice, said):
    case = said()
    with pytest.raises(CaseError):
        log_contact(case=case, actor=alice, result=ContactResult.TALKED, reason="weather")
    with pytest.raises(CaseError):
        set_reason(case=case, actor=alice, reason="weather")
    assert CaseEvent.objects.count() == 1
    assert told("contact.made") == []


def test_who_contacts_a_case_of_nobody_owns_it(alice, bob, said):
    case = said()
    assign(case=case, owner=None, actor=bob)
    assert log_contact(case=case, actor=alice, result=ContactResult.NO_ANSWER).owner == alice
    assert list(Task.objects.filter(state="open").values_list("owner", flat=True)) == [alice.pk]


def test_a_case_and_its_tasks_change_hands_and_the_history_says_so(alice, bob, said):
    case = said()
    assign(case=case, owner=bob, actor=bob)
    assert Task.objects.get(state="open").owner == bob
    assert case.events.get(type="assigned").text == "Bob"
    assert AuditEntry.objects.get(action="case.assigned").detail == {"owner": "Bob"}
    assign(case=case, owner=bob, actor=bob)
    assert case.events.filter(type="assigned").count() == 1


def test_only_active_members_of_the_brand_can_own_a_case(alice, bob, said):
    case = said()
    stranger = put_member(workspace=create_workspace(name="Other"), email="eve@other.example", name="Eve", role="agent")
    bob.is_active = False
    bob.save()
    for nobody in (stranger, bob):
        with pytest.raises(CaseError):
            assign(case=case, owner=nobody, actor=alice)


def test_the_second_who_takes_a_case_is_told_who_was_quicker(alice, bob, said, english):
    case = said()
    assign(case=case, owner=None, actor=bob)
    take(case=case, actor=alice)
    with pytest.raises(CaseError, match="Alice has taken this case already"):
        take(case=case, actor=bob)
    assert Case.objects.get().owner == alice


def test_a_page_that_is_older_than_the_case_changes_nothing_and_says_who_did_what(alice, bob, said, frozen_clock, english):
    case = said()
    seen = case.version
    log_contact(case=case, actor=alice, result=ContactResult.TALKED, seen=seen)
    frozen_clock.advance(dt.timedelta(minutes=2))
    steps = (
        lambda: log_contact(case=case, actor=bob, result=ContactResult.NO_ANSWER, seen=seen),
        lambda: close(case=case, actor=bob, outcome=Outcome.SOLVED, seen=seen),
        lambda: assign(case=case, owner=bob, actor=bob, seen=seen),
        lambda: move_deadline(case=case, actor=bob, due_at=clock.now() + HOUR, seen=seen),
        lambda: promise(case=case, actor=bob, text="x", due_at=clock.now() + HOUR, seen=seen),
        lambda: set_reason(case=case, actor=bob, reason="late", seen=seen),
    )
    for step in steps:
        with pytest.raises(StaleError, match="Alice was here 2 minutes ago: Talked with the customer"):
            step()
    assert Case.objects.get().state == CaseState.IN_HAND
    assert case.events.filter(by=bob).count() == 0


def test_a_promise_reminds_its_owner_and_must_be_settled_before_the_end(alice, said, english):
    case = said()
    day = clock.now() + dt.timedelta(days=2)
    task = promise(case=case, actor=alice, text="  فنجان نو  فردا می‌رسد ", due_at=day)
    assert (task.kind, task.title, task.due_at, task.owner) == ("promise", "فنجان نو فردا می‌رسد", day, alice)
    with pytest.raises(CaseError, match="A promise is still open"):
        close(case=case, actor=alice, outcome=Outcome.SOLVED)
    settle_promise(case=case, task=task, actor=alice, kept=True)
    with pytest.raises(CaseError, match="settled already"):
        settle_promise(case=case, task=task, actor=alice, kept=False)
    close(case=case, actor=alice, outcome=Outcome.SOLVED)
    assert list(case.events.values_list("type", flat=True)) == ["opened", "promise", "kept", "closed"]


def test_a_promise_of_another_case_cannot_be_settled_here(alice, said):
    one, two = said(key="1", order="1"), said(key="2", order="2")
    task = promise(case=one, actor=alice, text="x", due_at=clock.now() + HOUR)
    with pytest.raises(CaseError):
        settle_promise(case=two, task=task, actor=alice, kept=True)
    task.refresh_from_db()
    assert task.state == "open"


def test_a_deadline_moves_with_its_call_and_only_forward_from_now(alice, said):
    case = said()
    when = clock.now() + 20 * HOUR
    move_deadline(case=case, actor=alice, due_at=when)
    assert (Case.objects.get().due_at, open_calls()) == (when, [when])
    with pytest.raises(CaseError):
        move_deadline(case=case, actor=alice, due_at=clock.now() - HOUR)


def test_the_end_is_told_to_the_timeline_so_that_the_customer_is_asked_again(alice, said):
    case = said(value=3)
    close(case=case, actor=alice, outcome=Outcome.COMPENSATED, text="ارسال رایگان")
    ended = Case.objects.get()
    assert (ended.state, ended.outcome, ended.closed_at) == (CaseState.CLOSED, Outcome.COMPENSATED, clock.now())
    ending = {"case": case.pk, "number": 1, "outcome": "compensated", "ask_again": True, "score_before": 3.0, "answer": case.interaction}
    assert told("case.closed") == [ending]
    assert Task.objects.filter(state="open").count() == 0


def test_a_closed_case_takes_notes_but_no_work_until_it_is_opened_again(alice, said, english):
    case = said()
    close(case=case, actor=alice, outcome=Outcome.UNREACHABLE, ask_again=False)
    for step in (
        lambda: close(case=case, actor=alice, outcome=Outcome.SOLVED),
        lambda: log_contact(case=case, actor=alice, result=ContactResult.TALKED),
        lambda: promise(case=case, actor=alice, text="x", due_at=clock.now() + HOUR),
    ):
        with pytest.raises(CaseError, match="closed meanwhile"):
            step()
    add_note(case=case, actor=alice, text="زنگ زد.")
    again = reopen(case=case, actor=alice)
    assert (again.state, again.outcome, again.closed_at) == (CaseState.OPEN, "", None)
    assert open_calls() == [again.due_at]
    assert told("case.reopened") == [{"case": case.pk, "number": 1}]
    with pytest.raises(CaseError, match="open already"):
        reopen(case=case, actor=alice)


def test_a_case_is_not_opened_again_beside_a_newer_one_about_the_same(alice, said, english):
    old = said(key="1")
    close(case=old, actor=alice, outcome=Outcome.SOLVED)
    said(key="2")
    with pytest.raises(CaseError, match="Case 2 about the same matter"):
        reopen(case=old, actor=alice)


def test_a_message_goes_through_the_outbox_once_and_waits_for_the_customer(alice, said):
    case = said()
    add_identity(customer=Customer.objects.get(), type_name="email", value="negar@example.com", actor=alice.user)
    sent = send_message(case=case, actor=alice, subject="سفارش\nشما", text="سلام.\n\nعذر می‌خواهیم <b>.", seen=0)
    assert (sent.state, sent.address, sent.subject, sent.purpose) == ("queued", "negar@example.com", "سفارش شما", "service")
    assert "<p>عذر می‌خواهیم &lt;b&gt;.</p>" in sent.html
    assert Case.objects.get().state == CaseState.WAITING
    with pytest.raises(StaleError):
        send_message(case=case, actor=alice, subject="x", text="y", seen=0)
    assert Outgoing.objects.count() == 1


def test_a_message_that_may_not_be_sent_leaves_the_case_as_it_was(alice, said, english):
    case = said()
    with pytest.raises(CaseError, match="no address"):
        send_message(case=case, actor=alice, subject="x", text="y")
    customer = Customer.objects.get()
    add_identity(customer=customer, type_name="email", value="negar@example.com", actor=alice.user)
    Consent.objects.create(workspace=case.workspace, customer=customer, purpose="service", channel="email", granted=False, source="desk")
    with pytest.raises(CaseError, match="does not want"):
        send_message(case=case, actor=alice, subject="x", text="y")
    assert (Case.objects.get().state, Outgoing.objects.count(), case.events.count()) == (CaseState.OPEN, 0, 1)


def test_a_message_that_did_not_arrive_says_so_in_its_case(alice, said, english):
    case = said()
    add_identity(customer=Customer.objects.get(), type_name="email", value="negar@example.com", actor=alice.user)
    sent = send_message(case=case, actor=alice, subject="x", text="We are sorry.")
    event = case.events.get(result=ContactResult.WRITTEN)
    assert (event.message_id, message_trouble(event.message)) == (sent.pk, "")
    for state, error, told in (
        ("queued", "451 come back later", "The message waits, and is tried again. 451 come back later"),
        ("failed", "550 no such mailbox", "The message did not leave. 550 no such mailbox"),
        ("held", "The customer does not want this.", "The message did not leave. The customer does not want this."),
        ("unsure", BROKE_OFF, BROKE_OFF),
        ("sent", "", ""),
    ):
        Outgoing.objects.filter(pk=sent.pk).update(state=state, error=error)
        event.message.refresh_from_db()
        assert message_trouble(event.message) == told
