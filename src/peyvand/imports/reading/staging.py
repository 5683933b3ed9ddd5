"""Staging: a file of any format becomes one Parquet file of texts, so that all later work is the same and can go on after a kill.

Called by services; a Parquet file is used as it is. What the file is, is told by its content and not by its name.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.display import num
from peyvand.imports.reading.columnar import check_parquet
from peyvand.imports.reading.delimited import read_delimited
from peyvand.imports.reading.naming import place_of
from peyvand.imports.reading.objects import read_objects
from peyvand.imports.reading.options import FileOptions
from peyvand.imports.reading.workbook import check_quick, read_workbook
from peyvand.imports.types import FAULT, FileProblem
from peyvand.measures.files import FileReadError
from peyvand.measures.files.encoding import guess_encoding

OLD_EXCEL: Final = bytes.fromhex("d0cf11e0")
BATCH: Final = 10_000
MOST_COLUMNS: Final = 1_000
MOST_HELD: Final = 16 << 20  # letters of the rows in memory at once
LONGEST_ROW: Final = 8 << 20  # letters, as of a line of JSON
MOST_LETTERS: Final = 16 << 30  # four times the largest file that is taken in
MOST_LETTERS_SHOWN: Final = 64 << 20
SNIFFED: Final = 1 << 16
COLUMNS_FROM: Final = 50_000  # objects of a joined file whose names make the columns of a page
# Files that people upload by mistake; some of them would pass for text in some encoding.
PAGES: Final = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<body")
LEAST_WIDE: Final = 0.1
MOST_NULS: Final = 0.02
# Encodings that files of tables come in, by Python's names; its others turn bytes into bytes, or fail where letters are to be replaced.
ENCODINGS: Final = re.compile(
    r"ascii|utf-8(-sig)?|utf-(16|32)(-[bl]e)?|cp\d+|iso8859-\d+|mac-\w+|koi8-\w|kz1048|ptcp154|tis-620|gb\w+|big5\w*|shift_jis\w*|euc_\w+"
)
MARKS: Final = {"utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}
FOREIGN: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"SQLite format")


class Staged(NamedTuple):
    """A file ready to be mapped: rows in Parquet, the columns as people see them, and what it was found to be.

    `unread`: a page's patience ended before the file did, after so many rows (0: it did not).
    """

    path: Path
    columns: Sequence[str]
    rows: int
    found: str
    unread: int = 0


class Only(NamedTuple):
    """Which rows a page wants of a file that is joined to another: those whose key is one of these, read within so many seconds."""

    key: str
    values: frozenset[str]
    seconds: float


Fallible = tuple[Sequence[str | None], str]


class Opened(NamedTuple):
    """What a reader gives: column names, then rows, each with the fault it has (empty: none)."""

    columns: Sequence[str]
    rows: Iterator[Fallible]
    found: str


def stage(source: Path, options: FileOptions, folder: Path, name: str = "", most: int | None = None, *, only: Only | None = None) -> Staged:
    """Turn a file into rows, at most so many of them, or only those wanted. Raises FileProblem with what is wrong and what to do."""
    try:
        what = _told(source, options)
        if what == "parquet":
            columns, rows = check_parquet(source)
            _check_width(columns)
            return Staged(source, columns, rows, "Parquet")
        opened = _opened(source, what, options, COLUMNS_FROM if only else most)
        path, picked = folder / f"{name or source.stem}.staged.parquet", Picked(opened, most, only)
        rows = _write(path, opened.columns, picked, MOST_LETTERS if most is None and only is None else MOST_LETTERS_SHOWN)
        return Staged(path, opened.columns, rows, opened.found, picked.unread)
    except _TooMuchError:
        raise FileProblem(_("%(file)s unpacks to far more than a table would; save the sheet as CSV.") % {"file": source.name}) from None
    except FileReadError as error:
        raise FileProblem(str(error)) from None
    except OSError as error:
        raise FileProblem(_("%(file)s cannot be read: %(reason)s") % {"file": source.name, "reason": error.strerror}) from None


class Picked:
    """The rows of a file, or only those wanted; `unread` is how many rows were read where time ended before the file."""

    def __init__(self, opened: Opened, most: int | None, only: Only | None) -> None:
        self._opened, self._most, self._only = opened, most, only
        self.unread = 0

    def __iter__(self) -> Iterator[Fallible]:
        return islice(self._opened.rows, self._most) if self._only is None else self._wanted(self._only)

    def _wanted(self, only: Only) -> Iterator[Fallible]:
        try:
            place = place_of(self._opened.columns, only.key)
        except FileProblem:
            return  # said by whoever joins the files, with the place in the map
        end = clock.monotonic() + only.seconds
        for number, (row, fault) in enumerate(self._opened.rows):
            if not number % 1_000 and number and clock.monotonic() > end:
                self.unread = number
                return
            if place < len(row) and row[place] in only.values:
                yield row, fault


def _told(source: Path, options: FileOptions) -> str:
    """What a file really is, whatever it is called."""
    with source.open("rb") as file:
        head = file.read(16)
    if not head:
        raise FileProblem(_("%(file)s is empty.") % {"file": source.name})
    if head.startswith(OLD_EXCEL):
        raise FileProblem(_("%(file)s is in the old Excel format; save it as .xlsx or CSV.") % {"file": source.name})
    if head.startswith(FOREIGN):
        raise FileProblem(_("%(file)s is no table; give a CSV, XLSX, Parquet or NDJSON file.") % {"file": source.name})
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    _check_text(source)
    return options.format if options.format in {"csv", "ndjson"} else "text"


def _check_text(source: Path) -> None:
    """Refuse what is no text of a table: a web page under another name, bytes that are no letters, NULs between letters."""
    with source.open("rb") as file:
        head = file.read(SNIFFED)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(PAGES):
        raise FileProblem(
            _("%(file)s is a web page, whatever its name says; open it in a spreadsheet and save it as .xlsx.") % {"file": source.name}
        )
    nuls, wide = head.count(0), head.startswith((b"\xff\xfe", b"\xfe\xff"))
    # text of two bytes a letter without a mark has a NUL beside every Latin letter, digit and comma, so in one of the two halves
    halves = max(head[::2].count(0), head[1::2].count(0)) / max(1, len(head) // 2)
    titles = head.partition(b"\n")[0]
    many = b"\0" in titles or nuls > MOST_NULS * len(head)  # a few cost their rows alone
    if many and not wide and (nuls == len(head) or halves < LEAST_WIDE):
        raise FileProblem(
            _("%(file)s holds NUL characters, so it is damaged or no text; save the table anew as CSV or .xlsx.") % {"file": source.name}
        )


def _opened(source: Path, what: str, options: FileOptions, most: int | None) -> Opened:
    if what == "xlsx":
        if most is not None:
            check_quick(source)
        return Opened(*read_workbook(source, options.sheet, quick=most is not None))
    encoding = _encoding(source, options.encoding)
    if what == "ndjson" or (what == "text" and _looks_like_objects(source, encoding)):
        return Opened(*read_objects(source, encoding, most))
    return Opened(*read_delimited(source, encoding, options.delimiter))


def _encoding(source: Path, wanted: str) -> str:
    if wanted == "auto":
        return guess_encoding(source)
    known = _known(wanted)
    if not ENCODINGS.fullmatch(known):
        name = "".join(filter(str.isprintable, wanted[:40]))
        raise FileProblem(_("There is no encoding “%(name)s”; try utf-8 or windows-1256.") % {"name": name})
    with source.open("rb") as file:
        marked = file.read(4).startswith(MARKS.get(known, b""))
    return known if marked else f"{known}-le"  # Python reads neither of them from a file that does not say which end comes first


def _known(encoding: str) -> str:
    """What Python calls an encoding; empty where it knows none of this name."""
    try:
        return codecs.lookup(encoding).name
    except (LookupError, ValueError):  # ValueError: a NUL in it, half a letter
        return ""


def _looks_like_objects(source: Path, encoding: str) -> bool:
    with source.open(encoding=encoding, errors="replace", newline="") as file:
        start = file.read(SNIFFED).lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return start[1:].lstrip().startswith(("{", "]"))
    line = start.partition("\n")[0]
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return len(line) > 1 and '":' in line  # a broken first object is still no header


class _TooMuchError(Exception):
    """The rows hold far more letters than a table would."""


def _write(path: Path, columns: Sequence[str], rows_read: Iterable[Fallible], most_letters: int) -> int:
    import pyarrow as pa  # noqa: PLC0415 - weight
    import pyarrow.parquet as pq  # noqa: PLC0415 - weight

    _check_width(columns)
    width = len(columns)
    schema = pa.schema([(name, pa.string()) for name in (*columns, FAULT)])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(rows_read, most_letters):
            cells = [_columns_of(row, width, fault) for row, fault in batch]
            arrays = [pa.array([_storable(cell) for cell in column], pa.string()) for column in zip(*cells, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            rows += len(batch)
    return rows


def _check_width(columns: Sequence[str]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise FileProblem(_("The file has more than %(n)s columns.") % {"n": num(MOST_COLUMNS)})


def _columns_of(row: Sequence[str | None], width: int, fault: str) -> tuple[str | None, ...]:
    padded = (*row[:width], *([None] * (width - len(row))))
    return (*padded, fault or None)


def _storable(cell: str | None) -> str | None:
    """Lone surrogates have no place in UTF-8; they become the sign for a letter that could not be read."""
    if cell is None or cell.isascii():
        return cell
    return cell.encode("utf-8", "replace").decode() if any("\ud800" <= letter <= "\udfff" for letter in cell) else cell


def _batches(rows: Iterable[Fallible], most_letters: int) -> Iterator[list[Fallible]]:
    """Rows in pieces that memory holds: a small workbook may name one long text in every cell. Raises _TooMuchError."""
    batch: list[Fallible] = []
    held = total = 0
    for one in rows:
        letters = sum(map(len, filter(None, one[0])))
        held, total = held + letters, total + letters
        if letters > LONGEST_ROW or total > most_letters:
            raise _TooMuchError
        batch.append(one)
        if len(batch) == BATCH or held > MOST_HELD:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
