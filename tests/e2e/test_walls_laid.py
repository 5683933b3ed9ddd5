"""Laying the walls on PostgreSQL: users who may not make roles, others who read the tables, another installation, a release before."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from django.db import connection

from peyvand.config.diagnosis.records import walls as diagnosed
from peyvand.core import raising, walls
from peyvand.core.db import is_sqlite
from peyvand.core.raising import FORMER, keep_walls, look, raise_walls, role_of
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import create_owner, create_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
CLERK, WALLED = "peyvand_test_clerk", "peyvand_test_clerk_walled"
PASSWORD = "of a test"
ADMINISTRATOR: dict[str, str] = {}  # how the run connects
OWNED = (
    "DO $$ DECLARE t record; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP "
    "EXECUTE format('ALTER TABLE %I OWNER TO {owner}', t.tablename); END LOOP; END $$;"
    "ALTER FUNCTION timeline_workspace_of OWNER TO {owner}"
)


@pytest.fixture(autouse=True)
def _postgres_alone(db):
    if is_sqlite():
        pytest.skip("SQLite has no row-level security; the suite's run on PostgreSQL has these")
    ours = connection.settings_dict
    known = {"dbname": ours["NAME"], "user": ours["USER"], "password": ours["PASSWORD"], "host": ours["HOST"], "port": ours["PORT"]}
    ADMINISTRATOR.update({name: value for name, value in known.items() if value})
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        if not cursor.fetchone()[0]:
            pytest.skip("these make roles, own tables for them and drop them: they need an administrator of PostgreSQL")


@pytest.fixture
def brands(db) -> tuple[int, int]:
    """Two brands, each with its owner."""
    made = [create_workspace(name=slug, slug=slug, language="en") for slug in ("narenj", "twin")]
    for workspace in made:
        create_owner(workspace=workspace, email=f"owner@{workspace.slug}.example", password=None)
    return made[0].pk, made[1].pk


@pytest.fixture
def clerk(db) -> Iterator[str]:
    """A user of the cluster who may make no roles and owns nothing."""
    say(f"CREATE ROLE {CLERK} LOGIN PASSWORD '{PASSWORD}'")
    yield CLERK
    for role in (WALLED, CLERK):
        with suppress(psycopg.errors.UndefinedObject):
            say(f"DROP OWNED BY {role}")
            say(f"DROP ROLE {role}")


def say(statement: str) -> None:
    """What an administrator says."""
    with psycopg.connect(**ADMINISTRATOR, autocommit=True) as server:
        server.execute(statement)


def as_user(user: str) -> dict[str, str]:
    """How another user connects to the same database."""
    return ADMINISTRATOR | {"user": user, "password": PASSWORD}


@contextmanager
def working_as(user: str) -> Iterator[None]:
    """Peyvand's own connection is this user's, who owns every table."""
    ours = connection.settings_dict
    before = {"USER": ours["USER"], "PASSWORD": ours["PASSWORD"]}
    say(f"GRANT CREATE, USAGE ON SCHEMA public TO {user};" + OWNED.replace("{owner}", user))
    connection.close()
    ours.update(USER=user, PASSWORD=PASSWORD)
    try:
        yield
    finally:
        connection.close()
        ours.update(before)
        say(OWNED.replace("{owner}", "CURRENT_USER"))
        raise_walls()


def members(workspace_id: int) -> int:
    with walls.inside(workspace_id):
        return Member.objects.count()


def test_whoever_may_make_no_role_goes_on_without_until_an_administrator_said_two_statements(brands, clerk):
    with working_as(clerk):
        keep_walls()
        assert members(brands[0]) == 2
        [(state, words)] = diagnosed()
        create, grant = f'CREATE ROLE "{WALLED}" NOLOGIN;', f'GRANT "{WALLED}" TO "{clerk}";'
        assert (state, f"`{create} {grant}`" in words) == ("note", True)
        say(f"{create} {grant}")
        keep_walls()
        assert members(brands[0]) == 1
        assert list(diagnosed()) == [("ok", "a second wall stands between workspaces")]
    assert members(brands[0]) == 1


def test_whoever_may_make_roles_lays_them_without_an_administrator(brands, clerk):
    say(f"ALTER ROLE {clerk} CREATEROLE")
    with working_as(clerk):
        keep_walls()
        assert members(brands[0]) == 1
        assert list(diagnosed()) == [("ok", "a second wall stands between workspaces")]
        assert raise_walls() == 0


def test_whoever_made_the_role_and_may_not_act_as_it_is_told_so(brands, clerk):
    """PostgreSQL 16 lets who made a role give it away, and not yet act as it; before, who made it is nothing to it."""
    say(f"ALTER ROLE {clerk} CREATEROLE")
    with psycopg.connect(**as_user(clerk), autocommit=True) as theirs:
        theirs.execute(f"CREATE ROLE {WALLED} NOLOGIN")
        assert not look(theirs).may_act
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            theirs.execute(f"SET ROLE {WALLED}")
        theirs.execute(f"GRANT {WALLED} TO CURRENT_USER")
        assert look(theirs).may_act
        theirs.execute(f"SET ROLE {WALLED}")


def test_the_user_of_another_installation_in_the_cluster_goes_into_none_of_ours(brands, clerk):
    with psycopg.connect(**as_user(clerk), autocommit=True) as theirs:
        assert role_of(theirs) == WALLED
        assert not look(theirs).may_act
        ours = look(connection.connection).role
        for statement in (f'SET ROLE "{ours}"', "SELECT * FROM workspaces_member", "SELECT timeline_workspace_of(1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                theirs.execute(statement)


def test_whoever_reads_the_tables_for_reports_sees_what_they_saw_before(brands, clerk):
    say(f"GRANT SELECT ON workspaces_member TO {clerk}")
    with psycopg.connect(**as_user(clerk)) as theirs:
        assert theirs.execute("SELECT count(*) FROM workspaces_member").fetchone() == (2,)


def test_the_role_that_all_shared_before_reads_nothing_any_more(brands):
    say(f"CREATE ROLE {FORMER} NOLOGIN; GRANT SELECT, INSERT ON workspaces_member TO {FORMER}")
    try:
        say("DROP POLICY wall ON workspaces_member")
        assert raise_walls() == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege(%s, 'workspaces_member', 'SELECT')", [FORMER])
            assert cursor.fetchone() == (False,)
    finally:
        say(f"DROP OWNED BY {FORMER}; DROP ROLE {FORMER}")


@pytest.mark.parametrize(
    "lost",
    [
        "DROP POLICY wall ON workspaces_member",
        "COMMENT ON POLICY wall ON cases_case IS 'of a former release'",
        'REVOKE DELETE ON django_session FROM "{role}"',
    ],
)
def test_half_a_wall_is_not_entered_and_laid_anew(brands, lost):
    say(lost.replace("{role}", look(connection.connection).role))
    connection.close()
    assert members(brands[0]) == 2
    [(state, words)] = diagnosed()
    assert (state, "1 tables lack theirs" in words) == ("note", True)
    assert raise_walls() == (0 if "REVOKE" in lost else 1)
    assert members(brands[0]) == 1


def test_a_table_that_stands_open_since_a_release_loses_its_wall(brands):
    say("CREATE POLICY wall ON customers_searchentry USING (false); COMMENT ON POLICY wall ON customers_searchentry IS 'as it was'")
    say("ALTER TABLE customers_searchentry ENABLE ROW LEVEL SECURITY")
    assert raise_walls() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'customers_searchentry'")
        assert cursor.fetchone() == (False,)


def test_through_a_pooler_nobody_goes_inside(brands, monkeypatch):
    """The process that answers is then another one than the one that took the call."""
    monkeypatch.setattr(raising, "LOOK", raising.LOOK.replace("pg_backend_pid()", "pg_backend_pid() + 1"))
    connection.close()
    assert members(brands[0]) == 2
    [(state, words)] = diagnosed()
    assert (state, "pooler" in words) == ("note", True)
    connection.close()


def test_none_are_laid_or_entered_where_the_operator_wants_none(brands, settings):
    say("DROP POLICY wall ON workspaces_member")
    settings.PEYVAND_WALLS = False
    keep_walls()
    assert look(connection.connection).lacking == ["workspaces_member"]
    assert members(brands[0]) == 2
    assert list(diagnosed()) == [("ok", "none between workspaces, by PEYVAND_WALLS")]
    assert raise_walls() == 1


def test_laying_them_again_changes_nothing(db):
    assert raise_walls() == 0
