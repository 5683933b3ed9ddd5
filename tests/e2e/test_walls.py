"""The second wall on PostgreSQL: a query that forgot its workspace, a connection used again, a transaction that failed."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from peyvand.core import clock, jobs, walls, work
from peyvand.core.bulk import FEW
from peyvand.core.db import is_sqlite
from peyvand.core.models import Job
from peyvand.core.postgres import exchange
from peyvand.identities.models import Customer
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.services import record, record_many
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.models import AuditEntry, CustomRole, Member, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_member
from peyvand.workspaces.services.audit import audit_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres, pytest.mark.usefixtures("walls")]


@pytest.fixture(autouse=True)
def _postgres_alone(db):
    if is_sqlite():
        pytest.skip("SQLite has no row-level security; the suite's run on PostgreSQL has these")


def brand(slug: str) -> Workspace:
    workspace = create_workspace(name=slug, slug=slug, language="en")
    create_owner(workspace=workspace, email=f"owner@{slug}.example", password=None)
    record(workspace.pk, item(slug))
    return workspace


def item(name: str) -> Item:
    person = CustomerIn(identities=[IdentityIn("email", f"{name}@example.com")], name=name)
    felt = [PerceptionIn(measure="nps", value=2, text=name)]
    return Item(kind="order.placed", occurred_at=clock.now(), customer=person, perceptions=felt, source="test")


@pytest.fixture
def narenj(twin) -> Workspace:
    return brand("narenj")


@pytest.fixture
def twin(db) -> Workspace:
    return brand("twin")


def test_a_query_that_forgot_its_workspace_finds_nothing_of_another(narenj, twin):
    for model in (Interaction, Member, AuditEntry, Customer):
        assert set(model.objects.values_list("workspace_id", flat=True)) == {narenj.pk, twin.pk}
        with walls.inside(narenj.pk):
            assert set(model.objects.values_list("workspace_id", flat=True)) == {narenj.pk}
    assert Perception.objects.count() == 2
    with walls.inside(narenj.pk):
        assert [one.text for one in Perception.objects.all()] == ["narenj"]
        assert exchange(["SELECT count(*) FROM timeline_interaction"]) == [b"1"]


def test_rows_of_another_workspace_are_neither_changed_deleted_nor_written(narenj, twin):
    theirs = Member.objects.get(workspace=twin)
    with walls.inside(narenj.pk):
        assert Member.objects.filter(pk=theirs.pk).update(role="viewer") == 0
        assert Member.objects.filter(pk=theirs.pk).delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"):
            CustomRole.objects.create(workspace=twin)
        mine = Member.objects.get()
        with pytest.raises(DatabaseError, match="row-level security"):
            Member.objects.filter(pk=mine.pk).update(workspace=twin)
    assert (Member.objects.get(pk=theirs.pk).role, CustomRole.objects.count()) == ("owner", 0)


def test_a_connection_used_again_sees_what_its_next_user_may(narenj, twin):
    for workspace in (narenj, twin, narenj):
        with walls.inside(workspace.pk):
            assert Member.objects.get().workspace_id == workspace.pk
    assert Member.objects.count() == 2
    with walls.inside(narenj.pk):
        connections.close_all()
        assert Member.objects.get().workspace_id == narenj.pk


def test_a_rollback_takes_no_wall_down(narenj, twin):
    with walls.inside(twin.pk), transaction.atomic():
        assert Member.objects.get().workspace_id == twin.pk
        with walls.inside(narenj.pk):
            with pytest.raises(DatabaseError), transaction.atomic():
                CustomRole.objects.create(workspace=twin, permissions=[Member.objects.get().role])
            assert Member.objects.get().workspace_id == narenj.pk
        assert Member.objects.get().workspace_id == twin.pk
    with walls.inside(narenj.pk):
        with transaction.atomic():
            Member.objects.get()
            transaction.set_rollback(True)
        assert Member.objects.get().workspace_id == narenj.pk


def test_an_error_inside_an_across_block_leaves_the_wall_where_it_stood(narenj, twin):
    with walls.inside(narenj.pk), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic(), walls.across(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert Member.objects.get().workspace_id == narenj.pk


def test_a_block_across_sees_all_and_only_for_its_length(narenj, twin):
    with walls.inside(narenj.pk):
        with walls.across():
            assert Member.objects.count() == 2
        assert Member.objects.count() == 1


@pytest.mark.parametrize("many", [1, FEW + 1])
def test_what_happens_is_recorded_inside_a_wall_few_and_many(narenj, many):
    with walls.inside(narenj.pk):
        record_many(narenj.pk, [item(f"p{n}") for n in range(many)])
        assert Interaction.objects.count() == 1 + many


def test_a_job_of_a_workspace_is_done_inside_it_and_others_across(narenj, twin, monkeypatch):
    seen = {}
    monkeypatch.setitem(jobs.registry().acts, "test.here", lambda _payload: seen.update(here=Member.objects.count()))
    monkeypatch.setitem(jobs.registry().acts, "test.all", lambda _payload: seen.update(all=Member.objects.count()))
    Job.objects.all().delete()
    with walls.inside(narenj.pk):
        jobs.enqueue(name="test.here", workspace_id=narenj.pk)
        jobs.enqueue(name="test.all")
    work.work("test")
    assert seen == {"here": 1, "all": 2}
    assert not Job.objects.exists()


def test_what_concerns_a_person_is_noted_in_each_of_their_brands(narenj, twin):
    person = put_member(workspace=narenj, email="owner@twin.example", name="", role="viewer").user
    with walls.inside(narenj.pk):
        audit_person(user=person, action="password.changed", actor=person)
    assert AuditEntry.objects.filter(action="password.changed").count() == 2


def test_raising_them_again_changes_nothing(db):
    assert walls.raise_walls() == 0
