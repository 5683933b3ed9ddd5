"""A snapshot of whom each identity belongs to, so that figures can count people. Written by the worker when something changed.

New identities are added to it. Where one moved or went, the whole is written anew, in pieces that give way to others; the more
there are, the longer it rests in between. So it is too where the table is not as this process left it: another one wrote it too.
"""

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import connection
from django.db.models import Count, Max, QuerySet, Sum

from peyvand.core.giving_way import give_way
from peyvand.identities.models import Identity, IdentityMove
from peyvand.timeline.lake import places
from peyvand.timeline.lake.layout import layout

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

AT_ONCE: Final = 10_000
REST: Final = 20  # times as long as it worked


class Mark(NamedTuple):
    """What differs once an identity came, went or moved: how many there are and the sum of their ids, their newest, and the moves."""

    lake: str
    there: tuple[int, int]
    newest: int
    moves: tuple[int, int]


NOTHING: Final = Mark("", (0, 0), 0, (0, 0))
_held = NOTHING  # what the snapshot holds, as far as this process wrote it
_rows = 0  # and how many rows it has then
_rest_until = 0.0


def snapshot_identities() -> int:
    """Write what changed since this process wrote; returns how many identities were written."""
    global _held, _rows, _rest_until
    now, table = _look(), places.open_table(places.IDENTITIES)
    ours = _held.lake == now.lake and _rows_of(table) == _rows
    if (now == _held and ours) or (time.monotonic() < _rest_until and now.lake == _held.lake):
        return 0
    only_new = ours and now.moves == _held.moves and _there(Identity.objects.filter(pk__lte=_held.newest)) == _held.there
    written, worked = _write(table, _held.newest if only_new else 0, now.newest)
    _held, _rows, _rest_until = now, written + (_rows if only_new else 0), time.monotonic() + REST * worked
    return written


def _look() -> Mark:
    moves = IdentityMove.objects.aggregate(number=Count("id"), newest=Max("id"))
    newest = Identity.objects.aggregate(newest=Max("id"))["newest"] or 0
    there = _there(Identity.objects.filter(pk__lte=newest))
    return Mark(str(places.lake_path()), there, newest, (moves["number"], moves["newest"] or 0))


def _there(identities: "QuerySet[Identity]") -> tuple[int, int]:
    """Which identities are there, as numbers: on PostgreSQL one that is committed late stands among older ones, where another may go."""
    found = identities.aggregate(number=Count("id"), ids=Sum("id"))
    return found["number"], int(found["ids"] or 0)


def _rows_of(table: "DeltaTable") -> int:
    """How many rows the table has by its log; another process may write it too: whoever erases somebody, or was the eldest for a while."""
    import pyarrow as pa  # noqa: PLC0415 - weight

    return sum(rows or 0 for rows in pa.table(table.get_add_actions(flatten=True))["num_records"].to_pylist())


def _write(table: "DeltaTable", after: int, newest: int) -> tuple[int, float]:
    """Add identities from one to another to the snapshot, or make it anew `after` none; returns how many, and the seconds of work."""
    import pyarrow as pa  # noqa: PLC0415 - weight
    from deltalake import write_deltalake  # noqa: PLC0415 - weight

    schema = places.schema(places.IDENTITIES)
    total, rested, began = 0, 0.0, time.monotonic()

    here = threading.get_ident()

    def batches() -> "Iterator[pa.RecordBatch]":
        nonlocal total, rested
        piece_began = time.monotonic()
        for rows in _pages(after, newest, here):
            total += len(rows)
            columns = zip(*rows, strict=True)
            yield pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)
            now = time.monotonic()
            give_way(now - piece_began)
            piece_began = time.monotonic()
            rested += piece_began - now

    write_deltalake(
        table,
        pa.RecordBatchReader.from_batches(schema, batches()),
        mode="append" if after else "overwrite",
        writer_properties=layout(places.IDENTITIES),
    )
    return total, time.monotonic() - began - rested


def _pages(after: int, newest: int, here: int) -> Iterator[list[tuple[int, int, int, int]]]:
    columns = ("id", "workspace_id", "type", "customer_id")
    while True:
        rows = list(Identity.objects.filter(pk__gt=after, pk__lte=newest).order_by("pk").values_list(*columns)[:AT_ONCE])
        if threading.get_ident() != here:  # the writer asks from threads of its own, whose connections nobody else closes
            connection.close()
        if not rows:
            return
        yield rows
        after = rows[-1][0]
