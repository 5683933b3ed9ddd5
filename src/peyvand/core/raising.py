"""Laying the walls of core.walls in a PostgreSQL, and looking whether they stand there.

Called by `peyvand migrate` and whatever else makes tables, by each connection before it goes inside, and by doctor.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper

from peyvand.core.db import is_sqlite
from peyvand.core.discovery import modules
from peyvand.core.walls import policies

if TYPE_CHECKING:
    import psycopg

log = structlog.get_logger("peyvand.walls")
ENDING: Final = "_walled"
LONGEST: Final = 63  # bytes of a name; PostgreSQL cuts what is longer
SHAPE: Final = "2"  # another one where the statements of LAY change, so that every wall is laid anew
LOCK: Final = 7_340_518
SINCE_SET: Final = 160_000  # PostgreSQL 16: who made a role is its member, and may not yet act as it
MAY_NOT: Final = "42501"
FORMER: Final = "peyvand_walled"  # the role of every installation, until each user of a cluster had one of their own
OURS: Final = "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%(tables)s)"
LOOK: Final = f"""
    SELECT coalesce(pg_has_role(session_user, r.oid, %(act)s), false), pg_backend_pid(), (
        SELECT json_object_agg(c.relname, obj_description(p.oid, 'pg_policy'))::text
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'wall' AND c.relrowsecurity
        WHERE {OURS} AND has_table_privilege(r.oid, c.oid, 'DELETE') AND has_schema_privilege(r.oid, c.relnamespace, 'USAGE')
    )
    FROM (SELECT 1) one LEFT JOIN pg_roles r ON r.rolname = %(role)s
"""
RIGHTS: Final = f"""
    SELECT format('GRANT USAGE ON SCHEMA %%I TO %%I', current_schema(), %(role)s)
    UNION ALL
    SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %%I TO %%I', c.relname, %(role)s) FROM pg_class c WHERE {OURS}
    UNION ALL
    SELECT format('GRANT USAGE ON SEQUENCE %%I TO %%I', s.relname, %(role)s)
    FROM pg_class c JOIN pg_depend d ON d.refobjid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' WHERE {OURS}
    UNION ALL
    SELECT format('REVOKE ALL ON %%I FROM %%I', c.relname, f.rolname) FROM pg_class c JOIN pg_roles f ON f.rolname = %(former)s
    WHERE {OURS} AND f.rolname <> %(role)s AND has_table_privilege(f.oid, c.oid, 'SELECT')
"""


MAKE_ROLE: Final = (
    "DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
    "GRANT {role} TO CURRENT_USER"
)
# Others whom an administrator let read the tables, such as who writes reports, see what they saw before.
LAY: Final = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
    "DROP POLICY IF EXISTS others ON {table}; CREATE POLICY others ON {table} TO PUBLIC USING (true);"
    "DROP POLICY IF EXISTS wall ON {table};"
    "CREATE POLICY wall ON {table} AS RESTRICTIVE TO {role} USING ({rule}) WITH CHECK ({rule});"
    "COMMENT ON POLICY wall ON {table} IS '{mark}'"
)
OPEN: Final = (
    "DROP POLICY IF EXISTS wall ON {table}; DROP POLICY IF EXISTS others ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
)


class Look(NamedTuple):
    """What was found of the walls: the role of whoever stands inside, and what is missing until somebody can."""

    role: str
    user: str
    may_act: bool  # the role is there, and this user may act as it
    is_direct: bool  # nothing between lends each statement another connection
    lacking: list[str]  # tables without the rights or the wall they should have, or with a wall that they should not have

    @property
    def why_not(self) -> str:
        """What is in the way, and what to do about it; empty where the walls stand."""
        if not self.is_direct:
            return (
                "connections go through a pooler, which may lend each statement another one. "
                "Let PEYVAND_DATABASE_URL name PostgreSQL itself."
            )
        if not self.may_act:
            role, user = quoted(self.role), quoted(self.user)
            return (
                f"this database's user may not act as the role {self.role}. An administrator of PostgreSQL says "
                f"`CREATE ROLE {role} NOLOGIN; GRANT {role} TO {user};`; then run `peyvand migrate` and start Peyvand again."
            )
        if self.lacking:
            tables = f"{len(self.lacking)} tables lack theirs, such as {self.lacking[0]}"
            return f"{tables}. Their owner runs `peyvand migrate` and starts Peyvand again."
        return ""


def look(driver: "psycopg.Connection[Any]") -> Look:
    """Whether whoever uses this connection can go inside; it stands outside now."""
    role = role_of(driver)
    act = "SET" if driver.info.server_version >= SINCE_SET else "MEMBER"
    wanted = _marks(role)
    row = driver.execute(LOOK, {"role": role, "act": act, "tables": list(wanted)}).fetchone() or (False, 0, None)
    found = json.loads(row[2] or "{}")
    lacking = [table for table, mark in wanted.items() if table not in found or (found[table] or "") != mark]
    return Look(role, driver.info.user, row[0], row[1] == driver.info.backend_pid, sorted(lacking))


@lru_cache(4)
def tell_once(why_not: str) -> None:
    """Log that this process does without the second wall."""
    log.warning("no second wall between workspaces", reason=why_not)


def role_of(driver: "psycopg.Connection[Any]") -> str:
    """The role of whoever stands inside: one for each user, since roles are of a whole cluster and others may have a Peyvand there too."""
    return driver.info.user.encode()[: LONGEST - len(ENDING)].decode(errors="ignore") + ENDING


def quoted(name: str) -> str:
    """A name as it stands in a statement."""
    return '"' + name.replace('"', '""') + '"'


def are_wanted() -> bool:
    """Whether walls can stand in this database, and the operator wants them."""
    return bool(settings.PEYVAND_WALLS) and not is_sqlite()


def check_said() -> None:
    """Raise ImproperlyConfigured where walls are wanted and an installed app did not say to which workspace its rows belong."""
    if are_wanted():
        policies()


def keep_walls() -> None:
    """Bring the walls in line with the tables, unless the operator wants none; where the user may not, all goes on without."""
    if not are_wanted():
        return
    try:
        raise_walls()
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != MAY_NOT:
            raise
        tell_once(look(_driver()).why_not)


def raise_walls() -> int:
    """Bring role, rights and policies in line with the tables; returns how many policies were laid anew. Needs the owner of the tables.

    Each table is laid in a transaction of its own: a server at work meets one lock at a time.
    """
    found = look(_driver())
    if found.may_act and not found.lacking:
        return 0
    rules, marks = policies(), _marks(found.role)
    with _alone() as cursor:
        if not look(_driver()).may_act:
            cursor.execute(MAKE_ROLE.format(role=quoted(found.role)))
        cursor.execute(RIGHTS, {"role": found.role, "former": FORMER, "tables": list(marks)})
        cursor.execute("; ".join(statement for (statement,) in cursor.fetchall()))
        for function in _functions():
            cursor.execute(function.format(schema=_schema(cursor), role=quoted(found.role)))
        changed = look(_driver()).lacking
    for table in changed:
        with _alone() as cursor:
            words = {"table": table, "role": quoted(found.role), "rule": rules.get(table), "mark": marks[table]}
            cursor.execute((LAY if table in rules else OPEN).format(**words))
    wrapper: Any = connection
    wrapper.looked = False
    return len(changed)


@contextmanager
def _alone() -> Iterator[CursorWrapper]:
    """A transaction that no other process of ours lays walls beside."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield cursor


def _driver() -> "psycopg.Connection[Any]":
    connection.ensure_connection()
    driver: psycopg.Connection[Any] = connection.connection
    return driver


def _schema(cursor: CursorWrapper) -> str:
    cursor.execute("SELECT current_schema()")
    return quoted(cursor.fetchone()[0])


@lru_cache(4)
def _marks(role: str) -> dict[str, str]:
    """Every table of this release, and the mark of the wall that it should have; empty where it stands open."""
    rules = policies()
    shape = [SHAPE, role, *_functions()]
    tables = {*connection.introspection.django_table_names(), *rules}
    return {table: hashlib.sha256("\n".join([*shape, rules[table]]).encode()).hexdigest() if table in rules else "" for table in tables}


def _functions() -> list[str]:
    return [text for module in modules("walls") for text in getattr(module, "FUNCTIONS", ())]
