"""`peyvand compact`: gives back to the disk what deleted rows held."""

import argparse
import shutil
from pathlib import Path

from django.db import connection

from peyvand.config.command import Abort
from peyvand.config.diagnosis.findings import gigabytes
from peyvand.config.diagnosis.records import freed_bytes
from peyvand.config.migrations import check_migrated
from peyvand.config.speech import say, say_json
from peyvand.config.stopped import check_stopped
from peyvand.core.db import is_sqlite
from peyvand.privacy.services.wiping import write_anew

NAME = "compact"
HELP = "write an SQLite database anew, without the room that deleted rows left"
EXAMPLE = "peyvand compact"
COPIES = 2  # of what is not free: the new file, and the log through which it takes the place of the old one


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Do it with Peyvand stopped, and only where there is room; cut short, everything is as before."""
    if not is_sqlite():
        raise Abort("PostgreSQL uses freed room again by itself. `VACUUM FULL` of a table gives it to the disk, and locks the table.")
    check_migrated()
    check_stopped(": nobody could write for as long as this takes.")
    path = Path(str(connection.settings_dict["NAME"]))
    before = path.stat().st_size
    needed, free = COPIES * (before - freed_bytes()), shutil.disk_usage(path.parent).free
    if free < needed:
        raise Abort(f"{path} needs {gigabytes(needed)} of room for its new copy, and {gigabytes(free)} are free. Nothing was changed.")
    write_anew()
    after = path.stat().st_size
    if args.json:
        say_json({"before": before, "after": after})
    else:
        say(f"{path}: {gigabytes(before)} before, {gigabytes(after)} now.")
    return 0
