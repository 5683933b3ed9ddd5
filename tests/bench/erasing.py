"""Erases and lets go in a large store, and says how long each step took: `python -m tests.bench.erasing ACTION [WORD]`.

`lake` copies every interaction to the lake; `erase VALUE` erases whoever has this identity; `day` lets a rule take what became old since
the day before, twice: as a rule's first round and as every later one; `bare VALUE` copies the lake's files without a person's rows.
Called by measure_erase.
"""

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

import duckdb  # noqa: E402 - Django first

from peyvand.core import clock  # noqa: E402
from peyvand.core.fields import to_micros  # noqa: E402
from peyvand.identities.models import Identity  # noqa: E402
from peyvand.identities.queries import standing  # noqa: E402
from peyvand.privacy.models import RetentionRule  # noqa: E402
from peyvand.privacy.queries import person_of  # noqa: E402
from peyvand.privacy.services import erasing  # noqa: E402
from peyvand.privacy.services.retaining import retain  # noqa: E402
from peyvand.privacy.services.rules import MONTH, keep_for  # noqa: E402
from peyvand.timeline.lake import places, redacting  # noqa: E402
from peyvand.timeline.lake.flushing import flush_once  # noqa: E402
from peyvand.timeline.lake.rebuilding import rebuild  # noqa: E402
from peyvand.timeline.lake.tending import tend  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402

A_COPY = 200_000  # rows
MONTHS = 12
DAY = dt.timedelta(days=1)
PAUSE = 0.05
Told = dict[str, float]


def lake() -> Told:
    """Copy all of the records, and tend what came of it as the worker does."""
    rebuild()
    begin = time.monotonic()
    while flush_once(A_COPY):
        pass
    tend()
    return {"seconds": time.monotonic() - begin}


def erase(value: str) -> Told:
    """Erase somebody, without the minute that readers of old files are given."""
    erasing.GRACE = redacting.ABANDONED = dt.timedelta()  # type: ignore[misc]
    wiped: list[float] = []
    erasing.wipe = _timed(erasing.wipe, wiped)  # type: ignore[assignment]
    erasure = erasing.erase(customer=_customer(value), actor=None)
    begin = time.monotonic()
    while not wiped:
        erasing.carry_on(erasure.pk, lake=False)
    forgotten = time.monotonic() - begin - wiped[0]
    begin = time.monotonic()
    while erasing.carry_on(erasure.pk) is not None:
        time.sleep(PAUSE)
    erasure.refresh_from_db()
    return {"rows": erasure.interactions, "forget": forgotten, "wipe": wiped[0], "lake": time.monotonic() - begin}


def day() -> Told:
    """Two rounds of one rule, each over what became old in a day; the lake follows."""
    workspace = Workspace.objects.get()
    rule = keep_for(workspace=workspace, kind=None, months=MONTHS, loss="person", actor=workspace.members.earliest("pk").user)
    begun = clock.now()
    known = {"done_until": begun - MONTHS * MONTH - DAY, "last_began_at": begun - DAY}
    RetentionRule.objects.filter(pk=rule.pk).update(**{name: to_micros(at) for name, at in known.items()})
    told: Told = {}
    for name, at in (("first", begun), ("later", begun + DAY)):
        with clock.frozen(at):
            begin = time.monotonic()
            while retain():
                pass
            told[name] = time.monotonic() - begin
        told[f"{name} rows"] = RetentionRule.objects.get(pk=rule.pk).last_taken
    begin = time.monotonic()
    while flush_once():
        pass
    return told | {"lake": time.monotonic() - begin}


def bare(value: str) -> Told:
    """The least that the lake needs: what its files hold of others, written once more."""
    mine = ", ".join(map(str, sorted(person_of(_customer(value)).identities)))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(dir=places.lake_path().parent) as folder:
        for table in (places.INTERACTIONS, places.PERCEPTIONS):
            files = [uri.removeprefix("file://") for uri in places.open_table(table).file_uris()]
            others = f"SELECT * FROM read_parquet({files!r}) WHERE identity IS NULL OR identity NOT IN ({mine})"
            duckdb.sql(f"COPY ({others}) TO '{Path(folder, table)}.parquet' (COMPRESSION zstd)")
    return {"seconds": time.monotonic() - begin}


def _customer(value: str) -> Any:
    return standing(Identity.objects.select_related("customer__workspace").get(value=value).customer)


def _timed(do: Callable[..., Any], took: list[float]) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        begin = time.monotonic()
        done = do(*given)
        took.append(time.monotonic() - begin)
        return done

    return timed


ACTIONS: dict[str, Callable[..., Told]] = {"lake": lake, "erase": erase, "day": day, "bare": bare}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))
