"""`peyvand erase-person`: forgets one person everywhere, for good."""

import argparse
import sys
import time
from typing import Any

from peyvand.config.command import Abort
from peyvand.config.diagnosis.findings import gigabytes
from peyvand.config.naming import add_person, person_named
from peyvand.config.speech import Progress, say, say_json, warn
from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.identities.models import Customer
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import left_of
from peyvand.privacy.services.erasing import GRACE, carry_on, erase
from peyvand.privacy.services.rewriting import Table, latest_change, note_rewritten, rewrite, tables
from peyvand.privacy.services.wiping import Busy
from peyvand.timeline.models import Interaction

NAME = "erase-person"
HELP = "forget one person everywhere, for good; what happened stays countable without them"
EXAMPLE = "peyvand erase-person --workspace narenj 09121234567"
NO, YES = "no", "yes"
TRIES, PAUSE = 24, 5.0  # a transaction that does nothing is ended after a minute
UNREACHED = {
    "backups": "Backups in this installation's folder still hold the person. The last of them goes by itself on {day}.",
    "before_restore": "The data folder keeps what a restore put aside (*.before-restore), with everybody in it. "
    "It goes by itself after 30 days; delete it once you do not need it.",
    "named_by_others": "Texts of others name the person, or they are one of the team: "
    "their e-mail address or phone number still stands there.",
    "freed_space": "Freed room in the files of PostgreSQL's tables holds old bytes until it is used again. With --rewrite, "
    "or by VACUUM FULL of each, the tables are written anew.",
    "write_ahead_log": "PostgreSQL's write-ahead log holds older states until it is recycled, its archive, replicas and backups until "
    "you delete them.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_person(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--rewrite", action="store_true", help="PostgreSQL: also write the tables anew, one by one, each locked meanwhile")
    parser.add_argument("--json", action="store_true", help="answer for a program; needs --yes")


def run(args: argparse.Namespace) -> int:
    """Do the work here; where this is ended before it is through, the worker does what is left."""
    if args.rewrite and is_sqlite():
        raise Abort("SQLite overwrites what is deleted by itself: --rewrite is for PostgreSQL.", 2)
    workspace, customer, pid = person_named(args)
    if not args.yes:
        _ask(customer, pid, json=args.json)
    erasure = erase(customer=customer, actor=None, at=clock.now() + 2 * GRACE)
    _work(erasure)
    erasure.refresh_from_db()
    done = _rewrite(erasure) if args.rewrite else []
    left, until = left_of(erasure)
    if args.json:
        told: dict[str, Any] = {"workspace": workspace.slug, "customer": pid, "interactions": erasure.interactions, "left": left}
        told["backups_until"] = until and until.isoformat()
        rewritten = [{"table": before.name, "before": before.size, "after": after.size} for before, after in done]
        say_json(told | ({"rewritten": rewritten} if args.rewrite else {}))
        return 0
    say(f"Forgotten. {erasure.interactions:,} interactions are counted on without them.")
    for code in left:
        warn(UNREACHED[code].format(day=until and until.astimezone().date()))
    return 0


def _ask(customer: Customer, pid: str, *, json: bool) -> None:
    if json or not sys.stdin.isatty():
        raise Abort("this cannot be undone, so it needs --yes where nobody can be asked.", 2)
    things = Interaction.objects.filter(identity__customer=customer).count()
    say(f"{customer.name or 'A customer without a name'} ({pid}), {things:,} interactions. This cannot be undone.")
    if input("Forget this person? Write yes: ").strip().lower() != YES:
        raise Abort("nothing was changed.")


def _work(erasure: Erasure) -> None:
    progress: Any = Progress("Forgetting, waiting for readers of old files")
    while (when := carry_on(erasure.pk)) is not None:
        progress.at(0)
        time.sleep(min(5.0, max(0.1, (when - clock.now()).total_seconds())))
    progress.end()


def _rewrite(erasure: Erasure) -> list[tuple[Table, Table]]:
    """Write the tables anew, the smallest first, and give each before and after; where one stays in use, say what is left to do."""
    done: list[tuple[Table, Table]] = []
    since, waiting = latest_change(), tables()
    for before in tuple(waiting):
        warn(f"{before.name}, {gigabytes(before.size)}: written anew, locked meanwhile.")
        after = _patiently(before, since)
        if after is None:
            warn("In use by others all the time. Left to do: " + " ".join(f"VACUUM FULL {table.name};" for table in waiting))
            return done
        waiting.remove(before)
        done.append((before, after))
    note_rewritten(erasure)
    return done


def _patiently(table: Table, since: str) -> Table | None:
    for _try in range(TRIES):
        try:
            return rewrite(table, since)
        except Busy:
            time.sleep(PAUSE)
    return None
