"""Opens a file as whatever it really is and tallies a score column by groups. Called by `peyvand analyze`."""

import codecs
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from peyvand.measures.analysis import Group, Tallies
from peyvand.measures.files.columnar import JsonRows, Parquet
from peyvand.measures.files.delimited import Delimited
from peyvand.measures.files.encoding import as_utf8, guess_encoding
from peyvand.measures.files.errors import FileReadError
from peyvand.measures.files.naming import find_columns, label
from peyvand.measures.files.table import Table
from peyvand.measures.files.workbook import Workbook
from peyvand.measures.scores import Scores

_OLD_EXCEL: Final = bytes.fromhex("d0cf11e0")
_SNIFFED: Final = 1 << 16


def tally_file(path: Path, *, score: str, by: Sequence[str] = (), weight: str | None = None, encoding: str | None = None) -> Tallies:
    """Return the scores of every group: {(value of each `by` column, None for blank): Scores}; without `by` one group ().

    `weight` names the column that says how much each answer weighs.

    The format is told by the content, not the name; the encoding is guessed unless given. A file without rows gives {}.
    Raises FileReadError with a plain message: no file, no such column, a line that cannot be read, an unknown encoding.
    """
    if not path.is_file():
        raise FileReadError(f"{path} is a folder" if path.is_dir() else f"there is no file {path}")
    wanted = [score, *by] if weight is None else [score, *by, weight]
    try:
        with tempfile.TemporaryDirectory(prefix="peyvand-") as folder:
            table = _open(path, wanted, encoding, Path(folder))
            return _tally(table, wanted) if weight is None else _tally_weighted(table, wanted)
    except OSError as error:
        raise FileReadError(f"{path} cannot be read: {error.strerror}") from None


def _tally(table: Table, wanted: Sequence[str]) -> Tallies:
    pairs: dict[Group, list[tuple[object, int]]] = {}
    for (answer, *groups), count in table.counts(find_columns(table.columns, wanted)):
        pairs.setdefault(tuple(label(value) for value in groups), []).append((answer, count))
    return {group: Scores.from_counts(answers) for group, answers in pairs.items()}


def _tally_weighted(table: Table, wanted: Sequence[str]) -> Tallies:
    triples: dict[Group, list[tuple[object, object, int]]] = {}
    for (answer, *groups, weight), count in table.counts(find_columns(table.columns, wanted)):
        triples.setdefault(tuple(label(value) for value in groups), []).append((answer, weight, count))
    return {group: Scores.from_weighted(answers) for group, answers in triples.items()}


def _open(path: Path, wanted: Sequence[str], encoding: str | None, folder: Path) -> Table:
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        return Parquet(path)
    if head == b"PK\x03\x04":
        return Workbook(path, wanted)
    if head == _OLD_EXCEL:
        raise FileReadError(f"{path.name} is in the old Excel format: save it as .xlsx or CSV")
    return _open_text(path, wanted, encoding, folder)


def _open_text(path: Path, wanted: Sequence[str], encoding: str | None, folder: Path) -> Table:
    found = encoding or guess_encoding(path)
    try:
        name = codecs.lookup(found).name
        with path.open(encoding=name, errors="replace", newline="") as file:
            start = file.read(_SNIFFED).lstrip("\ufeff \t\r\n")
    except LookupError:
        raise FileReadError(f"there is no encoding '{encoding}'; try utf-8 or windows-1256") from None
    if start.startswith("["):
        return JsonRows(as_utf8(path, name, folder), "array")
    if start.startswith("{") and _is_object(start.partition("\n")[0]):
        return JsonRows(as_utf8(path, name, folder), "newline_delimited")
    return Delimited(path if name == "utf-8-sig" else as_utf8(path, name, folder), wanted)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return len(line) >= _SNIFFED - 4  # an object longer than the sample: no CSV header is
