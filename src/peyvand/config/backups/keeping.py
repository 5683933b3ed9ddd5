"""Making a backup and bringing one back, whatever the database. Called by `peyvand backup` and `peyvand restore`."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from peyvand.config.backups import finishing, moving, postgres, sqlite
from peyvand.config.backups.archive import FORMAT, Manifest, Tell, unpack, writing
from peyvand.config.backups.finishing import Restoring
from peyvand.config.command import Abort, version
from peyvand.config.migrations import apply
from peyvand.config.stopped import check_stopped
from peyvand.core import beats, clock
from peyvand.core.backups import aside_of
from peyvand.core.db import is_sqlite
from peyvand.core.vault import kept_keys
from peyvand.privacy.services import marking

FILES: Final = "files"
SECRET: Final = "secret.key"  # noqa: S105 - a file name
Step = Callable[[str], Tell]


def back_up(path: Path, step: Step) -> Manifest:
    """Write everything into one file; the lake stays out, since `restore` makes it anew from the records."""
    made_at = clock.now().isoformat()  # before the first row is read: who is forgotten from here on is forgotten again after a restore
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
            made_at=made_at,
            migrations=migrations,
            tables=tables,
        )
        writer.end(manifest)
    return manifest


def restore(path: Path, step: Step, *, force: bool = False, only_check: bool = False, as_then: bool = False) -> Manifest:
    """Bring a backup back into a clean place; with force, over what is there, which is kept with .before-restore.

    Cut short, it is run again. as_then leaves the tables in the shape they had, for the release that wrote the backup, which ends it.
    """
    with _scratch(settings.PEYVAND_DATA) as folder:
        manifest = unpack(path, folder, step("unpacking"))
        if manifest.engine == "sqlite":
            sqlite.check(folder, manifest.tables)
        if only_check:
            return manifest
        begun = finishing.under_way()
        again = begun is not None and not begun.loaded  # what stands here now is its half; what was here before is aside already
        _check_place(manifest, force=force, again=again)
        restoring = Restoring(backup=str(path), made_at=manifest.made_at)
        with finishing.noted(restoring):
            if is_sqlite():
                sqlite.load(folder, again=again)
            else:
                _migrate_as_then(manifest)
                (moving if manifest.engine == "sqlite" else postgres).load(folder, manifest.tables, step("database"))
        key_of_file = settings.SECRET_KEY in kept_keys()
        for name in (FILES, SECRET):
            _put(folder / name, settings.PEYVAND_DATA / name, again=again)
        if key_of_file:  # the marks of people who were forgotten are made with the key that came back, and so are new ones
            settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS = kept_keys()
        marking.take_over(folder / marking.FILE)
        restoring.loaded = True
        finishing.note(restoring)
    if not as_then:
        apply(quiet=True)
        beats.forget_all()
        manifest.erased_again = finishing.finish()
    return manifest


def _check_place(manifest: Manifest, *, force: bool, again: bool) -> None:
    if manifest.engine == "postgresql" and is_sqlite():
        raise Abort("this backup is of PostgreSQL, and does not go into SQLite. Name an empty PostgreSQL in PEYVAND_DATABASE_URL.")
    known = MigrationExecutor(None).loader.disk_migrations
    if newer := [name for name in manifest.migrations if tuple(name) not in known]:
        raise Abort(
            f"this backup knows changes that this release does not, such as {'.'.join(newer[0])}: it was made by a newer release, or with "
            "more PEYVAND_APPS. Install what made it, then restore."
        )
    if again:
        return
    clean = sqlite.is_clean() if is_sqlite() else postgres.is_clean()
    if not clean and not force:
        raise Abort("there are workspaces here already. Restore into an empty data folder and database, or say --force to replace them.")
    check_stopped(": what it would record from now on would be lost. Nothing was changed.")


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


def _put(source: Path, place: Path, *, again: bool) -> None:
    if not source.exists():
        return
    aside = aside_of(place)
    if place.exists() and again and aside.exists():
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    elif place.exists():
        shutil.rmtree(aside) if aside.is_dir() else aside.unlink(missing_ok=True)
        _close(place)
        place.replace(aside)
    source.replace(place)
    _close(place)


def _close(place: Path) -> None:
    """Leave a file or folder to its owner alone."""
    place.chmod(0o700 if place.is_dir() else 0o600)


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".backup-{os.getpid()}-", dir=parent) as folder:
        yield Path(folder)
