"""`peyvand migrate`: brings the database to this release's shape; running it again changes nothing."""

import argparse

from peyvand.config.migrations import apply, pending
from peyvand.config.speech import say, say_json
from peyvand.core.raising import keep_walls

NAME = "migrate"
HELP = "bring the database to this release's shape"
EXAMPLE = "peyvand migrate"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where something is missing")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Apply what is missing; two at once wait for each other."""
    missing = pending()
    if missing and not args.check:
        apply(quiet=args.json)
    elif not args.check:
        keep_walls()  # they may have been asked for since
    if args.json:
        say_json({"missing" if args.check else "applied": missing})
    elif args.check:
        say("\n".join(missing) or "The database is up to date.")
    else:
        say(f"{len(missing)} changes applied." if missing else "The database is up to date.")
    return 1 if args.check and missing else 0
