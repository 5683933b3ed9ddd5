"""The dry run: everything an import would do, checked, and nothing recorded."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

from django.db import transaction

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock
from peyvand.core.db import bulk_chunks
from peyvand.imports.models import Import
from peyvand.imports.reading.preparing import units
from peyvand.imports.services.opening import HEAD, Opened, open_import, work_folder
from peyvand.imports.services.rejects import neutral
from peyvand.imports.services.wording import worded
from peyvand.imports.services.working import Piece, Tally, make_piece, tally
from peyvand.imports.types import FAULT, FileProblem, MapProblem, State
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import Facts, draft, facts_of
from peyvand.timeline.types import Item, Outcome, Status

SHOWN_REJECTED: Final = 20
SHOWN_ITEMS: Final = 6
Tell = Callable[[int, int], object]


def check(import_id: int, tell: Tell = lambda _done, _rows: None) -> Import:
    """Work through an import without recording and keep what came of it in `check_result`; `tell` hears (done, of how many)."""
    one = Import.objects.select_related("workspace").get(pk=import_id)
    try:
        with work_folder(one) as folder:
            opened = open_import(one, folder)
            _keep(one, _dry_run(one, opened, tell), State.CHECKED)
    except (FileProblem, MapProblem) as problem:
        _keep(one, {"problem": str(problem), "key": getattr(problem, "key", "")}, State.UPLOADED)
    one.refresh_from_db()
    return one


def keep_progress(import_id: int) -> Tell:
    """A `tell` that notes once a second how far a check is, for its page."""
    said = clock.monotonic()

    def tell(done: int, rows: int) -> None:
        nonlocal said
        if clock.monotonic() - said >= 1:
            said = clock.monotonic()
            Import.objects.filter(pk=import_id, state=State.CHECKING).update(check_result={"done": done, "of": rows})

    return tell


def preview(one: Import, rows: int = 200) -> tuple[list[Item], dict[str, Any]]:
    """What the first rows would become: a few items and the counts over these rows. Raises FileProblem or MapProblem."""
    with work_folder(one) as folder:
        opened = open_import(one, folder, HEAD)
        facts = facts_of(one.workspace_id)
        head = list(islice(units(opened.prepared), rows))
        piece = make_piece(opened.compiled, head)
        counted, rejections = tally(piece, _outcomes(one.workspace_id, facts, piece, set()))
        shown = [_rejection(unit.start + 1, worded(rejection)) for unit, rejection in rejections[:SHOWN_REJECTED]]
        unread = [{"file": one.files[name], "rows": staged.unread} for name, staged in opened.joined.items() if staged.unread]
        return piece.items[:SHOWN_ITEMS], {**_counts(counted), "units": len(head), "first": shown, "unread": unread}


def _dry_run(one: Import, opened: Opened, tell: Tell) -> dict[str, Any]:
    facts, total, seen = facts_of(one.workspace_id), Tally(), set[int]()
    first: list[dict[str, Any]] = []
    started = clock.monotonic()
    names = opened.prepared.columns
    for chunk in bulk_chunks(units(opened.prepared), seconds=0.2, largest=2_000):
        piece = make_piece(opened.compiled, chunk)
        counted, rejections = tally(piece, _outcomes(one.workspace_id, facts, piece, seen))
        total.add(counted)
        for unit, rejection in rejections[: SHOWN_REJECTED - len(first)]:
            cells = {name: str(cell)[:80] for name, cell in zip(names, unit.rows[0], strict=True) if name != FAULT and cell is not None}
            first.append(_rejection(unit.start + 1, worded(rejection)) | {"cells": {k: neutral(v) for k, v in list(cells.items())[:8]}})
        tell(piece.end, opened.prepared.rows)
    seconds = round(clock.monotonic() - started, 2)
    return {**_counts(total), "rows": opened.prepared.rows, "found": opened.main.found, "first": first, "seconds": seconds}


def _counts(counted: Tally) -> dict[str, Any]:
    return {
        "recorded": counted.recorded,
        "duplicates": counted.duplicates,
        "rejected": counted.rejected,
        "left_out": counted.left_out,
        "kinds": dict(counted.kinds),
    }


def _rejection(row: int, reason: str) -> dict[str, Any]:
    return {"row": row, "reason": reason}


def _outcomes(workspace_id: int, facts: Facts, piece: Piece, seen: set[int]) -> Sequence[Outcome]:
    """What recording would answer: refusals as facts finds them, repeats of the timeline and of this file."""
    drafted = draft(facts, piece.items)
    known = _recorded(workspace_id, piece.items)
    outcomes = []
    for item, refused in zip(piece.items, drafted.outcomes, strict=True):
        if refused is not None:
            outcomes.append(refused)
            continue
        mark = hash((item.source, item.external_id))
        repeated = item.external_id is not None and (mark in seen or (item.source, item.external_id) in known)
        if item.external_id is not None:
            seen.add(mark)
        outcomes.append(Outcome(Status.DUPLICATE if repeated else Status.RECORDED))
    return outcomes


def _recorded(workspace_id: int, items: Sequence[Item]) -> set[tuple[str, str]]:
    """Which of these are in the timeline already; all items of an import have one source."""
    externals = [item.external_id for item in items if item.external_id is not None]
    if not externals:
        return set()
    source = items[0].source
    term = Term.objects.filter(workspace_id=workspace_id, dimension=Dimension.SOURCE, code=source).values_list("id", flat=True).first()
    rows = Interaction.objects.filter(source=term, external_id__in=externals).values_list("external_id", flat=True) if term else ()
    return {(source, str(external)) for external in rows}


@transaction.atomic
def _keep(one: Import, result: dict[str, Any], state: State) -> None:
    Import.objects.filter(pk=one.pk, state=State.CHECKING).update(state=state)
    Import.objects.filter(pk=one.pk).update(check_result=result, rows=result.get("rows", one.rows))
