"""The side of `peyvand analyze` that asks a workspace. Imported once Django is ready."""

from argparse import Namespace

from django.utils.translation import override

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.naming import workspace_named
from peyvand.insights.asking import filters_of, question
from peyvand.insights.queries import Answer, answer
from peyvand.insights.questions import QuestionError
from peyvand.measures import ScaleError


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
        )
        with override("en"):  # as everything the command says
            return answer(asked), workspace.slug
    except (QuestionError, ScaleError) as error:
        raise Abort(str(error), WRONG_USE) from None
