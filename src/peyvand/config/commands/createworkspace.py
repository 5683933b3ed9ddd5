"""`peyvand createworkspace`: makes a workspace (a brand) with sensible defaults for its language."""

import argparse
import re

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.speech import say, say_json
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import begin_workspace, create_workspace

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
NAME = "createworkspace"
HELP = "make a workspace, that is a brand of its own"
EXAMPLE = "peyvand createworkspace 'کافه نارنج' --slug narenj"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="the brand's name, in its own language")
    parser.add_argument("--slug", default="", help="its word in addresses: a-z, 0-9 and - (made from the name unless given)")
    parser.add_argument("--language", choices=("fa", "en"), default="fa", help="decides calendar, time zone, currency, week (fa)")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Create it and say its slug, which other commands ask for; a slug that was asked for is taken as it is or refused."""
    if args.slug:
        _check_slug(args.slug)
    try:
        workspace = create_workspace(name=args.name, slug=args.slug, language=args.language)
        begin_workspace(workspace=workspace)
    except WorkspaceError as error:
        raise Abort(str(error)) from None
    if args.json:
        say_json({"workspace": workspace.slug, "name": workspace.name})
    else:
        say(f"Workspace {workspace.slug} is ready. Next: peyvand createowner --workspace {workspace.slug} --email you@example.ir")
    return 0


def _check_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise Abort(f"{slug!r} cannot stand in addresses: use up to 32 of a-z, 0-9 and -, a letter or digit first and last.", WRONG_USE)
    if Workspace.objects.filter(slug=slug).exists():
        raise Abort(f"there is a workspace {slug} already. Choose another word, or leave --slug out.")
