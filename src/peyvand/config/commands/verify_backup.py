"""`peyvand verify-backup`: brings a backup back for real, into a place that is thrown away."""

import argparse
from pathlib import Path

from peyvand.config.backups.proving import prove
from peyvand.config.command import Abort
from peyvand.config.speech import say, say_json

NAME = "verify-backup"
HELP = "prove that a backup comes back: restore it into a temporary place"
EXAMPLE = "peyvand verify-backup /var/backups/peyvand-monday.tar.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a file that `peyvand backup` or the worker wrote")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Check every size, hash and count, and restore; nothing of this installation is touched."""
    path: Path = args.file.expanduser().resolve()
    if not path.is_file():
        raise Abort(f"there is no file {path}.")
    said, only_read = prove(path)
    if args.json:
        say_json({**said, "restored": not only_read, "why_not": only_read})
        return 0
    rows = sum(said["tables"].values())
    say(f"The backup of {said['made_at']} is whole: {rows:,} rows in {len(said['tables'])} tables.")
    say(f"It was read, but not restored: {only_read}." if only_read else "It was restored into a temporary place with the same rows.")
    return 0
