"""Erasing a person: found everywhere before, nowhere after, and what happened is counted on."""

import datetime as dt
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count

from peyvand.cases.models import Case
from peyvand.cases.types import CaseState
from peyvand.core import clock, jobs
from peyvand.core.models import Job
from peyvand.core.privacy import keepers
from peyvand.customers.models import Profile
from peyvand.customers.services.people import add_customer, add_identity
from peyvand.identities.models import Customer, Identity
from peyvand.imports import services as imports
from peyvand.privacy.models import Erasure
from peyvand.privacy.services import carry_on, erase, erasing
from peyvand.privacy.services.marking import FILE, mark, noted
from peyvand.privacy.services.wiping import beyond_reach, tables_of_people
from peyvand.privacy.tests.canaries import MAIL, MAP, PHONE, found, ledger, live, settle
from peyvand.timeline.models import Interaction, Redaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import audit, create_workspace

pytestmark = pytest.mark.django_db(transaction=True)

# Every table that has a column of a person's own, and the files: the search must see all of them before it may say that nothing is left.
HOLDERS = {
    "cases_case.words", "cases_case.subject_id", "cases_caseevent.text", "channels_channel.last_error", "channels_outgoing.address",
    "channels_outgoing.subject", "channels_outgoing.text", "channels_outgoing.html", "channels_refusedaddress.reason", "core_job.error",
    "core_job.payload", "customers_consent.note", "customers_profile.attributes", "customers_profile.preferences",
    "customers_searchentry.contact_key", "customers_searchentry.search_key", "edge_givenanswer.body", "edge_givenanswer.key",
    "identities_customer.name", "identities_identity.value", "identities_linkconflict.kept_value", "imports_import.name",
    "surveys_answer.words", "surveys_answer.search_key", "surveys_invitation.slices", "surveys_response.words", "timeline_batch.label",
    "timeline_deadletter.error", "timeline_interaction.properties", "timeline_interaction.subject_id", "timeline_interaction.external_id",
    "timeline_perception.text", "workspaces_auditentry.detail", "workspaces_auditentry.target_label",
}  # fmt: skip


def ended(erasure: Erasure) -> Erasure:
    """Carry an erasure on to its end, as the job does."""
    for _step in range(200):
        if carry_on(erasure.pk) is None:
            break
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    return erasure


def test_nothing_on_disk_names_an_erased_person_and_all_is_counted_on(brand, no_waiting):
    customer = live(brand)
    before = found()
    assert before >= HOLDERS
    assert any("/lake/interactions/" in place for place in before)
    assert any("/lake/perceptions/" in place for place in before)
    assert any("/files/imports/" in place for place in before)
    assert any("/mail/" in place for place in before)
    assert connection.vendor != "sqlite" or any(place.startswith("bytes of") for place in before)
    counted = ledger()

    erasure = ended(erase(customer=customer, actor=None))

    assert found() == set()
    assert ledger() == counted
    assert not Interaction.objects.filter(identity__isnull=False, identity__customer=customer).exists()
    assert not Profile.objects.filter(pk=customer.pk).exists()
    assert not Redaction.objects.exists()
    assert (erasure.interactions > 8, bytes(erasure.key), erasure.left) == (True, b"", beyond_reach())
    case = Case.objects.filter(customer=customer).earliest("pk")
    assert (case.state, case.words, case.score_before is not None) == (CaseState.CLOSED, "", True)
    settle()
    assert found() == set()


def test_what_belonged_together_still_does(brand, no_waiting):
    customer = live(brand)
    ended(erase(customer=customer, actor=None))
    subjects = dict(Interaction.objects.exclude(subject_id=None).values_list("subject_id").annotate(n=Count("pk")))
    assert max(subjects.values()) >= 2


def test_who_has_a_colleagues_name_and_words_of_ours_for_ids_takes_nothing_of_others_along(brand, no_waiting):
    """Ids may be any text: one that erases a customer made for it must not empty the trail or spoil what is under way."""
    owner = brand.members.get().user
    names = ["erasure", "import", "orders", "phone", "before", "owner", "outgoing", "customer"]
    customer = add_customer(workspace=brand, name="پویا مرادی", given={"own_id": names[0]}, actor=owner)
    for name in names[1:]:
        add_identity(customer=customer, type_name="own_id", value=name, actor=owner)
    detail = {"before": {"role": "owner"}, "after": {"role": "agent"}}
    audit(workspace=brand, actor=owner, action="member.changed", target=brand.members.get(), detail=detail, actor_label="پویا مرادی")
    jobs.enqueue(name="core.none", payload={"erasure": 1, "import": "customer"}, workspace_id=brand.pk)
    rows = "date,phone\n2026-06-01,09120000001\n"
    one = imports.store(workspace=brand, name="orders.csv", files={"main": ("orders.csv", [rows.encode()])}, actor=None)
    imports.set_map(one=one, text=MAP)

    ended(erase(customer=customer, actor=owner))

    entry = AuditEntry.objects.get(action="member.changed")
    assert (entry.actor_label, entry.detail) == ("پویا مرادی", detail)
    assert Job.objects.get(name="core.none").payload == {"erasure": 1, "import": "customer"}
    one.refresh_from_db()
    assert (one.name, one.map_text, one.files) == ("orders.csv", MAP, {"main": "orders.csv"})
    assert not Identity.objects.filter(value__in=names).exists()


class Killed(BaseException):
    """The process ended here."""


def test_an_erasure_killed_at_every_write_comes_to_the_same_end(brand, no_waiting):
    customer = live(brand)
    counted = ledger()
    erasure = erase(customer=customer, actor=None)
    kills = 0
    for most in range(400):
        left = [most]

        def die(execute, sql, params, many, context, left=left):
            if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "VACUUM", "PRAGMA WAL")):
                if not left[0]:
                    raise Killed
                left[0] -= 1
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(die):
                while carry_on(erasure.pk) is not None:
                    pass
            break
        except Killed:
            kills += 1
    assert kills > 20
    erasure.refresh_from_db()
    assert erasure.state == Erasure.State.DONE
    assert found() == set()
    assert ledger() == counted


def test_a_fact_that_comes_while_somebody_is_erased_is_parted_too(brand, no_waiting, monkeypatch):
    customer = live(brand)
    erasure, late = erase(customer=customer, actor=None), []

    def and_one_more(person):
        if not late:
            known = CustomerIn(identities=[IdentityIn("phone", PHONE), IdentityIn("email", "zebrafink2@kanarie.ir")])
            felt = [PerceptionIn("csat", 4, (1.0, 5.0), text="zebrafink late")]
            item = Item(kind="message.received", occurred_at=clock.now(), customer=known, source="shop", perceptions=felt)
            late.append(record(person.workspace_id, item).interaction_id)
        real(person)

    real = erasing.jobs.hide_person
    monkeypatch.setattr(erasing.jobs, "hide_person", and_one_more)
    part_all, parts = erasing.part_all, []
    monkeypatch.setattr(erasing, "part_all", lambda **asked: part_all(**asked) if parts or parts.append(1) else iter(()))
    ended(erasure)
    assert Interaction.objects.get(pk=late[0]).identity_id is None
    assert found() == set()
    assert not Identity.objects.filter(customer=customer).exists()


def test_others_lose_nothing(brand, no_waiting):
    other = create_workspace(name="Limu", slug="limu", language="fa")
    same = Item(
        kind="site.searched", occurred_at=clock.now(), source="shop", external_id="1", properties={"query": "cups"},
        customer=CustomerIn(identities=[IdentityIn("phone", PHONE), IdentityIn("email", MAIL)], name="Zebra"),
    )  # fmt: skip
    record(other.pk, same)
    neighbour = Item(kind="site.searched", occurred_at=clock.now(), source="shop", external_id="n", properties={"query": "cups"},
        customer=CustomerIn(identities=[IdentityIn("phone", "09120000077")], name="همسایه"))  # fmt: skip
    record(brand.pk, neighbour)
    customer = live(brand)
    rows = list(Interaction.objects.filter(external_id__in=("1", "n")).order_by("pk").values())
    ended(erase(customer=customer, actor=None))
    assert list(Interaction.objects.filter(pk__in=[row["id"] for row in rows]).order_by("pk").values()) == rows
    assert Customer.objects.filter(workspace=other, name="Zebra").exists()
    assert Identity.objects.filter(workspace=other).count() == 2
    assert not AuditEntry.objects.filter(workspace=other, action="person.erased").exists()


def test_asking_again_gives_the_erasure_that_is_under_way(brand):
    customer = live(brand)
    first = erase(customer=customer, actor=None)
    assert erase(customer=customer, actor=None) == first
    assert AuditEntry.objects.filter(action="person.erased").count() == 1
    assert jobs.due().filter(name=erasing.ERASE).count() == 1
    marked = {mark(brand.pk, (3, MAIL)), mark(brand.pk, (2, "+98" + PHONE[1:]))}
    assert [one.workspace for one in noted()] == [brand.pk]
    assert marked <= set(next(noted()).marks)


def test_who_died_before_the_note_was_written_leaves_it_to_the_job(brand, settings):
    erasure = erase(customer=live(brand), actor=None)
    (Path(settings.PEYVAND_DATA) / FILE).unlink()
    carry_on(erasure.pk)
    carry_on(erasure.pk)
    assert [(one.workspace, list(one.marks)) for one in noted()] == [(brand.pk, erasure.marks)]


def test_old_files_wait_for_their_readers(brand):
    customer = live(brand)
    erasure = erase(customer=customer, actor=None)
    now = clock.now()
    with clock.frozen(now) as frozen:
        assert carry_on(erasure.pk) == now + erasing.GRACE
        assert {place for place in found() if "/lake/" not in place} == set()
        frozen.advance(erasing.GRACE + dt.timedelta(seconds=1))
        again = carry_on(erasure.pk)
        if again is not None:  # files of writers that may still be at it
            frozen.move_to(again)
            assert carry_on(erasure.pk) is None
    assert found() == set()


def test_postgresql_frees_the_space_of_every_table_they_stood_in():
    assert {place.partition(".")[0] for place in HOLDERS} - set(tables_of_people()) == set()


def test_every_keeper_says_what_it_covers():
    assert all(keeper.COVERS is not None for keeper in keepers())
