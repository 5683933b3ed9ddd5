"""`peyvand worker`: the worker process alone; any number of them may share the work."""

import argparse

from peyvand.config import worker
from peyvand.config.backups.finishing import finish
from peyvand.config.migrations import check_migrated
from peyvand.config.processes import follow

NAME = "worker"
HELP = "run the worker process alone"
EXAMPLE = "peyvand worker"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--lifeline", type=int, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C."""
    check_migrated()
    finish()
    if args.lifeline is not None:
        follow(args.lifeline)
    worker.run()
    return 0
