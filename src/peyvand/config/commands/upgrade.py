"""`peyvand upgrade`: to this release by one command, with a way back."""

import argparse

from peyvand.config.backups.archive import Tell
from peyvand.config.speech import Progress, say, say_json
from peyvand.config.upgrading import go_back, upgrade
from peyvand.core.raising import keep_walls

NAME = "upgrade"
HELP = "back up, then bring the database to this release's shape; --back returns"
EXAMPLE = "peyvand upgrade"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--back", action="store_true", help="bring back the state before the last upgrade, for the release that had it")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Upgrade or go back; cut short at any moment, it is run again."""
    if args.back:
        last, left = go_back(_step)
        if args.json:
            say_json({"restored": last.backup, "release": last.from_version, "left": str(left)})
        else:
            say(f"The database is as it was before the upgrade. Install release {last.from_version} again, then start it.")
            say(f"What was here until now is in {left}.")
        return 0
    changes, under_way = upgrade(_step, quiet=args.json)
    keep_walls()
    if args.json:
        say_json({"applied": changes, "backup": under_way.backup if under_way else None})
    elif changes and under_way:
        say(f"{len(changes)} changes applied. The state before is in {under_way.backup}; `peyvand upgrade --back` returns to it.")
    else:
        say(f"{len(changes)} changes applied." if changes else "The database is up to date.")
    return 0


def _step(what: str) -> Tell:
    return Progress(what).at
