"""Opening an import: its files staged and prepared in a work folder, its map compiled against them."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

from peyvand.catalogue.queries import placed_terms
from peyvand.core import clock
from peyvand.imports.mapping.rules import Compiled, Context, compile_map
from peyvand.imports.mapping.schema import ImportMap, Join, read_map
from peyvand.imports.models import Import
from peyvand.imports.reading.columnar import parquet_rows
from peyvand.imports.reading.naming import place_of
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.preparing import Prepared, prepare
from peyvand.imports.reading.staging import Only, Staged, stage
from peyvand.imports.types import FileProblem, MapProblem, Row
from peyvand.timeline.kinds import kinds
from peyvand.workspaces.models import Workspace

HEAD: Final = 2_000  # rows a page reads of a file before it answers; the worker reads the whole
JOINED_SECONDS: Final = 4.0  # it gives each file beside it to find the rows that belong to these


class Opened(NamedTuple):
    """An import ready to be worked through."""

    map: ImportMap
    main: Staged
    joined: dict[str, Staged]
    prepared: Prepared
    compiled: Compiled


class Sample(NamedTuple):
    """The head of a file, to choose a map by; `more`: it has more rows than the `total` that were read."""

    columns: list[str]
    rows: list[Row]
    total: int
    found: str
    more: bool


def context_of(workspace: Workspace) -> Context:
    """What a map takes from the workspace."""
    own_kinds, _stages = placed_terms(workspace.pk)
    unit = "toman" if workspace.currency == "IRR" and workspace.rial_shown_as == "toman" else "major"
    return Context(workspace.time_zone, workspace.currency, unit, frozenset(chain(kinds(), own_kinds)))


@contextmanager
def work_folder(one: Import) -> Iterator[Path]:
    """A folder for intermediate files, gone afterwards; those a killed run left are gone too."""
    folder = one.folder / "work" / clock.token(6)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_import(one: Import, folder: Path, most: int | None = None) -> Opened:
    """Stage, prepare and compile; of what is no Parquet file, at most so many rows. Raises FileProblem or MapProblem."""
    if not one.map_text:
        raise MapProblem("", "the import has no map yet")
    wanted = read_map(one.map_text)
    main = stage(one.folder / one.files["main"], wanted.file, folder, "main", most)
    joined: dict[str, Staged] = {}
    for name in wanted.joins:
        if name in one.files:
            only = _partners(main, joined, wanted.joins[name], most) if most else None
            joined[name] = stage(one.folder / one.files[name], FileOptions(), folder, f"join-{name}", only=only)
    prepared = prepare(main, joined, wanted, folder)
    return Opened(wanted, main, joined, prepared, compile_map(wanted, prepared, context_of(one.workspace)))


def _partners(main: Staged, joined: Mapping[str, Staged], join: Join, most: int) -> Only | None:
    """Which rows of a joined file belong to the first rows of the main one; None where the map is wrong, which `prepare` tells."""
    other, dot, rest = join.on.partition(".")
    source, column = (joined[other], rest) if dot and other in joined else (main, join.on)
    try:
        found = source.columns[place_of(source.columns, column)]
    except FileProblem:
        return None
    cells = islice(parquet_rows(source.path, [found]), most if source is main else None)
    return Only(join.key, frozenset(str(cell) for (cell,) in cells if cell is not None), JOINED_SECONDS)


def sample_of(one: Import, rows: int = 8) -> Sample:
    """The columns and first rows of the main file. Raises FileProblem."""
    with work_folder(one) as folder:
        staged = stage(one.folder / one.files["main"], FileOptions(), folder, "main", HEAD)
        head = list(islice(parquet_rows(staged.path, staged.columns), rows))
        return Sample(list(staged.columns), head, staged.rows, staged.found, staged.rows == HEAD)
