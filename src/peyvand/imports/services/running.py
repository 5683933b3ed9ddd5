"""Running an import: small commits, each with the position it reached, so that a kill costs nothing and pages stay quick."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import structlog
from django.db import transaction

from peyvand.core import clock
from peyvand.core.db import bulk_chunks
from peyvand.imports.models import Import
from peyvand.imports.reading.preparing import Unit, units
from peyvand.imports.services.opening import Opened, open_import, work_folder
from peyvand.imports.services.rejects import Rejects
from peyvand.imports.services.wording import Reader, Worded, problem_words, worded
from peyvand.imports.services.working import Piece, Tally, make_piece, tally
from peyvand.imports.types import FileProblem, MapProblem, State
from peyvand.timeline.models import Batch
from peyvand.timeline.services import Drafted, close_batch, draft, facts_of, record_drafted
from peyvand.workspaces.services import audit

log = structlog.get_logger("peyvand.imports")
FACTS_SECONDS: Final = 3.0
FEWEST: Final = 50  # units a commit: on a busy disk smaller pieces would cost more in commits than they spare others
MOST: Final = 8  # times as many
Tell = Callable[[Import], object]


class Overtaken(Exception):
    """Somebody else works on this import, or it was undone meanwhile."""


def run(import_id: int, tell: Tell = lambda _one: None) -> Import:
    """Run an import to its end from where it stands; `tell` hears of every commit. Says in its state how it ended."""
    one = Import.objects.select_related("workspace", "batch").get(pk=import_id)
    if one.state != State.RUNNING or one.batch is None:
        return one
    try:
        with work_folder(one) as folder:
            opened = open_import(one, folder)
            Import.objects.filter(pk=one.pk).update(rows=opened.prepared.rows, heard_at=clock.now())
            one.rows = opened.prepared.rows
            _work(one, opened, tell)
    except (FileProblem, MapProblem) as problem:
        _fail(one, problem_words(one, problem))
    except Overtaken:
        log.info("import left to another", id=one.pk)
    else:
        _finish(one, one.batch)
    one.refresh_from_db()
    return one


def _work(one: Import, opened: Opened, tell: Tell) -> None:
    facts, read_at = facts_of(one.workspace_id), clock.monotonic()
    with Rejects(one.rejected_path, opened.prepared.columns, one.rejected_bytes) as rejects:
        for pieces in bulk_chunks(_fewest(units(opened.prepared, one.position)), size=1, largest=MOST):
            chunk = [unit for piece in pieces for unit in piece]
            if clock.monotonic() - read_at > FACTS_SECONDS:
                facts, read_at = facts_of(one.workspace_id), clock.monotonic()
            piece = make_piece(opened.compiled, chunk)
            _commit(one, piece, draft(facts, piece.items), rejects, Reader(one.workspace_id, opened.compiled, facts))
            tell(one)


def _fewest(source: Iterable[Unit]) -> Iterator[list[Unit]]:
    rest = iter(source)
    while piece := list(islice(rest, FEWEST)):
        yield piece


@transaction.atomic
def _commit(one: Import, piece: Piece, drafted: Drafted, rejects: Rejects, reader: Reader) -> None:
    outcomes = record_drafted(drafted, batch=one.batch_id)
    counted, rejections = tally(piece, outcomes)
    _note(rejects, rejections, worded(reader, rejections))
    _move(one, piece, counted, rejects.flush())


def _note(rejects: Rejects, rejections: Sequence[tuple[Unit, object]], words: Sequence[Worded]) -> None:
    """A unit is written once, with every reason it was rejected for."""
    reasons: dict[int, tuple[Unit, list[Worded]]] = {}
    for (unit, _rejection), said in zip(rejections, words, strict=True):
        reasons.setdefault(unit.start, (unit, []))[1].append(said)
    for unit, several in reasons.values():
        rejects.add(unit.rows, {code: "; ".join(dict.fromkeys(said[code] for said in several)) for code in several[0]})


def _move(one: Import, piece: Piece, counted: Tally, rejected_bytes: int) -> None:
    """Save the position in the transaction of the rows. Raises Overtaken where it is not ours to move."""
    values = {
        "position": piece.end,
        "recorded": one.recorded + counted.recorded,
        "duplicates": one.duplicates + counted.duplicates,
        "rejected": one.rejected + counted.rejected,
        "left_out": one.left_out + counted.left_out,
        "rejected_bytes": rejected_bytes,
        "heard_at": clock.now(),
    }
    if not Import.objects.filter(pk=one.pk, state=State.RUNNING, position=one.position).update(**values):
        raise Overtaken
    for name, value in values.items():
        setattr(one, name, value)


@transaction.atomic
def _finish(one: Import, batch: Batch) -> None:
    now = clock.now()
    if Import.objects.filter(pk=one.pk, state=State.RUNNING).update(state=State.DONE, finished_at=now, heard_at=now):
        close_batch(batch=batch)
        detail = {"recorded": one.recorded, "duplicates": one.duplicates, "rejected": one.rejected}
        audit(workspace=one.workspace, actor=one.created_by, action="import.finished", target=one, detail=detail)


def _fail(one: Import, words: str) -> None:
    Import.objects.filter(pk=one.pk, state=State.RUNNING).update(state=State.FAILED, error=words, finished_at=clock.now())
