"""A lake of many perceptions, made straight into its tables: `python -m tests.bench.large_lake WORKSPACE COUNT`. Called by measure_scale.

Two years of scores, copied in steps, then tended as the worker does: three measures, 8 channels, 12 touchpoints, 20 branches, 500
products, 300 employees, a million people. Terms are made by the service that makes them; the records hold no interaction.
"""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

import django

django.setup()

import numpy as np  # noqa: E402 - Django first
import pyarrow as pa  # noqa: E402
from django.db import transaction  # noqa: E402

from peyvand.catalogue.services import resolve  # noqa: E402
from peyvand.core import clock  # noqa: E402
from peyvand.core.periods import first_day, shifted  # noqa: E402
from peyvand.timeline.lake import places  # noqa: E402
from peyvand.timeline.lake.flushing import append  # noqa: E402
from peyvand.timeline.lake.rows import rollup_table  # noqa: E402
from peyvand.timeline.lake.tending import tend  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402

MONTHS: Final = 24
PEOPLE: Final = 1_000_000
CODES: Final = {"channel": 8, "touchpoint": 12, "stage": 4, "branch": 20, "product": 500, "employee": 300, "language": 2}
MEASURES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
PIECE: Final = 200_000  # rows a step


def make(workspace: Workspace, count: int) -> dict[str, int]:
    """Write so many perceptions, their rollups, and whom each identity belongs to; returns the number of each code."""
    ids = _terms(workspace)
    zones = {workspace.pk: ZoneInfo(workspace.time_zone)}
    per_month, step = count // MONTHS, 0
    for number, month in enumerate(_months(), 1):
        perceptions = _month(workspace, ids, month, per_month, first=number * per_month)
        for start in range(0, per_month, PIECE):
            step, piece = step + 1, perceptions.slice(start, PIECE)
            append(places.PERCEPTIONS, step, piece)
            append(places.ROLLUPS, step, rollup_table(piece, zones))
    tend()
    for table in (places.PERCEPTIONS, places.ROLLUPS):  # nobody reads yet, so no old file needs its hour of grace
        places.open_table(table).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    who = np.arange(1, PEOPLE + 1)
    columns = {"id": who, "workspace": np.full(PEOPLE, workspace.pk), "type": np.ones(PEOPLE, np.int64), "customer": who}
    append(places.IDENTITIES, 1, pa.table(columns, schema=places.schema(places.IDENTITIES)))
    return {"workspace": workspace.pk} | {code: n for name, codes in _codes().items() for code, n in zip(codes, ids[name], strict=True)}


def _months() -> Iterator[dt.date]:
    this = first_day("month", clock.today(ZoneInfo("UTC")), "gregorian")
    return (shifted("month", this, -n, "gregorian") for n in range(MONTHS, 0, -1))


def _codes() -> dict[str, list[str]]:
    numbered = {name: [f"{name}-{n}" for n in range(count)] for name, count in CODES.items()}
    return numbered | {"measure": list(MEASURES), "kind": ["survey.answered"]}


def _terms(workspace: Workspace) -> dict[str, list[int]]:
    with transaction.atomic():
        found = resolve(workspace.pk, _codes())
    return {name: [found[name, code] for code in codes] for name, codes in _codes().items()}


def _month(workspace: Workspace, ids: dict[str, list[int]], month: dt.date, count: int, first: int) -> pa.Table:
    chance = np.random.default_rng(first)
    begin = np.datetime64(month, "us").astype(np.int64)
    at = np.sort(begin + chance.integers(0, 28 * 86_400_000_000, count))
    measure = chance.integers(0, len(MEASURES), count)
    low, high = (np.array([ends[n] for ends in MEASURES.values()], float)[measure] for n in (0, 1))
    codes = {name: chance.integers(0, len(ids[name]), count) for name in CODES}
    codes["stage"] = codes["touchpoint"] % CODES["stage"]  # a touchpoint has one stage and is met on two channels
    codes["channel"] = (codes["touchpoint"] + codes["channel"] % 2) % CODES["channel"]
    columns: dict[str, Any] = {name: np.array(ids[name])[numbers] for name, numbers in codes.items()}
    columns |= {
        "interaction": np.arange(first, first + count),
        "id": np.arange(first, first + count) << 6,
        "workspace": np.full(count, workspace.pk),
        "identity": chance.integers(1, PEOPLE + 1, count),
        "kind": np.full(count, ids["kind"][0]),
        "measure": np.array(ids["measure"])[measure],
        "value": np.floor(low + np.sqrt(chance.random(count)) * (high - low + 1)),
        "low": low,
        "high": high,
        "occurred_at": at,
        "recorded_at": at,
        "month": np.full(count, month.strftime("%Y-%m")),
    }
    arrays = [_array(field, columns.get(field.name), count) for field in places.schema(places.PERCEPTIONS)]
    return pa.table(arrays, schema=places.schema(places.PERCEPTIONS))


def _array(field: pa.Field, values: Any, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, field.type)
    if pa.types.is_timestamp(field.type):
        return pa.array(values, pa.int64()).cast(field.type)
    return pa.array(values, field.type)


if __name__ == "__main__":
    print(json.dumps(make(Workspace.objects.get(slug=sys.argv[1]), int(sys.argv[2]))))
