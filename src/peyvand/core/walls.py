"""The second wall between workspaces: on PostgreSQL, a query that forgot its workspace finds nothing of another one.

Entered for the console's and the API's calls, each job, and what the door writes; applied by core.postgresql, raised by `peyvand migrate`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from peyvand.core.discovery import modules

ROLE: Final = "peyvand_walled"
SETTING: Final = "peyvand.workspace"
COLUMN: Final = "workspace_id"
HERE: Final = f"nullif(current_setting('{SETTING}', true), '')::bigint"
OPEN: Final = {
    "core_schedule": "when periodic jobs ran; of no workspace",
    "core_heartbeat": "running processes; of no workspace",
}
_scope: ContextVar[int | None] = ContextVar("peyvand_wall", default=None)


class WallError(Exception):
    """A table that nobody said about to which workspace its rows belong, or rows about to pass the wall of another one."""


@contextmanager
def inside(workspace_id: int) -> Iterator[None]:
    """Let every query in this block, on PostgreSQL with PEYVAND_WALLS, see and write rows of one workspace only."""
    token = _scope.set(workspace_id if settings.PEYVAND_WALLS else None)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def across() -> Iterator[None]:
    """Let the queries in this block see every workspace: for what concerns a person in all their brands, and rows that name theirs."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


def present() -> int | None:
    """The workspace that this thread is inside; None where it may look across."""
    return _scope.get()


def check_here(workspace_id: int) -> None:
    """Raise WallError where rows of this workspace may not be written by this thread: for what goes past the database's own wall."""
    here = _scope.get()
    if here is not None and here != workspace_id:
        raise WallError(f"rows of workspace {workspace_id} were to be written inside the wall of workspace {here}; nothing was written.")


def statement_for(workspace_id: int | None) -> str:
    """What makes a connection see one workspace, or all again."""
    if workspace_id is None:
        return f"RESET ROLE; SET {SETTING} = ''"
    return f"SET ROLE {ROLE}; SET {SETTING} = '{workspace_id:d}'"


def policies() -> dict[str, str]:
    """Every table that has a wall, and which of its rows are those of the present workspace. Raises WallError."""
    found = {model._meta.db_table: rule for model in _ours() if (rule := _direct(model))}  # noqa: SLF001 - Django's documented API
    for module in modules("walls"):
        found.update(module.WALLS)
    found |= {model._meta.db_table: rule for model in _ours() if model._meta.db_table not in found and (rule := _by_parent(model, found))}  # noqa: SLF001
    without = [name for model in _ours() if (name := model._meta.db_table) not in found and name not in open_tables()]  # noqa: SLF001
    if without:
        raise WallError(f"to which workspace do rows of {', '.join(without)} belong? Say it in <app>/walls.py: WALLS or OPEN.")
    return found


def open_tables() -> dict[str, str]:
    """Tables of ours that every workspace reads, and why."""
    return OPEN | {table: why for module in modules("walls") for table, why in module.OPEN.items()}


def raise_walls() -> int:
    """Bring role, rights and policies in line with the tables; returns how many policies were laid anew. Needs the owner of the tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"
            f"DO $$ BEGIN IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN GRANT {ROLE} TO CURRENT_USER; END IF; END $$;"
            f"GRANT USAGE ON SCHEMA public TO {ROLE};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};"
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}"
        )
        cursor.execute(
            "SELECT c.relname, d.description FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid "
            "LEFT JOIN pg_description d ON d.objoid = p.oid WHERE p.polname = 'wall' AND c.relrowsecurity"
        )
        laid = dict(cursor.fetchall())
        for function in (text for module in modules("walls") for text in getattr(module, "FUNCTIONS", ())):
            cursor.execute(function)
        wanted = {table: (rule, hashlib.sha256(rule.encode()).hexdigest()) for table, rule in policies().items()}
        changed = [table for table, (_rule, mark) in wanted.items() if laid.get(table) != mark]
        for table in changed:
            rule, mark = wanted[table]
            cursor.execute(
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; DROP POLICY IF EXISTS wall ON {table};"
                f"CREATE POLICY wall ON {table} TO {ROLE} USING ({rule}) WITH CHECK ({rule}); COMMENT ON POLICY wall ON {table} IS '{mark}'"
            )
    return len(changed)


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("peyvand.")]


def _direct(model: type[models.Model]) -> str:
    """The rule of a table that names the workspace in each row; a row that names none is machinery and belongs to all."""
    field = next((field for field in model._meta.concrete_fields if field.column == COLUMN), None)  # noqa: SLF001
    if field is None:
        return ""
    return f"{COLUMN} = {HERE}" + (f" OR {COLUMN} IS NULL" if field.null else "")


def _by_parent(model: type[models.Model], walled: dict[str, str]) -> str:
    """The rule of a table whose rows belong to a row that has a wall.

    A scalar subquery looks one parent up by its key; EXISTS would be made a hash of the whole parent, for one row too.
    """
    for field in model._meta.concrete_fields:  # noqa: SLF001
        parent = field.related_model
        if isinstance(parent, type) and not field.null and parent._meta.db_table in walled:  # noqa: SLF001
            return f"(SELECT true FROM {parent._meta.db_table} p WHERE p.id = {model._meta.db_table}.{field.column})"  # noqa: SLF001
    return ""
