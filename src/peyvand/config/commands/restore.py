"""`peyvand restore`: brings a backup back."""

import argparse
from pathlib import Path

from peyvand.config.backups.archive import Tell
from peyvand.config.backups.keeping import restore
from peyvand.config.command import Abort
from peyvand.config.speech import Progress, say, say_json

NAME = "restore"
HELP = "bring a backup back into an empty installation"
EXAMPLE = "PEYVAND_DATA=/srv/peyvand peyvand restore /var/backups/peyvand-monday.tar.gz"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a file that `peyvand backup` wrote")
    parser.add_argument("--check", action="store_true", help="only check that the backup is whole; change nothing")
    parser.add_argument("--force", action="store_true", help="replace the workspaces that are here")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Check every hash and count, then put everything in its place."""
    path: Path = args.file.expanduser().resolve()
    if not path.is_file():
        raise Abort(f"there is no file {path}.")
    manifest = restore(path, _step, force=args.force, only_check=args.check)
    if args.json:
        say_json(
            {
                "file": str(path),
                "made_at": manifest.made_at,
                "engine": manifest.engine,
                "tables": manifest.tables,
                "restored": not args.check,
                "erased_again": manifest.erased_again,
            }
        )
    else:
        rows = sum(manifest.tables.values())
        done = "is whole" if args.check else "was restored"
        say(f"The backup of {manifest.made_at} {done}: {rows:,} rows and {len(manifest.files):,} files.")
        if manifest.erased_again:
            say(f"{manifest.erased_again:,} people who had been erased since were in it, and were forgotten again.")
    return 0


def _step(what: str) -> Tell:
    return Progress(what).at
