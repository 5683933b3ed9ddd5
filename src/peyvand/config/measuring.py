"""The side of `peyvand analyze` that asks a workspace. Imported once Django is ready."""

import time
from argparse import Namespace
from typing import Final

from django.utils.translation import override

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.naming import workspace_named
from peyvand.config.speech import warn
from peyvand.insights.asking import filters_of, question
from peyvand.insights.freshness import behind_since
from peyvand.insights.queries import Answer, answer
from peyvand.insights.questions import QuestionError
from peyvand.measures import ScaleError
from peyvand.timeline.lake.flushing import flush_once

OURS_SECONDS: Final = 60.0  # for what this process copies itself
OTHERS_SECONDS: Final = 10.0  # and for a step the worker holds


def measure_workspace(args: Namespace) -> tuple[Answer, str]:
    """The answer to what the command line asks, and the slug of the workspace."""
    workspace = workspace_named(args.workspace)
    try:
        asked = question(
            workspace,
            args.measure,
            by=args.by,
            since=args.since,
            until=args.until,
            filters=filters_of(args.where),
            scale=tuple(args.scale) if args.scale else None,
            level=args.level / 100,
            as_of=args.as_of,
            compare=args.compare,
        )
        catch_up()
        with override("en"):  # as everything the command says
            return answer(asked, sees=True), workspace.slug
    except (QuestionError, ScaleError) as error:
        raise Abort(str(error), WRONG_USE) from None


def catch_up() -> None:
    """Copy to the lake what waits there, so that the command counts what was recorded a moment ago, also where no worker runs."""
    began = time.monotonic()
    while flush_once():
        if time.monotonic() - began > OURS_SECONDS:
            break
    while (behind := behind_since()) is not None:
        if time.monotonic() - began > OURS_SECONDS + OTHERS_SECONDS:
            warn(f"These are the figures as of {behind:%Y-%m-%d %H:%M:%S} UTC; what was recorded since is still being copied.")
            return
        if not flush_once():
            time.sleep(0.2)  # a worker is at it
