"""Making a backup and bringing one back, whatever the database. Called by `peyvand backup` and `peyvand restore`."""

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from peyvand.config.backups import postgres, sqlite
from peyvand.config.backups.archive import FORMAT, Manifest, Tell, unpack, writing
from peyvand.config.command import Abort, version
from peyvand.core import beats, clock
from peyvand.core.db import is_sqlite
from peyvand.privacy.services import marking
from peyvand.privacy.services.restoring import erase_again
from peyvand.timeline.lake.rebuilding import rebuild
from peyvand.timeline.services.eras import raise_era

FILES: Final = "files"
SECRET: Final = "secret.key"  # noqa: S105 - a file name
Step = Callable[[str], Tell]


def back_up(path: Path, step: Step) -> Manifest:
    """Write everything into one file; the lake stays out, since `restore` makes it anew from the records."""
    with _scratch(path.parent) as folder, writing(path, step("packing")) as writer:
        engine = sqlite if is_sqlite() else postgres
        migrations = sorted(MigrationRecorder(connection).applied_migrations())
        tables = engine.dump(writer, folder, step("database"))
        if (settings.PEYVAND_DATA / FILES).is_dir():
            writer.add_folder(FILES, settings.PEYVAND_DATA / FILES)
        if (settings.PEYVAND_DATA / SECRET).exists():
            writer.add(SECRET, settings.PEYVAND_DATA / SECRET)
        if (settings.PEYVAND_DATA / marking.FILE).exists():
            writer.add(marking.FILE, settings.PEYVAND_DATA / marking.FILE)
        manifest = Manifest(
            format=FORMAT,
            version=version(),
            engine=connection.vendor,
            made_at=clock.now().isoformat(),
            migrations=migrations,
            tables=tables,
        )
        writer.end(manifest)
    return manifest


def restore(path: Path, step: Step, *, force: bool = False, only_check: bool = False, as_then: bool = False) -> Manifest:
    """Bring a backup back into a clean place; with force, over what is there, which is kept with .before-restore.

    as_then leaves the tables in the shape they had, for the release that wrote the backup.
    """
    with _scratch(settings.PEYVAND_DATA) as folder:
        manifest = unpack(path, folder, step("unpacking"))
        if manifest.engine == "sqlite":
            sqlite.check(folder, manifest.tables)
        if only_check:
            return manifest
        _check_place(manifest, force=force)
        if is_sqlite():
            sqlite.load(folder)
        else:
            _migrate_as_then(manifest)
            postgres.load(folder, manifest.tables, step("database"))
        for name in (FILES, SECRET):
            _put(folder / name, settings.PEYVAND_DATA / name)
        marking.take_over(folder / marking.FILE)
    if not as_then:
        call_command("migrate", interactive=False, verbosity=0)
    raise_era()
    rebuild()  # a lake that saw later steps than these records would take what comes now for written already
    manifest.erased_again = erase_again(dt.datetime.fromisoformat(manifest.made_at))
    return manifest


def _check_place(manifest: Manifest, *, force: bool) -> None:
    if manifest.engine != connection.vendor:
        raise Abort(
            f"this backup is of {manifest.engine}, and PEYVAND_DATABASE_URL names {connection.vendor}. Use a database of the same kind."
        )
    known = MigrationExecutor(None).loader.disk_migrations
    if newer := [name for name in manifest.migrations if tuple(name) not in known and name[0] in {app for app, _ in known}]:
        raise Abort(f"this backup was made by a newer release ({'.'.join(newer[0])}). Install that one, then restore.")
    clean = sqlite.is_clean() if is_sqlite() else postgres.is_clean()
    if not clean and not force:
        raise Abort("there are workspaces here already. Restore into an empty data folder and database, or say --force to replace them.")
    if not clean and beats.living("worker"):
        raise Abort("Peyvand is running on this database. Stop it first.")


def _migrate_as_then(manifest: Manifest) -> None:
    """Bring the tables to the shape they had when the backup was made; the copied rows fit no other."""
    with connection.cursor() as cursor:
        ours = [*connection.introspection.django_table_names(only_existing=True), "django_migrations"]
        cursor.execute("DROP TABLE IF EXISTS " + ", ".join(map(connection.ops.quote_name, ours)) + " CASCADE")
    executor = MigrationExecutor(connection)
    applied = {(app, name) for app, name in manifest.migrations} & executor.loader.graph.nodes.keys()
    graph = executor.loader.graph
    latest = [
        node for node in applied if not any(child.key in applied and child.key[0] == node[0] for child in graph.node_map[node].children)
    ]
    executor.migrate(sorted(latest))


def _put(source: Path, place: Path) -> None:
    if not source.exists():
        return
    if place.exists():
        aside = place.with_name(f"{place.name}.before-restore")
        shutil.rmtree(aside) if aside.is_dir() else aside.unlink(missing_ok=True)
        place.replace(aside)
    source.replace(place)
    if place.is_file():
        place.chmod(0o600)


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".backup-{os.getpid()}-", dir=parent) as folder:
        yield Path(folder)
