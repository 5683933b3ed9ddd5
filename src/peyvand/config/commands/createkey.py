"""`peyvand createkey`: makes an API key, whose secret is printed once and never again."""

import argparse

from peyvand.config.command import Abort
from peyvand.config.naming import workspace_named
from peyvand.config.speech import say, say_json
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.services import create_key
from peyvand.workspaces.types import Scope

NAME = "createkey"
HELP = "make an API key and print its secret, once"
EXAMPLE = "peyvand createkey --workspace narenj --scope ingest"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--workspace", metavar="SLUG", help="may be left out where there is one workspace")
    parser.add_argument(
        "--scope", action="append", required=True, choices=[scope.value for scope in Scope], help="what it may do; may be repeated"
    )
    parser.add_argument("--name", default="", help="what it is for, shown in settings")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Print the secret alone on stdout, so that a shell can keep it: KEY=$(peyvand createkey …)."""
    workspace = workspace_named(args.workspace)
    try:
        key, secret = create_key(workspace=workspace, name=args.name, scopes=args.scope)
    except WorkspaceError as error:
        raise Abort(str(error)) from None
    if args.json:
        say_json({"workspace": workspace.slug, "name": key.name, "scopes": key.scopes, "key": secret})
    else:
        say(secret)
    return 0
