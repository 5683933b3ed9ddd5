"""`peyvand createowner`: makes a person an owner of a workspace."""

import argparse
import getpass
import sys

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from peyvand.config.command import Abort
from peyvand.config.naming import workspace_named
from peyvand.config.speech import say, say_json
from peyvand.workspaces.models import User
from peyvand.workspaces.services import create_owner, drop_second_factor, put_password

NAME = "createowner"
HELP = "make a person an owner of a workspace"
EXAMPLE = "peyvand createowner --workspace narenj --email sara@example.ir"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--email", required=True, help="the address the person signs in with")
    parser.add_argument("--workspace", metavar="SLUG", help="may be left out where there is one workspace")
    parser.add_argument("--name", default="", help="the person's name")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input, else PEYVAND_OWNER_PASSWORD or a prompt; gives a known person a new one",
    )
    parser.add_argument(
        "--without-second-factor", action="store_true", help="take a lost authenticator and its recovery codes from the person"
    )
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Create the person where unknown; a known one keeps their password unless another is given on standard input."""
    workspace = workspace_named(args.workspace)
    email = args.email.strip().lower()
    known = User.objects.filter(email=email).exists()
    _check_email(email)
    password = _password(args, email) if args.password_stdin or not known else None
    member = create_owner(workspace=workspace, email=email, password=password, name=args.name)
    if known and password is not None:
        put_password(user=member.user, password=password)
    removed = drop_second_factor(user=member.user) if args.without_second_factor else False
    if args.json:
        say_json(
            {"workspace": workspace.slug, "email": email, "role": str(member.role), "new": not known, "second_factor_removed": removed}
        )
    else:
        say(f"{email} is an owner of {workspace.slug}" + _kept(known=known, password=password))
        if args.without_second_factor:
            say("Their second factor is gone; the password alone signs in." if removed else "They had no second factor.")
        say(f"Sign in at {settings.PEYVAND_URL}/")
    return 0


def _kept(*, known: bool, password: str | None) -> str:
    if not known:
        return "."
    return " and has a new password; they are signed out everywhere." if password is not None else " and keeps the password they have."


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Abort(f"{email!r} is not an e-mail address.") from None


def _password(args: argparse.Namespace, email: str) -> str:
    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif settings.PEYVAND_OWNER_PASSWORD:
        password = settings.PEYVAND_OWNER_PASSWORD
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise Abort("the two passwords differ; nothing was made.")
    else:
        raise Abort("no password was given: use a terminal, --password-stdin or PEYVAND_OWNER_PASSWORD.")
    try:
        validate_password(password, User(email=email, name=args.name))
    except ValidationError as error:
        raise Abort(f"this password will not do: {' '.join(error.messages)}") from None
    return password
