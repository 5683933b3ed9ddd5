"""Bringing the database to this release's shape, and refusing to run where it is not."""

from collections.abc import Callable

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from peyvand.config.command import WRONG_SETTING, Abort

Tell = Callable[[str, Migration | None, bool], None]


def pending() -> list[str]:
    """Return the names of migrations that were not applied yet, in order."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def check_migrated() -> None:
    """Stop with a plain message where the database is older than this release."""
    if missing := pending():
        raise Abort(
            f"the database is older than this release: {len(missing)} changes are missing. Run `peyvand migrate` first.", WRONG_SETTING
        )
