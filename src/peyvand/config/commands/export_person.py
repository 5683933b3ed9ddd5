"""`peyvand export-person`: everything kept of one person, as a ZIP."""

import argparse
from pathlib import Path

from peyvand.config.command import Abort
from peyvand.config.naming import add_person, person_named
from peyvand.config.speech import say, say_json
from peyvand.core.files import write_atomically
from peyvand.privacy.services import archive_of

NAME = "export-person"
HELP = "write everything kept of one person into a ZIP, as JSON and as a page"
EXAMPLE = "peyvand export-person --workspace narenj 09121234567 --out negar.zip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_person(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="the file to write; else person-ID.zip in this folder")
    parser.add_argument("--force", action="store_true", help="replace the file where it exists")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Write the file for the person alone to read: nobody else on the machine may open it."""
    workspace, customer, pid = person_named(args)
    path: Path = (args.out or Path(f"person-{pid}.zip")).expanduser().resolve()
    if path.exists() and not args.force:
        raise Abort(f"{path} exists. Choose another name with --out, or say --force.")
    if not path.parent.is_dir():
        raise Abort(f"there is no folder {path.parent}.")
    archive = archive_of(customer=customer, actor=None)
    write_atomically(path, archive)
    if args.json:
        say_json({"workspace": workspace.slug, "customer": pid, "file": str(path), "bytes": len(archive)})
    else:
        say(f"{path}: {len(archive):,} bytes. Give it to the person, then delete it.")
    return 0
