"""Erases a person, or lets a rule take what is old, and is killed at it: reads what to do, a line each, as `erase 12` or `whole 0`.

A child of its own does each, and kills itself at the border of that number between two steps; at 0 it comes to its end and says how many
there were. Called by test_privacy_killed.
"""

import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Callable

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402

from peyvand.core import clock  # noqa: E402
from peyvand.identities.models import Customer  # noqa: E402
from peyvand.privacy.models import CountAgain, Erasure, RetentionRule  # noqa: E402
from peyvand.privacy.services import carry_on, erase, erasing  # noqa: E402
from peyvand.privacy.services.marking import noted  # noqa: E402
from peyvand.privacy.services.retaining import retain  # noqa: E402
from peyvand.privacy.services.rules import keep_for  # noqa: E402
from peyvand.privacy.tests.borders import ending_at  # noqa: E402
from peyvand.privacy.tests.canaries import MAIL, found, ledger, live, settle  # noqa: E402
from peyvand.timeline.lake import redacting  # noqa: E402
from peyvand.timeline.models import LakeFlush, Redaction  # noqa: E402
from peyvand.workspaces.models import AuditEntry, Workspace  # noqa: E402
from peyvand.workspaces.services.founding import begin_workspace  # noqa: E402

LATER = dt.timedelta(days=400)


def fill() -> None:
    """Somebody lives: in every field of every door."""
    workspace = Workspace.objects.get()
    begin_workspace(workspace=workspace)
    live(workspace)


def ask() -> Erasure:
    """Ask for the erasure, once."""
    begun = Erasure.objects.first()
    customer = Customer.objects.filter(identities__value=MAIL).first()
    return begun or erase(customer=customer or Customer.objects.latest("pk"), actor=None)


def erase_all() -> None:
    """Erase them, as command and job do together, waiting for nobody."""
    erasing.GRACE = redacting.ABANDONED = dt.timedelta()  # type: ignore[misc]
    erasure = ask()
    while carry_on(erasure.pk) is not None:
        pass


def take(loss: str) -> None:
    """Let a rule take everything, and the lake follow."""
    workspace = Workspace.objects.get()
    with clock.frozen(clock.now() + LATER):
        if not RetentionRule.objects.exists():
            keep_for(workspace=workspace, kind=None, months=12, loss=loss, actor=workspace.members.get().user)
        for _turn in range(2):
            while retain():
                pass
            settle()
        while retain():
            pass


def named() -> set[str]:
    """Where they are named: in the lake at all, and in the database's own files only after an erasure, since these fall as they may."""
    places = {"lake" if "/lake/" in place else place for place in found()}
    return places if Erasure.objects.exists() else {one for one in places if DATABASE not in one} - SEARCHES


def tell() -> None:
    """Say what stands, as one line."""
    rules = list(RetentionRule.objects.values_list("taken", "last_taken", "in_hand"))
    trail = AuditEntry.objects.filter(action__in=("person.erased", "retention.took", "import.files_deleted"))
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            rows[table] = cursor.fetchone()[0]
    told = {
        "found": sorted(named()),
        "ledger": json.loads(json.dumps(ledger(), default=str)),
        "erasures": list(Erasure.objects.values_list("state", "interactions")),
        "noted": len(list(noted())),
        "rules": rules,
        "trail": sorted(trail.values_list("action").annotate(n=Count("pk"))),
        "took": [entry.detail.get("rows") for entry in trail if entry.action == "retention.took"],
        "left over": [Redaction.objects.count(), CountAgain.objects.count(), LakeFlush.objects.filter(state="planned").count()],
        "rows": {table: n for table, n in rows.items() if table not in OF_THE_MACHINE and "_search_" not in table},
        "files": sorted(path.name for path in settings.PEYVAND_DATA.glob("files/imports/*/*")),
    }
    print("state", json.dumps(told, default=str), flush=True)


DATABASE = "peyvand.sqlite3"
SEARCHES = {"customers_search_data.block", "surveys_search_data.block"}
OF_THE_MACHINE = {"timeline_lakeflush", "core_heartbeat", "core_job", "privacy_piece", "sqlite_sequence"}
ACTIONS: dict[str, Callable[[], object]] = {
    "fill": fill,
    "erase": erase_all,
    "person": lambda: take("person"),
    "texts": lambda: take("texts"),
    "whole": lambda: take("whole"),
    "tell": tell,
}


def child(action: str, number: int) -> int:
    """A process that does it."""
    pid = os.fork()
    if pid == 0:
        with ending_at(number or None, lambda: os.kill(os.getpid(), signal.SIGKILL), files=True) as borders:
            ACTIONS[action]()
        print("borders", borders.count, flush=True)
        os._exit(0)
    return pid


def main() -> None:
    """Do what is asked, a child for each line."""
    for line in sys.stdin:
        action, number = line.split()
        _pid, status = os.waitpid(child(action, int(number)), 0)
        print("killed" if os.WIFSIGNALED(status) else f"ended with {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
