"""Bringing the database to this release's shape, and refusing to run where it is not."""

from collections.abc import Callable
from typing import Any, Final

from django.core.management import call_command
from django.core.management.commands import migrate as command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from peyvand.config.command import WRONG_SETTING, Abort
from peyvand.core.db import is_sqlite
from peyvand.core.raising import check_said, keep_walls

LOCK: Final = 7_340_517
Tell = Callable[[str, Migration | None, bool], None]


class Whole(MigrationExecutor):
    """Records each change in the transaction that makes it.

    Django records one whose foreign keys and indexes come at its end only afterwards: killed between the two, it would be made twice.
    """

    def apply_migration(self, state: Any, migration: Migration, fake: bool = False, fake_initial: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Apply one change; those without a transaction of their own are left to Django."""
        if fake or fake_initial or not migration.atomic:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        tell: Any = self.progress_callback or (lambda *_what: None)
        tell("apply_start", migration, fake)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
            for statement in editor.deferred_sql:
                editor.execute(statement, None)
            editor.deferred_sql.clear()
            self.record_migration(migration)  # type: ignore[arg-type, call-arg]  # the stubs tell of an older Django
        tell("apply_success", migration, fake)
        return state


command.MigrationExecutor = Whole  # type: ignore[attr-defined]  # the command offers no other way to name it


def pending() -> list[str]:
    """Return the names of migrations that were not applied yet, in order."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply(*, quiet: bool) -> None:
    """Apply what is missing; two machines that start at once: the second waits, then finds nothing to do.

    Raises ImproperlyConfigured, before anything was changed, where an app's tables could get no walls.
    """
    check_said()
    if not is_sqlite():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
    keep_walls()


def check_migrated() -> None:
    """Stop with a plain message where the database is older than this release, or an app's tables could get no walls."""
    check_said()
    if missing := pending():
        raise Abort(
            f"the database is older than this release: {len(missing)} changes are missing. Run `peyvand migrate` first.", WRONG_SETTING
        )
