"""The second wall on PostgreSQL: a query that forgot its workspace, a connection used again, a transaction that failed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client

from peyvand.config.backups import finishing
from peyvand.core import clock, jobs, walls, work
from peyvand.core.bulk import FEW
from peyvand.core.db import is_sqlite
from peyvand.core.models import Job
from peyvand.core.postgres import exchange
from peyvand.core.raising import quoted, role_of
from peyvand.edge import writing
from peyvand.edge.keys import Bearer
from peyvand.edge.models import GivenAnswer
from peyvand.edge.services import Repeatable
from peyvand.edge.wire import Read
from peyvand.identities.models import Customer
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.services import draft, facts_of, record, record_many
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.models import ApiKey, AuditEntry, CustomRole, Member, Workspace
from peyvand.workspaces.services import create_key, create_owner, create_workspace, put_member
from peyvand.workspaces.services.audit import audit_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


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


@contextmanager
def standings() -> Iterator[list[tuple[str, int | None]]]:
    """Every statement of a block on this thread's connection, with the workspace inside which it was asked."""
    seen: list[tuple[str, int | None]] = []

    def note(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        with connection.connection.cursor() as here:
            seen.append(
                (sql, int(here.execute("SELECT nullif(current_setting('peyvand.workspace', true), '')").fetchone()[0] or 0) or None)
            )
        return result

    with connection.execute_wrapper(note):
        yield seen


def keyed(workspace: Workspace, *scopes: str) -> tuple[ApiKey, str]:
    maker = Member.objects.get(workspace=workspace, role="owner").user
    return create_key(workspace=workspace, name="key", scopes=scopes, actor=maker)


def test_a_call_of_the_api_stands_inside_from_the_moment_its_key_is_known(narenj, twin):
    _key, secret = keyed(narenj, "members.manage", "customers.write", "customers.read")
    client = Client(headers={"authorization": f"Bearer {secret}"})
    new = {"data": json.dumps({"identities": [{"type": "own_id", "value": "c1"}]}), "content_type": "application/json"}
    for call in (
        lambda: client.get("/api/v1/members"),
        lambda: client.post("/api/v1/customers", **new),
        lambda: client.post("/api/v1/customers", **new, headers={"Idempotency-Key": "again"}),
    ):
        with standings() as seen:
            assert call().status_code in {200, 201, 422}
        (look_up, *rest) = seen
        assert ("workspaces_apikey" in look_up[0], look_up[1]) == (True, None)
        assert {where for _sql, where in rest} == {narenj.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        assert cursor.fetchone()[0]


def test_what_the_door_records_of_a_group_is_recorded_inside_the_wall_of_each(narenj, twin, monkeypatch):
    """One transaction for programs of both brands: while one of them is written, nothing of the other is seen."""
    seen, real = [], writing.write_drafted

    def looked(drafted, **more):
        seen.append((drafted.facts.workspace_id, set(Member.objects.values_list("workspace_id", flat=True))))
        return real(drafted, **more)

    monkeypatch.setattr(writing, "write_drafted", looked)
    group = [ready(workspace, f"{workspace.slug}{n}", n) for n in range(2) for workspace in (narenj, twin)]
    writing.write(group)
    assert [outcome.status for one in group for outcome in one.outcomes] == ["recorded"] * 4
    assert seen == [(pk, {pk}) for pk in sorted((narenj.pk, twin.pk))]
    assert Interaction.objects.filter(workspace=narenj).count() == Interaction.objects.filter(workspace=twin).count() == 3
    assert GivenAnswer.objects.count() == 4


@pytest.mark.parametrize("many", [2, FEW + 1])
def test_a_door_that_mixed_up_two_brands_writes_nothing(narenj, twin, many, monkeypatch):
    monkeypatch.setattr(writing, "TRIES", 1)
    one = ready(narenj, "mixed", 0, many=many)
    one.bearer = replace(one.bearer, workspace_id=twin.pk)  # such a fault the second wall is for
    writing.write([one])
    assert (one.answer.status, Interaction.objects.count()) == (500, 2)


def ready(workspace: Workspace, name: str, number: int, many: int = 1) -> writing.Ready:
    key, _secret = keyed(workspace, "ingest")
    bearer = Bearer(key, workspace.pk, bytes(workspace.id_key), frozenset(key.scopes))
    items, known = [item(f"{name}-{n}") for n in range(many)], facts_of(workspace.pk)
    found = Read(many == 1, items, {})
    return writing.Ready(bearer, found, known, draft(known, items), Repeatable(workspace.pk, f"{name}{number}", "body"))


def test_the_release_that_goes_on_after_a_way_back_raises_them_before_it_serves(narenj, twin):
    """`upgrade --back` makes the tables anew in their former shape: without rights for whoever stands inside, and without walls."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quoted(role_of(connection.connection))}")
        cursor.execute("DROP POLICY wall ON workspaces_member")
    connection.close()
    with walls.inside(narenj.pk):
        assert Member.objects.count() == 2  # nobody is let into half a wall
    finishing.note(finishing.Restoring(backup="before-upgrade", made_at=clock.now().isoformat(), loaded=True))
    finishing.finish()
    with walls.inside(narenj.pk):
        assert Member.objects.get().workspace_id == narenj.pk
    assert finishing.under_way() is None
