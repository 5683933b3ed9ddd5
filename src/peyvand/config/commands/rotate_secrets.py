"""`peyvand rotate-secrets`: a new secret key; what the old one sealed is sealed anew, and what it signed holds until --finish."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from peyvand.config.command import Abort
from peyvand.config.migrations import check_migrated
from peyvand.config.speech import Progress, say, say_json
from peyvand.config.stopped import named
from peyvand.core import beats, clock
from peyvand.core.files import write_atomically
from peyvand.core.rekeying import everywhere
from peyvand.core.vault import kept_keys, key_file
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import audit

NAME = "rotate-secrets"
HELP = "make a new secret key and put what is sealed under it"
EXAMPLE = "peyvand rotate-secrets"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--finish", action="store_true", help="end it: the old key is forgotten, and what it signed is void")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Begin a rotation, go on with one that was cut short, or finish it."""
    check_migrated()
    keys = _finishing() if args.finish else _begun()
    renewed = broken = 0
    for place, count in everywhere(keys, Progress("sealed texts", unit="rows").at):
        renewed, broken = renewed + count.renewed, broken + count.broken
        if count.broken and not args.json:
            say(f"{count.broken} secrets in {place.model} are readable with no key; enter them again.")
    if args.finish and _in_file():
        write_atomically(key_file(), keys[0] + "\n")
    _note(finished=args.finish)
    if args.json:
        say_json({"renewed": renewed, "broken": broken, "keys": 1 if args.finish else len(keys)})
    elif args.finish:
        say(f"{renewed} secrets were put under the new key, and the old one is forgotten. Restart Peyvand.")
    else:
        say(
            f"{renewed} secrets were put under the new key. Restart Peyvand; sessions and links of the old key hold until "
            "`peyvand rotate-secrets --finish`."
        )
    return 0


def _in_file() -> bool:
    return settings.SECRET_KEY in kept_keys()


def _given_keys() -> Sequence[str]:
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


def _begun() -> Sequence[str]:
    """The keys of this rotation, the new one first; a new one is made where none is under way."""
    if not _in_file():
        if not settings.SECRET_KEY_FALLBACKS:
            raise Abort(
                "the key comes from PEYVAND_SECRET_KEY. Put a new one there and the present one into PEYVAND_SECRET_KEY_FALLBACKS, "
                "restart Peyvand, then run this again."
            )
        return _given_keys()
    keys = kept_keys()
    if len(keys) == 1:
        keys = [clock.token(64), *keys]
        write_atomically(key_file(), "\n".join(keys) + "\n")
    return keys


def _finishing() -> Sequence[str]:
    if not _in_file():
        say("What is sealed is put under PEYVAND_SECRET_KEY; take PEYVAND_SECRET_KEY_FALLBACKS out of the environment afterwards.")
        return _given_keys()
    keys = kept_keys()
    if len(keys) == 1:
        raise Abort("no rotation is under way. `peyvand rotate-secrets` begins one.")
    changed = datetime.fromtimestamp(key_file().stat().st_mtime, UTC)
    if old := [each for each in beats.at_work() if each.started_at < changed]:
        raise Abort(
            f"Peyvand still runs with the old key ({named(old)}): it was not restarted since the rotation began. Restart it, then finish."
        )
    return keys


@transaction.atomic
def _note(*, finished: bool) -> None:
    for workspace in Workspace.objects.all():
        audit(workspace=workspace, actor=None, action="secrets.rotated", detail={"finished": finished})
