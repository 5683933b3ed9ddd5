"""`peyvand demo`: makes the demo brand Sofalineh, or says how to sign in to the one that is there."""

import argparse
import subprocess
import time

from django.conf import settings

from peyvand.config.command import WRONG_USE, Abort
from peyvand.config.processes import worker_beside
from peyvand.config.speech import Progress, say, say_json
from peyvand.core import clock
from peyvand.core.files import write_atomically

NAME = "demo"
HELP = "make the demo brand, or say how to sign in to it"
EXAMPLE = "peyvand demo"
STILL_SECONDS = 30.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--customers", type=int, default=20_000, metavar="N", help="how many customers the brand has (20,000)")
    parser.add_argument("--seed", type=int, default=1405, metavar="N", help="the same seed and day give the same brand (1405)")
    parser.add_argument("--json", action="store_true", help="answer for a program")


def run(args: argparse.Namespace) -> int:
    """Load what is missing; a second run changes nothing and prints the same sign-in."""
    from peyvand.demo.asking_live import come_alive  # noqa: PLC0415 - weight
    from peyvand.demo.loading import load  # noqa: PLC0415 - weight: numpy and the whole brand
    from peyvand.demo.simulation import FEWEST  # noqa: PLC0415 - weight
    from peyvand.demo.staff import MEMBERS  # noqa: PLC0415 - weight

    if args.customers < FEWEST:
        raise Abort(f"the demo brand needs at least {FEWEST} customers, not {args.customers}.", WRONG_USE)
    password = _password()
    progress = Progress("Demo, its history", 100)
    started = time.monotonic()
    with worker_beside() as worker:
        loaded = load(password=password, customers=args.customers, seed=args.seed, tell=lambda _what, share: progress.at(int(share * 100)))
        _wait_for(worker)
        come_alive(loaded.workspace)
    progress.end()
    seconds = round(time.monotonic() - started, 1)
    if args.json:
        answer = {"workspace": loaded.workspace.slug, "items": loaded.items, "cases": loaded.cases, "seconds": seconds}
        say_json({**answer, "email": MEMBERS[0].email, "new": loaded.fresh})
        return 0
    if loaded.fresh:
        say(f"The demo brand is ready: {loaded.items:,} interactions, {loaded.cases:,} cases, in {seconds:g} s.")
    say(f"Sign in at {settings.PEYVAND_URL}/ as {MEMBERS[0].email} with the password {password}")
    return 0


def _wait_for(worker: "subprocess.Popen[bytes]") -> None:
    """Until every reader has read all; does it here when the worker ends or stands still for half a minute."""
    from peyvand.demo.loading import behind, settle  # noqa: PLC0415 - weight

    least, moved = behind(), time.monotonic()
    all_of_it, progress = least, Progress("Demo, lists and figures", least)
    while left := behind():
        if left < least:
            least, moved = left, time.monotonic()
        progress.at(max(0, all_of_it - left))
        if worker.poll() is not None or time.monotonic() - moved > STILL_SECONDS:
            settle()
        time.sleep(0.2)
    progress.end()


def _password() -> str:
    """PEYVAND_DEMO_PASSWORD, else the one made up the first time and kept in the data folder."""
    if settings.PEYVAND_DEMO_PASSWORD:
        return str(settings.PEYVAND_DEMO_PASSWORD)
    kept = settings.PEYVAND_DATA / "demo" / "password"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        write_atomically(kept, clock.token(9))
        kept.chmod(0o600)
    return str(kept.read_text()).strip()
