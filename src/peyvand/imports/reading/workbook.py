"""Excel workbooks, row by row, that may lie about their size, their formulas and their headers. Called by staging."""

import datetime as dt
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.imports.languages import packed
from peyvand.imports.reading.naming import usable_names
from peyvand.imports.types import FileProblem

MOST_UNPACKED: Final = 2 << 30
MOST_RATIO: Final = 60  # sheets of a single value in every cell reach 14
RATIO_FROM: Final = 16 << 20
MOST_PARTS: Final = 5_000
MOST_QUICK_TEXTS: Final = 64 << 20
MOST_QUICK_SHEET: Final = 64 << 20
EMPTY_ROWS: Final = 5_000
HEAD: Final = 30
MOST_COLUMNS: Final = 1_000
ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})

# A cell with a formula and no value; in one of text (t="str") an empty value is a result.
# No pattern reads past the next "<" or reads the same spaces twice: a sheet made to be slow takes time in proportion, too.
FORMULA: Final = re.compile(rb"<c\b([^<>]*)>\s*<f\b[^<>]*?(?:/>|>[^<]*</f>)\s*+(?:<v\s*/>|<v>\s*+</v>)?\s*+</c>")
PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
MERGED: Final = re.compile(rb'<mergeCell\b[^<>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
LONGEST_FORMULA: Final = 1 << 16
PIECE: Final = 1 << 18
LONGEST_TEXT: Final = 1 << 20  # bytes between two tags: a cell of Excel holds 32,767 letters, however they are written


Merged = dict[int, dict[int, tuple[int, int]]]  # cells by their first row and first column: (column behind the last, last row)


class Top(NamedTuple):
    """The header of a sheet: the place of its row, its names, how wide the table is, and whether anything stands below it."""

    place: int
    names: tuple[Any, ...]
    width: int
    filled: bool


class Table(NamedTuple):
    """Where a sheet's table stands, the rows whose formulas have no result, and merged cells."""

    head: int
    width: int
    uncalculated: frozenset[int]
    merged: Merged


Read = tuple[Sequence[str], Iterator[tuple[Sequence[str | None], str]], str]


def read_workbook(path: Path, sheet: str, *, quick: bool = False) -> Read:
    """Columns, rows and what was found: the first sheet that has a table, or the named one; `quick` for its head. Raises FileProblem."""
    _check_size(path)
    _check_texts(path)
    with ExitStack() as opened:
        book = opened.enter_context(closing(_open(path)))
        try:
            worksheet, top = _found(path, book, sheet)
            _check_formulas(path, worksheet.title, top.place, top.width)
            table = _table(path, worksheet._worksheet_path, top, quick=quick)  # noqa: SLF001 - there is no other way to it
        except FileProblem:
            raise
        except Exception as error:  # noqa: BLE001 - a damaged part breaks whatever reads it: zip, zlib, XML, numbers, missing keys
            raise _damaged(path, error) from None
        opened.pop_all()  # closed after the last row
        return usable_names(top.names), _rows(path, book, worksheet, table), f"XLSX, {worksheet.title}"


def _found(path: Path, book: Any, sheet: str) -> tuple[Any, Top]:
    """The sheet to read and its header; one of words, such as instructions, has a header but nothing below it."""
    tops = ((worksheet, _header(worksheet)) for worksheet in _sheets(book, sheet))
    found = [(worksheet, top) for worksheet, top in tops if top is not None]
    if not found:
        raise FileProblem(_("%(file)s is empty.") % {"file": path.name})
    return next((one for one in found if one[1].filled), found[0])


def check_quick(path: Path) -> None:
    """Refuse a workbook whose head cannot be read quickly: all its texts are read before its first row. Raises FileProblem."""
    try:
        with zipfile.ZipFile(path) as archive:
            texts = sum(part.file_size for part in archive.infolist() if not part.filename.startswith("xl/worksheets/"))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(path, error) from None
    if texts > MOST_QUICK_TEXTS:
        raise FileProblem(_("%(file)s is too large a workbook to be shown here; save the sheet as CSV.") % {"file": path.name})


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(path, error) from None
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or (unpacked > RATIO_FROM and unpacked / packed > MOST_RATIO):
        raise FileProblem(_("%(file)s unpacks to far more than a table would; save the sheet as CSV.") % {"file": path.name})
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise FileProblem(_("%(file)s is a zip archive but no Excel workbook (.xlsx).") % {"file": path.name})


def _open(path: Path, *, formulas: bool = False) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415 - weight
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet  # noqa: PLC0415 - weight

    # Where a sheet states no size, openpyxl reads the whole of it at opening to find one; what is stated may be a lie anyway.
    ReadOnlyWorksheet._get_size = _no_size  # noqa: SLF001 - there is no other way to it
    ReadOnlyWorksheet._get_source = _bounded  # noqa: SLF001 - as above
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions it does not know hold no values
            return load_workbook(path.open("rb"), read_only=True, data_only=not formulas)
    except Exception as error:  # noqa: BLE001 - as above
        raise _damaged(path, error) from None


def _no_size(_sheet: Any) -> None:
    """Leave a sheet without bounds."""


class Bounded:
    """A part of a workbook that ends where a text is longer than any cell's: whoever parses it keeps the whole of each in memory."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._run = source, 0
        self.close = source.close

    def read(self, size: int = -1) -> bytes:
        """Read on. Raises ValueError."""
        piece = self._source.read(size)
        first = piece.find(b"<")
        longest = self._run + (first if first >= 0 else len(piece))
        if longest > LONGEST_TEXT:
            raise ValueError(_("a text in it is longer than a cell may hold"))
        self._run = longest if first < 0 else len(piece) - piece.rfind(b"<")
        return piece


def _bounded(sheet: Any) -> closing[Bounded]:
    """The text of a sheet, as openpyxl asks for it."""
    return closing(Bounded(sheet.parent._archive.open(sheet._worksheet_path)))  # noqa: SLF001 - as above


def _check_texts(path: Path) -> None:
    """Read the texts that all sheets share through, which openpyxl would take whole. Raises FileProblem."""
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                if part.file_size > LONGEST_TEXT and part.filename.endswith(".xml") and "/worksheets/" not in part.filename:
                    with closing(Bounded(archive.open(part))) as through:
                        while through.read(PIECE):
                            pass
    except Exception as error:  # noqa: BLE001 - as above
        raise _damaged(path, error) from None


def _sheets(book: Any, wanted: str) -> list[Any]:
    if not wanted:
        return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or list(book.worksheets)
    found = [sheet for sheet in book.worksheets if sheet.title.strip() == wanted.strip()]
    if not found:
        names = {"name": wanted, "names": "، ".join(sheet.title for sheet in book.worksheets)}
        raise FileProblem(_("There is no sheet “%(name)s”; there is: %(names)s") % names)
    return found


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # the size a file states may be a lie
    return iter(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1))  # one more: staging refuses what is wider


def _header(sheet: Any) -> Top | None:
    """The row that names the columns, below titles and merged cells: the first one with as many texts as any near it.

    Where below it stands a row of names without any figure that names more columns, and figures below that, as below merged
    headings, that row is the header.
    """
    top = list(itertools.islice(_cells(sheet), HEAD))
    texts = [sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) for row in top]
    filled = [place for place, row in enumerate(top) if any(cell is not None for cell in row)]
    if not filled:
        return None
    widest = max(sum(cell is not None for cell in top[place]) for place in filled)
    place = next((place for place in filled if texts[place] >= max(1, (widest + 1) // 2)), filled[0])
    while place + 2 < len(top) and texts[place + 1] > texts[place] and _are_names(top[place + 1]) and not _are_names(top[place + 2]):
        place += 1
    below = top[place + 1 :]
    width = max(n + 1 for row in top[place:] for n, cell in enumerate(row) if cell is not None)
    names = (*top[place][:width], *([None] * (width - len(top[place]))))
    return Top(place, names, width, any(cell is not None for row in below for cell in row))


def _are_names(row: Sequence[Any]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not any(letter.isdigit() for letter in cell)) for cell in row)


def _check_formulas(path: Path, title: str, head: int, width: int) -> None:
    """Formulas that were never calculated have no values in the file: say so rather than import blanks."""
    with closing(_open(path)) as plain, closing(_open(path, formulas=True)) as formulas:
        tops = [itertools.islice(_cells(book[title]), head + 1, head + HEAD) for book in (plain, formulas)]
        for values, written in zip(*tops, strict=False):
            for value, formula in zip(values[:width], written[:width], strict=False):
                if value is None and isinstance(formula, str) and formula.startswith("="):
                    raise FileProblem(
                        _("%(file)s has formulas without results; open it in a spreadsheet, save it, and try again.") % {"file": path.name}
                    )


def _column_number(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _table(path: Path, part: str, top: Top, *, quick: bool) -> Table:
    """What only the sheet's own text tells: formulas without a result, which would pass for blanks, and merged cells.

    `quick` leaves that out where the sheet is large.
    """
    rows: set[int] = set()
    merged: Merged = {}
    with zipfile.ZipFile(path) as archive, archive.open(part) as sheet:
        large = quick and archive.getinfo(part).file_size > MOST_QUICK_SHEET
        rest = b""
        while not large and (piece := sheet.read(1 << 20)):
            text = rest + piece
            rows.update(_without_result(text, top.width))
            for found in MERGED.finditer(text):
                first, last = int(found[2]), int(found[4])
                start = _column_number(found[1]) - 1
                if first > top.place + 1 and last > first and start < top.width:
                    merged.setdefault(first, {})[start] = (_column_number(found[3]), last)
            rest = text[max(text.rfind(b"<c "), text.rfind(b"<mergeCell "), 0) :][-LONGEST_FORMULA:]
    return Table(top.place, top.width, frozenset(rows), merged)


def _without_result(text: bytes, width: int) -> Iterator[int]:
    """The rows of formulas without a result inside the table."""
    for cell in FORMULA.finditer(text):
        place = PLACE.search(cell[1])
        if place and b't="str"' not in cell[1] and _column_number(place[1]) <= width:
            yield int(place[2])


class Spread:
    """Gives every row of cells merged downwards the value of the first one, since it is meant for all of them."""

    def __init__(self, merged: Merged) -> None:
        self._merged = merged
        self._held: dict[int, tuple[int, int, str | None]] = {}  # by the column where it begins: (end, last row, value)

    def over(self, number: int, cells: list[str | None]) -> list[str | None]:
        """The cells of a row, filled."""
        self._held = {start: one for start, one in self._held.items() if one[1] >= number}
        for start, (end, _last, value) in self._held.items():
            cells[start:end] = [value] * len(cells[start:end])
        for start, (end, last) in self._merged.get(number, {}).items():
            if start < len(cells):
                self._held[start] = (end, last, cells[start])
        return cells


def _rows(path: Path, book: Any, sheet: Any, table: Table) -> Iterator[tuple[Sequence[str | None], str]]:
    empty, spread = 0, Spread(table.merged)
    try:
        for number, row in enumerate(itertools.islice(_cells(sheet), table.head + 1, None), start=table.head + 2):
            cells = spread.over(number, [_text(cell) for cell in row[: table.width]])
            if number in table.uncalculated:
                yield cells, _uncalculated(number)
            elif any(cells):
                empty = 0
                yield cells, ""
            elif (empty := empty + 1) > EMPTY_ROWS:
                break
    except Exception as error:  # noqa: BLE001 - as above
        raise _damaged(path, error) from None
    finally:
        book.close()


def _uncalculated(number: int) -> str:
    return packed(lambda: _("row %(row)s has a formula without a result") % {"row": number})


def _text(cell: Any) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return "true" if cell else "false"
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case dt.timedelta():
            return str(cell.total_seconds())
    text = str(cell)
    return None if text in ERRORS else text


def _damaged(path: Path, error: Exception) -> FileProblem:
    return FileProblem(_("%(file)s is not a whole Excel workbook (.xlsx): %(reason)s") % {"file": path.name, "reason": str(error)[:200]})
