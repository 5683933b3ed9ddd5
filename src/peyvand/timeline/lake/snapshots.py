"""A snapshot of whom each identity belongs to, so that figures can count people. Written by the worker when something changed.

Identities move when people are merged, so the whole is written anew; the more there are, the longer it rests in between.
"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Max

from peyvand.identities.models import Identity, IdentityMove
from peyvand.timeline.lake import places

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE: Final = 50_000
REST: Final = 20  # times as long as it took
Mark = tuple[object, ...]

_last: tuple[str, Mark] = ("", ())
_rest_until = 0.0


def snapshot_identities() -> int:
    """Write the snapshot where identities changed since this process wrote one; returns how many were written."""
    global _last, _rest_until
    mark, started = (str(places.lake_path()), change_mark()), time.monotonic()
    if mark == _last or (started < _rest_until and mark[0] == _last[0]):
        return 0
    written = _write()
    _last, _rest_until = mark, time.monotonic() + REST * (time.monotonic() - started)
    return written


def change_mark() -> Mark:
    """Something that differs once an identity came, went or moved."""
    identities = Identity.objects.aggregate(number=Count("id"), newest=Max("id"))
    moves = IdentityMove.objects.aggregate(number=Count("id"), newest=Max("id"))
    return (*identities.values(), *moves.values())


def _write() -> int:
    import pyarrow as pa  # noqa: PLC0415 - weight
    from deltalake import WriterProperties, write_deltalake  # noqa: PLC0415 - weight

    schema = places.schema(places.IDENTITIES)
    total = 0

    def batches() -> "Iterator[pa.RecordBatch]":
        nonlocal total
        for rows in _pages():
            total += len(rows)
            columns = zip(*rows, strict=True)
            yield pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)

    stream = pa.RecordBatchReader.from_batches(schema, batches())
    write_deltalake(places.open_table(places.IDENTITIES), stream, mode="overwrite", writer_properties=WriterProperties(compression="ZSTD"))
    return total


def _pages() -> Iterator[list[tuple[int, int, int, int]]]:
    last = 0
    while True:
        rows = list(Identity.objects.filter(pk__gt=last).order_by("pk").values_list("id", "workspace_id", "type", "customer_id")[:AT_ONCE])
        if not rows:
            return
        yield rows
        last = rows[-1][0]
