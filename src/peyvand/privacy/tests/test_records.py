"""Rules of retention for what is beside the timeline: mails, cases, tasks, invitations, files of imports, the audit trail."""

import datetime as dt

import pytest
from django.conf import settings
from django.utils.translation import override

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services.ending import close
from peyvand.cases.types import Outcome
from peyvand.channels.models import Outgoing
from peyvand.channels.services import resend, send
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock, jobs
from peyvand.core.models import Job
from peyvand.core.retention import TEXTS, WHOLE, going, kept
from peyvand.customers.services.merging import merge_by_hand, unmerge
from peyvand.identities.models import Customer
from peyvand.imports.models import Import
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.services.retaining import retain
from peyvand.privacy.services.rules import keep_for, keep_for_ever, records_to_lose
from peyvand.privacy.tests.canaries import NEEDLES, live, places
from peyvand.privacy.tests.test_pages import browser
from peyvand.surveys.models import Answer, Invitation, Response
from peyvand.tasks.models import Task
from peyvand.timeline.jobs import JOBS as TIMELINE_JOBS
from peyvand.timeline.models import DeadLetter, Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.audit_words import detail_words
from peyvand.workspaces.models import AuditEntry, Workspace
from peyvand.workspaces.services import audit, create_owner, create_workspace

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = dt.timedelta(days=366)
SPARED = ("imports_import.name", "imports_import.files", "cases_case.subject_id")  # a file's name; the number of an order


def owner(brand: Workspace):
    return brand.members.get(role="owner").user


def work(brand: Workspace, record: str, loss: str = WHOLE, months: int = 12) -> RetentionRule:
    rule = keep_for(workspace=brand, record=record, months=months, loss=loss, actor=owner(brand))
    while retain():
        pass
    rule.refresh_from_db()
    return rule


def lived(brand: Workspace) -> Customer:
    """A customer with a mail sent, a case closed, tasks, an answer and a file; all of it a year old, once the clock is."""
    customer = live(brand)
    for case in Case.objects.exclude(state="closed"):
        close(case=case, actor=brand.members.get(), outcome=Outcome.SOLVED, ask_again=False)
    return customer


def test_the_texts_of_old_mails_go_and_what_became_of_them_stays(brand):
    customer = lived(brand)
    kept_files = list((settings.PEYVAND_DATA / "mail").glob("sofal.*.eml"))
    assert kept_files
    with clock.frozen(clock.now() + YEAR):
        young = send(workspace=brand, customer=customer, purpose=Purpose.SERVICE, message=Message("young"), key="young")
        Outgoing.objects.filter(pk=young.pk).update(state="sent")
        waiting = send(workspace=brand, customer=customer, purpose=Purpose.SERVICE, message=Message("waits"), key="waits")
        Outgoing.objects.filter(pk=waiting.pk).update(state="queued", created_at=clock.now() - 2 * YEAR)
        old = Outgoing.objects.exclude(pk__in=(young.pk, waiting.pk))
        told = list(old.order_by("pk").values_list("pk", "state", "address", "sent_at"))
        assert records_to_lose(workspace=brand, record="messages", months=12, loss=TEXTS) == len(told) > 0
        rule = work(brand, "messages", TEXTS)
        assert list(old.order_by("pk").values_list("pk", "state", "address", "sent_at")) == told
        assert set(old.values_list("subject", "text", "html", "unsubscribe_url")) == {("", "", "", "")}
        assert set(Outgoing.objects.exclude(text="").values_list("text", flat=True)) == {"young", "waits"}
        assert not any(path.exists() for path in kept_files)
        assert (rule.last_taken, rule.taken, records_to_lose(workspace=brand, record="messages", months=12, loss=TEXTS)) == (
            len(told),
            0,
            0,
        )
        emptied = old.earliest("pk")
        old.filter(pk=emptied.pk).update(state="failed")
        resend(outgoing=old.get(pk=emptied.pk), actor=owner(brand))
        assert old.get(pk=emptied.pk).state == "failed"  # nothing is left of it that could be sent
        page = browser(brand).get("/w/sofal/settings/outbox/?state=failed")
        assert [row["resend_url"] for row in page.context["rows"]] == [""]


def test_old_mails_that_go_whole_leave_what_pointed_to_them(brand):
    lived(brand)
    written = CaseEvent.objects.exclude(message=None).count()
    assert written
    events = CaseEvent.objects.count()
    with clock.frozen(clock.now() + YEAR):
        work(brand, "messages")
    assert not Outgoing.objects.exists()
    assert (CaseEvent.objects.count(), CaseEvent.objects.exclude(message=None).count()) == (events, 0)


def test_closed_cases_lose_their_words_or_themselves_and_open_ones_nothing(brand):
    customer = lived(brand)
    Case.objects.create(
        workspace=brand, number=90, customer=customer, words="still open", opened_at=clock.now(), due_at=clock.now(), subject_id="9"
    )
    closed = Case.objects.filter(state="closed")
    count, scores = closed.count(), set(closed.values_list("score_before", flat=True))
    course = list(CaseEvent.objects.order_by("pk").values_list("type", "at"))
    with clock.frozen(clock.now() + YEAR):
        work(brand, "cases", TEXTS)
        assert (set(closed.values_list("words", flat=True)), set(closed.values_list("score_before", flat=True))) == ({""}, scores)
        assert not CaseEvent.objects.exclude(text="").exists()
        assert list(CaseEvent.objects.order_by("pk").values_list("type", "at")) == course
        assert records_to_lose(workspace=brand, record="cases", months=12, loss=WHOLE) == count
        rule = work(brand, "cases")
        assert (rule.last_taken, list(Case.objects.values_list("words", flat=True))) == (count, ["still open"])
        assert not CaseEvent.objects.exists()
        assert not Task.objects.filter(subject_type="case").exclude(subject_id=Case.objects.get().pk).exists()


def test_the_newest_case_stays_so_that_no_number_is_given_twice(brand):
    lived(brand)
    newest = Case.objects.latest("number")
    with clock.frozen(clock.now() + YEAR):
        work(brand, "cases")
    assert list(Case.objects.values_list("number", flat=True)) == [newest.number]


def test_an_invitation_goes_and_its_answer_stays(brand):
    lived(brand)
    answers = list(Answer.objects.order_by("pk").values_list("pk", "value", "words"))
    waiting = Invitation.objects.get()
    Invitation.objects.create(
        workspace=brand, survey=waiting.survey, customer=waiting.customer, nonce="w", send_at=clock.now(), state="planned"
    )
    with clock.frozen(clock.now() + YEAR):
        work(brand, "invitations")
    assert list(Invitation.objects.values_list("state", flat=True)) == ["planned"]
    assert not Response.objects.exists()
    assert list(Answer.objects.order_by("pk").values_list("pk", "value", "words")) == answers


def test_files_of_imports_go_and_what_they_brought_stays(brand):
    lived(brand)
    one = Import.objects.get()
    assert one.folder.exists()
    brought = Interaction.objects.count()
    with clock.frozen(clock.now() + YEAR):
        work(brand, "import_files")
    one.refresh_from_db()
    assert (one.folder.exists(), one.files_deleted_at is not None, Interaction.objects.count()) == (False, True, brought)
    assert AuditEntry.objects.get(action="import.files_deleted").detail == {"because": "retention"}


def test_tasks_that_were_done_go_and_open_ones_stay(brand):
    lived(brand)
    still = Task.objects.filter(state="open").count()
    Task.objects.create(workspace=brand, title="call", due_at=clock.now(), state="done", done_at=clock.now())
    Task.objects.create(workspace=brand, title="open", due_at=clock.now())
    with clock.frozen(clock.now() + YEAR):
        work(brand, "tasks")
    assert Task.objects.count() == Task.objects.filter(state="open").count() == still + 1


def test_the_audit_trail_keeps_its_last_year_whoever_asks(brand):
    audit(workspace=brand, actor=owner(brand), action="customers.exported")
    with pytest.raises(ValueError, match="audit cannot"):
        keep_for(workspace=brand, record="audit", months=11, loss=WHOLE, actor=owner(brand))
    old = AuditEntry.objects.get(action="customers.exported")
    with clock.frozen(old.at + dt.timedelta(days=364)):
        kept()["audit"].forget([old.pk], WHOLE)
        assert AuditEntry.objects.filter(pk=old.pk).exists()
    with clock.frozen(old.at + YEAR):
        rule = work(brand, "audit")
        assert not AuditEntry.objects.filter(pk=old.pk).exists()
        assert set(AuditEntry.objects.values_list("action", flat=True)) == {"retention.set", "retention.took"}
        took = AuditEntry.objects.get(action="retention.took")
        assert took.detail == {"record": "audit", "months": 12, "loss": "whole", "rows": rule.last_taken}
        with override("en"):
            assert "what: audit trail" in detail_words(took)


def test_another_brand_keeps_what_is_its_own(brand):
    customer = lived(brand)
    other = create_workspace(name="Limu", slug="limu")
    create_owner(workspace=other, email="limu@brand.example", password="long enough 1")
    before = {code: one.old(brand.pk, clock.now() + YEAR, next(iter(one.losses))).count() for code, one in kept().items()}
    assert all(before.values()), before
    with clock.frozen(clock.now() + 2 * YEAR):
        for code, one in kept().items():
            work(other, code, next(iter(one.losses)), months=one.least)
        after = {code: one.old(brand.pk, clock.now(), next(iter(one.losses))).count() for code, one in kept().items()}
        assert {**after, "audit": 0} == {**before, "audit": 0}
        assert after["audit"] >= before["audit"]
    assert customer.workspace_id == brand.pk


def test_by_every_rule_nothing_that_was_said_is_left_beside_the_timeline(brand):
    lived(brand)
    TIMELINE_JOBS["timeline.forget_settled"]({})
    with clock.frozen(clock.now() + 2 * YEAR):
        DeadLetter.objects.update(settled_at=clock.now() - YEAR)
        keep_for(workspace=brand, kind=None, months=12, loss="texts", actor=owner(brand))
        for code, one in kept().items():
            work(brand, code, next(iter(one.losses)))
        TIMELINE_JOBS["timeline.forget_settled"]({})
    found = {place for place, text in places() if any(needle in text.casefold() for needle in NEEDLES)}
    beside = ("channels_outgoing.text", "channels_outgoing.subject", "cases_", "surveys_invitation", "surveys_response", "imports_import.")
    assert not {place for place in found if place.startswith(beside) and not place.startswith(SPARED)}
    assert not {place for place in found if "/files/imports/" in place or "/mail/" in place or place.startswith("timeline_deadletter")}


def test_customers_who_were_merged_are_parted_after_what_moved_has_gone(brand):
    customer = lived(brand)
    known = CustomerIn(identities=[IdentityIn("email", "twin@post.example")], name="Twin")
    told = record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=known, source="shop"))
    twin = Customer.objects.get(pk=told.customer_id)
    Outgoing.objects.create(workspace=brand, channel_kind="email", purpose="service", customer=twin, text="t", key="t", state="sent")
    merge = merge_by_hand(kept=customer, other=twin, actor=owner(brand))
    with clock.frozen(clock.now() + YEAR):
        work(brand, "messages")
    unmerge(merge=merge, actor=owner(brand))
    twin.refresh_from_db()
    assert not Outgoing.objects.exists()


def test_a_kill_between_two_pieces_loses_nothing_and_the_trail_says_once_what_went(brand, monkeypatch):
    monkeypatch.setitem(kept()["messages"].__dict__, "piece", 2)
    customer = Customer.objects.create(created_at=clock.now(), workspace=brand)
    for n in range(7):
        known = {"channel_kind": "sms", "purpose": "service", "customer": customer, "text": "x", "state": "sent"}
        Outgoing.objects.create(workspace=brand, key=str(n), **known)
    forget, done = kept()["messages"].forget, []

    def dies(ids, loss):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(ids)
        forget(ids, loss)

    with clock.frozen(clock.now() + YEAR):
        rule = keep_for(workspace=brand, record="messages", months=12, loss=WHOLE, actor=owner(brand))
        monkeypatch.setitem(kept()["messages"].__dict__, "forget", dies)
        with pytest.raises(KeyboardInterrupt):
            retain()
        assert Outgoing.objects.count() == 3
        monkeypatch.setitem(kept()["messages"].__dict__, "forget", forget)
        while retain():
            pass
        assert not Outgoing.objects.exists()
        assert [one.detail["rows"] for one in AuditEntry.objects.filter(action="retention.took")] == [7]
        keep_for_ever(rule=rule, actor=owner(brand))
    assert AuditEntry.objects.filter(action="retention.took").count() == 1
    assert AuditEntry.objects.get(action="retention.removed").detail == {"record": "messages"}


def test_a_round_that_is_cut_short_by_a_new_rule_leaves_its_trace(brand):
    rule = keep_for(workspace=brand, record="messages", months=12, loss=WHOLE, actor=owner(brand))
    RetentionRule.objects.filter(pk=rule.pk).update(taken=41)
    keep_for(workspace=brand, record="messages", months=24, loss=TEXTS, actor=owner(brand))
    assert AuditEntry.objects.get(action="retention.took").detail == {"record": "messages", "months": 12, "loss": "whole", "rows": 41}
    assert RetentionRule.objects.get().taken == 0


def test_the_pages_tell_each_sort_count_first_and_refuse_too_short_a_time(brand):
    customer = Customer.objects.create(created_at=clock.now(), workspace=brand)
    Outgoing.objects.create(workspace=brand, channel_kind="sms", purpose="service", customer=customer, text="x", key="x", state="sent")
    client, page = browser(brand), "/w/sofal/settings/privacy/kept/records/messages/"
    with clock.frozen(clock.now() + YEAR):
        told = client.get("/w/sofal/settings/privacy/kept/")
        assert {one["kept"].code for one in told.context["records"]} == kept().keys()
        assert len(told.context["going"]) == len(going()) > 4
        asked = {"months": "۱۲", "loss": "texts"}
        counted = client.post(page, asked)
        assert (counted.status_code, counted.context["counted"], RetentionRule.objects.count()) == (200, 1, 0)
        assert client.post(page, {**asked, "save": counted.context["form"].asked}).status_code == 302
        assert RetentionRule.objects.get().record == "messages"
        retain()
        assert client.get("/w/sofal/settings/privacy/kept/").status_code == 200
        assert client.get(page).context["form"]["months"].value() == "۱۲"
    refused = client.post("/w/sofal/settings/privacy/kept/records/audit/", {"months": "11", "loss": "whole", "save": "11:whole"})
    assert (refused.status_code, "۱۲" in refused.content.decode()) == (422, True)
    assert client.post("/w/sofal/settings/privacy/kept/records/audit/", {"months": "12", "loss": "texts"}).status_code == 422
    assert client.get("/w/sofal/settings/privacy/kept/records/none/").status_code == 404
    assert browser(brand, "agent").get(page).status_code == 403


def test_what_was_given_up_is_forgotten_and_undone_work_of_our_own_stays_without_its_words(brand):
    for name in ("channels.deliver", "imports.clear"):
        jobs.enqueue(name=name, payload={"import": 1}, workspace_id=brand.pk)
    Job.objects.update(state=2, failed_at=clock.now(), error="sara@post.ir was refused")
    DeadLetter.objects.create(workspace=brand, subscription="a", interaction_id=1, error="sara")
    DeadLetter.objects.create(workspace=brand, subscription="b", interaction_id=1, error="sara", settled_at=clock.now())
    with clock.frozen(clock.now() + dt.timedelta(days=89)):
        TIMELINE_JOBS["timeline.forget_settled"]({})
        assert (Job.objects.filter(state=2).count(), DeadLetter.objects.count()) == (2, 2)
    with clock.frozen(clock.now() + dt.timedelta(days=91)):
        TIMELINE_JOBS["timeline.forget_settled"]({})
    assert list(Job.objects.filter(state=2).values_list("name", "error")) == [("imports.clear", "")]
    assert list(DeadLetter.objects.values_list("subscription", "error")) == [("a", "sara")]
