"""The dry run: everything an import would do, checked, and nothing recorded."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, Final

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock
from peyvand.core.db import bulk_chunks
from peyvand.imports.mapping.rules import Rejection
from peyvand.imports.models import Import
from peyvand.imports.reading.preparing import Unit, units
from peyvand.imports.services.opening import HEAD, Opened, open_import, work_folder
from peyvand.imports.services.rejects import neutral
from peyvand.imports.services.wording import Reader, Worded, problem_words, worded
from peyvand.imports.services.working import Piece, Tally, make_piece, tally
from peyvand.imports.types import FAULT, CheckCancelled, FileProblem, MapProblem, State
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
        _keep(one, {"problem": problem_words(one, problem), "key": getattr(problem, "key", "")}, State.UPLOADED)
    one.refresh_from_db()
    return one


def keep_progress(import_id: int, *, every: float = 1.0) -> Tell:
    """A `tell` that notes so often, in seconds, how far a check is, for its page. It raises CheckCancelled once nobody waits any more."""
    said = clock.monotonic()

    def tell(done: int, rows: int) -> None:
        nonlocal said
        if clock.monotonic() - said >= every:
            said = clock.monotonic()
            if not Import.objects.filter(pk=import_id, state=State.CHECKING).update(check_result={"done": done, "of": rows}):
                raise CheckCancelled

    return tell


def preview(one: Import, rows: int = 200) -> tuple[list[Item], dict[str, Any]]:
    """What the first rows would become: a few items and the counts over these rows. Raises FileProblem or MapProblem."""
    with work_folder(one) as folder:
        opened = open_import(one, folder, HEAD)
        facts = facts_of(one.workspace_id)
        head = list(islice(units(opened.prepared), rows))
        piece = make_piece(opened.compiled, head)
        counted, rejections = tally(piece, _outcomes(one.workspace_id, facts, piece, set()))
        reader = Reader(one.workspace_id, opened.compiled, facts)
        shown = list(map(_rejection, rejections[:SHOWN_REJECTED], worded(reader, rejections[:SHOWN_REJECTED])))
        unread = [{"file": one.files[name], "rows": staged.unread} for name, staged in opened.joined.items() if staged.unread]
        return piece.items[:SHOWN_ITEMS], {**_counts(counted), "units": len(head), "first": shown, "unread": unread}


def _dry_run(one: Import, opened: Opened, tell: Tell) -> dict[str, Any]:
    facts, total, seen = facts_of(one.workspace_id), Tally(), set[int]()
    reader = Reader(one.workspace_id, opened.compiled, facts)
    first: list[dict[str, Any]] = []
    started = clock.monotonic()
    names = opened.prepared.columns
    for chunk in bulk_chunks(units(opened.prepared), seconds=0.2, largest=2_000):
        piece = make_piece(opened.compiled, chunk)
        counted, rejections = tally(piece, _outcomes(one.workspace_id, facts, piece, seen))
        total.add(counted)
        shown = rejections[: SHOWN_REJECTED - len(first)]
        for one_rejected, words in zip(shown, worded(reader, shown), strict=True):
            first.append(_rejection(one_rejected, words) | {"cells": _cells(names, one_rejected[0])})
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


def _rejection(rejected: tuple[Unit, Rejection], words: Worded) -> dict[str, Any]:
    """As it is kept: the reason in every language, since who reads it need not be who asked."""
    return {"row": rejected[0].start + 1, "reason": words}


def _cells(names: Sequence[str], unit: Unit) -> dict[str, str]:
    cells = {name: str(cell)[:80] for name, cell in zip(names, unit.rows[0], strict=True) if name != FAULT and cell is not None}
    return {name: neutral(cell) for name, cell in list(cells.items())[:8]}


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


def _keep(one: Import, result: dict[str, Any], state: State) -> None:
    """Keep what was found, unless the check was cancelled or another map was given meanwhile."""
    reached = state if one.state == State.CHECKING else one.state
    asked = Import.objects.filter(pk=one.pk, state=one.state, map_text=one.map_text)
    asked.update(state=reached, check_result=result, rows=result.get("rows", one.rows))
