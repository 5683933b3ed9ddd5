"""Bringing the database to this release's shape, and refusing to run where it is not."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from peyvand.config.command import WRONG_SETTING, Abort
from peyvand.core.db import is_sqlite
from peyvand.core.walls import raise_walls

LOCK: Final = 7_340_517
Tell = Callable[[str, Migration | None, bool], None]


def pending() -> list[str]:
    """Return the names of migrations that were not applied yet, in order."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply(*, quiet: bool) -> None:
    """Apply what is missing; two machines that start at once: the second waits, then finds nothing to do."""
    if not is_sqlite():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
    keep_walls()


def keep_walls() -> None:
    """Bring the walls between workspaces in line with the tables, where the operator wants them."""
    if settings.PEYVAND_WALLS and not is_sqlite():
        raise_walls()


def check_migrated() -> None:
    """Stop with a plain message where the database is older than this release."""
    if missing := pending():
        raise Abort(
            f"the database is older than this release: {len(missing)} changes are missing. Run `peyvand migrate` first.", WRONG_SETTING
        )
