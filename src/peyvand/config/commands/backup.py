"""`peyvand backup`: everything in one file, while the server runs."""

import argparse
import time
from contextlib import suppress
from pathlib import Path

from django.db import DatabaseError, transaction

from peyvand.config.backups.archive import Tell
from peyvand.config.backups.keeping import back_up
from peyvand.config.command import Abort
from peyvand.config.speech import Progress, say, say_json
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import audit

NAME = "backup"
HELP = "write database, files and secret into one file"
EXAMPLE = "peyvand backup /var/backups/peyvand-monday.tar.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to write; it holds everybody's data and the secret, so keep it safe"
    )
    parser.add_argument("--force", action="store_true", help="replace the file where it exists")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Back up while others go on working."""
    path: Path = args.file.expanduser().resolve()
    if path.exists() and not args.force:
        raise Abort(f"{path} exists. Choose another name, or say --force.")
    started = time.monotonic()
    manifest = back_up(path, _step)
    _note(path.name)
    answer = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(time.monotonic() - started, 1),
        "engine": manifest.engine,
        "tables": manifest.tables,
        "files": len(manifest.files),
    }
    if args.json:
        say_json(answer)
    else:
        rows = sum(manifest.tables.values())
        say(f"{path}: {rows:,} rows and {len(manifest.files):,} files, {path.stat().st_size / (1 << 20):,.1f} MB, {answer['seconds']} s.")
    return 0


def _note(name: str) -> None:
    """An owner may ask when everybody's data was copied. A database that waits for its migrations is backed up without a note."""
    with suppress(DatabaseError), transaction.atomic():
        for workspace in Workspace.objects.all():
            audit(workspace=workspace, actor=None, action="backup.taken", detail={"file": name})


def _step(what: str) -> Tell:
    return Progress(what, unit="bytes").at
