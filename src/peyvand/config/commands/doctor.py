"""`peyvand doctor`: looks for what is wrong and says what to do."""

import argparse
from dataclasses import asdict

from peyvand.config.diagnosis import findings
from peyvand.config.speech import say, say_json

NAME = "doctor"
HELP = "look for what is wrong: settings, disk, database, clock, worker, queues, lake, backups, mail, certificate"
EXAMPLE = "peyvand doctor --json"
SIGNS = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--deep", action="store_true", help="check every row and index of the database; slow where there is much")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Print every finding; exit code 1 where one is a fault."""
    found = []
    for finding in findings(deep=args.deep):
        found.append(finding)
        if not args.json:
            say(f"{SIGNS[finding.state]}  {finding.check}: {finding.words}")
    sound = all(finding.state != "fault" for finding in found)
    if args.json:
        say_json({"sound": sound, "findings": [asdict(finding) for finding in found]})
    return 0 if sound else 1
