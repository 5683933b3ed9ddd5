"""Copying the timeline to the lake, a range at a time; a kill at any line loses and doubles nothing.

A step stores its range first (LakeFlush), then writes each table under the step's number; Delta remembers the number,
so a repeated step skips what it has written. One step at a time: a lease holds it, until its holder is surely gone.
"""

import datetime as dt
import threading
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from django.db import IntegrityError, transaction

from peyvand.core import beats, clock
from peyvand.core.giving_way import give_way
from peyvand.timeline.lake import places
from peyvand.timeline.lake.layout import layout
from peyvand.timeline.lake.rows import interactions_table, perceptions_table, rollup_table
from peyvand.timeline.models import Batch, LakeFlush, Place, Redaction
from peyvand.timeline.reading import AT, Position, Row, read_after, read_perceptions
from peyvand.workspaces.models import Workspace

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import CommitProperties, DeltaTable

log = structlog.get_logger()
NAME = "lake"
ROWS = 20_000
REDACTIONS = 100  # of a few hundred interactions each: as many as a copy holds
LEASE = dt.timedelta(minutes=2)
KEPT = 1_000  # steps that are done, an hour of a busy shop: enough to see what happened before a fault
_one_at_a_time = threading.Lock()


class LakeGoneError(Exception):
    """The records say that something was copied, and the folder of the lake holds nothing: it is not mounted, or was left behind."""


def keep_copying() -> bool:
    """Copy the next range, then let others work; says whether it was a whole one. Each copy makes files, so what trickles in
    is copied every few seconds.
    """
    began = clock.monotonic()
    copied = flush_once()
    if copied:
        give_way(clock.monotonic() - began)
    return copied >= ROWS


def flush_once(limit: int = ROWS) -> int:
    """Copy the next range to the lake; returns how many interactions it held (0: it is up to date, or another is at it).

    Raises LakeGoneError: who copied on would leave figures of the rest alone, and what is to be forgotten where it is.
    """
    if not _one_at_a_time.acquire(blocking=False):
        return 0
    try:
        return _flush(limit)
    finally:
        _one_at_a_time.release()


def _flush(limit: int) -> int:
    step, rows = planned_step(limit)
    if step is None:
        return 0
    if step.undone_batch is not None:
        from peyvand.timeline.lake.undoing import write_undone  # noqa: PLC0415 - weight

        write_undone(step.number, step.undone_batch)
    elif step.redactions:
        from peyvand.timeline.lake.redacting import write_redacted  # noqa: PLC0415 - weight

        write_redacted(step.number, step.redactions)
    else:
        _write_rows(step.number, [row for row in rows or _rows_of(step) if row[AT["batch"]] not in step.left_out])
    _finish(step)
    return step.rows


def planned_step(limit: int) -> tuple[LakeFlush | None, list[Row]]:
    """Take over the step somebody left, or plan the next one; None when there is nothing to do or another has it.

    With the rows of its range where they were read for the plan.
    """
    place = Place.objects.filter(name=NAME).first()
    if place is not None and not places.is_there():
        raise LakeGoneError(f"{places.lake_path()} holds none of what was copied there.")
    left = LakeFlush.objects.filter(state=LakeFlush.State.PLANNED).first()
    if left is not None:
        return left if _take_over(left) else None, []
    undone = Batch.objects.filter(state__in=(Batch.State.UNDOING, Batch.State.UNDONE), out_of_lake=False).first()
    if undone is not None:
        return _plan(LakeFlush(undone_batch=undone.pk, rows=1)), []
    if redactions := _waiting_redactions():
        return _plan(LakeFlush(redactions=redactions, rows=1)), []
    start = Position(place.era, place.xid, place.interaction_id) if place else Position()
    page = read_after(start, limit)
    if not page.rows:
        return None, []
    end = page.positions[-1]
    step = LakeFlush(from_era=start.era, from_xid=start.xid, from_id=start.interaction_id, rows=len(page.rows))
    step.to_era, step.to_xid, step.to_id = end
    step.left_out = _undone_among(page.rows)
    return _plan(step), page.rows


def _waiting_redactions() -> list[int]:
    """The next redactions, all of one loss: a month of the lake is written anew once for many of them."""
    waiting = Redaction.objects.filter(in_lake=False).order_by("pk")
    first = waiting.values_list("loss", flat=True).first()
    return list(waiting.filter(loss=first).values_list("pk", flat=True)[:REDACTIONS]) if first else []


def _take_over(left: LakeFlush) -> bool:
    """Take a step that was left; False where who holds it may still be at it, or another was quicker."""
    now, us = clock.now(), beats.this_process()
    holds = now < left.lease_until <= now + 2 * LEASE  # a longer one was written by a clock that went wrong
    if left.holder != us and holds and not beats.is_gone(left.holder):
        return False
    same = LakeFlush.objects.filter(pk=left.pk, state=LakeFlush.State.PLANNED, holder=left.holder, lease_until=left.lease_until)
    return bool(same.update(holder=us, lease_until=now + LEASE))


def _undone_among(rows: list[Row]) -> list[int]:
    batches = {row[AT["batch"]] for row in rows} - {None}
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    return list(Batch.objects.filter(pk__in=batches, state__in=states).values_list("pk", flat=True)) if batches else []


def _plan(step: LakeFlush) -> LakeFlush | None:
    step.holder, step.lease_until = beats.this_process(), clock.now() + LEASE
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError:
        return None
    return step


def _rows_of(step: LakeFlush) -> list[Row]:
    """The rows of a step's range, the same each time it is read: undone batches stay in the records until the lake is rid of them."""
    end = Position(step.to_era, step.to_xid, step.to_id)
    page = read_after(Position(step.from_era, step.from_xid, step.from_id), step.rows + 1)
    return [row for row, position in zip(page.rows, page.positions, strict=True) if position <= end]


def _write_rows(number: int, rows: list[Row]) -> None:
    if not rows:
        return
    interactions = interactions_table(rows)
    append(places.INTERACTIONS, number, interactions)
    if felt := read_perceptions([row[0] for row in rows]):
        perceptions = perceptions_table(interactions, felt)
        rollups = rollup_table(perceptions, zones_of({row[AT["workspace_id"]] for row in rows}))
        append(places.PERCEPTIONS, number, perceptions, scores=rollups.num_rows > 0)
        append(places.ROLLUPS, number, rollups, scores=True)


def zones_of(workspaces: set[int]) -> dict[int, ZoneInfo]:
    """The time zone of each workspace."""
    rows = Workspace.objects.filter(pk__in=workspaces).values_list("id", "time_zone")
    return {workspace: ZoneInfo(zone) for workspace, zone in rows}


def append(table: str, number: int, data: "pa.Table", *, scores: bool = False) -> None:
    """Append to a table under a step's number, unless the table remembers that number."""
    from deltalake import write_deltalake  # noqa: PLC0415 - weight

    target = places.open_table(table)
    if is_written(target, number) or data.num_rows == 0:
        return
    write_deltalake(target, data, mode="append", writer_properties=layout(table), commit_properties=noted(number, scores=scores))


def is_written(target: "DeltaTable", number: int) -> bool:
    """Whether a table remembers that a step wrote to it."""
    return (target.transaction_version(places.STEP) or 0) >= number


def noted(number: int, *, scores: bool) -> "CommitProperties":
    """What a table shall remember of a step: its number, and apart from it that of one that changes `scores`."""
    from deltalake import CommitProperties, Transaction  # noqa: PLC0415 - weight

    return CommitProperties(app_transactions=[Transaction(name, number) for name in (places.STEP, *([places.SCORES] if scores else []))])


def _finish(step: LakeFlush) -> None:
    now = clock.now()
    with transaction.atomic():
        if not LakeFlush.objects.filter(pk=step.pk, state=LakeFlush.State.PLANNED).update(state=LakeFlush.State.DONE, done_at=now):
            return
        LakeFlush.objects.filter(number__lte=step.number - KEPT).delete()
        if step.undone_batch is not None:
            Batch.objects.filter(pk=step.undone_batch).update(out_of_lake=True)
            return
        if step.redactions:
            Redaction.objects.filter(pk__in=step.redactions).update(in_lake=True)
            return
        Place.objects.update_or_create(
            name=NAME, defaults={"era": step.to_era, "xid": step.to_xid, "interaction_id": step.to_id, "moved_at": now}
        )
