"""`peyvand rebuild-lake`: makes the columnar copy of the timeline anew, where it is damaged or gone for good."""

import argparse
from datetime import timedelta
from typing import Final

from peyvand.config.diagnosis.findings import lasting
from peyvand.config.migrations import check_migrated
from peyvand.config.speech import say, say_json, warn
from peyvand.config.stopped import check_stopped
from peyvand.timeline.lake import places
from peyvand.timeline.lake.counting import copied_until
from peyvand.timeline.lake.rebuilding import rebuild
from peyvand.timeline.models import Interaction

NAME = "rebuild-lake"
HELP = "forget the lake, so that the worker copies it anew from the records"
EXAMPLE = "peyvand rebuild-lake"
EACH: Final = timedelta(microseconds=19)  # an interaction takes a worker, as docs/explanation/scale.md has it
A_MINUTE: Final = timedelta(minutes=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Do it with Peyvand stopped; the records stay as they are, and cut short it is run again."""
    check_migrated()
    check_stopped("; nothing was changed.")
    away = bool(copied_until()) and not places.is_there()
    rebuild()
    number = Interaction.objects.count()
    lasts = EACH * number
    if args.json:
        say_json({"interactions": number, "seconds": round(lasts.total_seconds())})
    else:
        time = f"in some {lasting(lasts)}, more on a slow disk" if lasts > A_MINUTE else "within a minute or two"
        say(f"The lake is forgotten. The worker copies {number:,} interactions anew once Peyvand starts, {time}.")
    if away:
        warn(f"{places.lake_path()} held none of it. Where the former lake still is, delete it: nobody is forgotten in it any more.")
    return 0
