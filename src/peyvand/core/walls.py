"""The second wall between workspaces: on PostgreSQL, a query that forgot its workspace finds nothing of another one.

Entered wherever a workspace is known: the console's and the API's calls, a customer's pages, each job, what the doors write.
Applied by core.postgresql, laid by core.raising.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from peyvand.core.discovery import modules

SETTING: Final = "peyvand.workspace"
COLUMN: Final = "workspace_id"
HERE: Final = f"nullif(current_setting('{SETTING}', true), '')::bigint"
OPEN: Final = {
    "core_schedule": "when periodic jobs ran; of no workspace",
    "core_heartbeat": "running processes; of no workspace",
}
_scope: ContextVar[int | None] = ContextVar("peyvand_wall", default=None)


class WallError(Exception):
    """Rows about to pass the wall of another workspace."""


@contextmanager
def inside(workspace_id: int) -> Iterator[None]:
    """Let every query in this block, on PostgreSQL where the walls stand, see and write rows of one workspace only."""
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


def throughout(workspace_id: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of an answer that is read while it is sent, each made inside the wall of a workspace."""
    remaining = iter(pieces)
    while True:
        with inside(workspace_id):
            piece = next(remaining, None)
        if piece is None:
            return
        yield piece


def present() -> int | None:
    """The workspace that this thread is inside; None where it may look across."""
    return _scope.get()


def check_here(workspace_id: int) -> None:
    """Raise WallError where rows of this workspace may not be written by this thread: for what goes past the database's own wall."""
    here = _scope.get()
    if here is not None and here != workspace_id:
        raise WallError(f"rows of workspace {workspace_id} were to be written inside the wall of workspace {here}; nothing was written.")


def policies() -> dict[str, str]:
    """Every table that has a wall, and which of its rows are those of the present workspace.

    Raises ImproperlyConfigured where nobody said it of a table of ours.
    """
    is_open = open_tables()
    closed = {model._meta.db_table: model for model in _ours() if model._meta.db_table not in is_open}  # noqa: SLF001 - Django's documented API
    found = {table: rule for table, model in closed.items() if (rule := _direct(model))}
    for module in modules("walls"):
        found.update(module.WALLS)
    found |= {table: rule for table, model in closed.items() if table not in found and (rule := _by_parent(model, found))}
    if without := closed.keys() - found.keys():
        raise ImproperlyConfigured(
            f"nobody said to which workspace rows of {', '.join(sorted(without))} belong, so no wall can be laid around them. Whoever made "
            "that app says it in its walls.py, as WALLS or OPEN; until then take the app out of PEYVAND_APPS, or set PEYVAND_WALLS=no."
        )
    return found


def open_tables() -> dict[str, str]:
    """Tables of ours that every workspace reads, and why."""
    return OPEN | {table: why for module in modules("walls") for table, why in module.OPEN.items()}


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
