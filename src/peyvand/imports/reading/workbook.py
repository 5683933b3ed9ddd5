"""Excel workbooks, row by row, that may lie about their size, their formulas and their headers. Called by staging."""

import datetime as dt
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.imports.reading.naming import usable_names
from peyvand.imports.types import FileProblem

MOST_UNPACKED: Final = 2 << 30
MOST_RATIO: Final = 60  # sheets of a single value in every cell reach 14
RATIO_FROM: Final = 16 << 20
MOST_PARTS: Final = 5_000
MOST_QUICK_TEXTS: Final = 64 << 20
EMPTY_ROWS: Final = 5_000
HEAD: Final = 30
MOST_COLUMNS: Final = 1_000
ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"})

# A cell with a formula and no value; in one of text (t="str") an empty value is a result.
FORMULA: Final = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
PLACE: Final = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
LONGEST_FORMULA: Final = 1 << 16


class Table(NamedTuple):
    """Where a sheet's table stands: the place of its header, its width, and the rows whose formulas have no result."""

    head: int
    width: int
    uncalculated: frozenset[int]


Read = tuple[Sequence[str], Iterator[tuple[Sequence[str | None], str]], str]


def read_workbook(path: Path, sheet: str, *, quick: bool = False) -> Read:
    """Columns, rows and what was found: the first sheet that has a table, or the named one; `quick` for its head. Raises FileProblem."""
    _check_size(path)
    book = _open(path)
    try:
        for worksheet in _sheets(book, sheet):
            header, width = _header(worksheet)
            if header:
                names = usable_names(header[1][:width])
                _check_formulas(path, worksheet.title, header[0], width)
                empty = frozenset() if quick else _uncalculated(path, worksheet._worksheet_path, width)  # noqa: SLF001 - as above
                return names, _rows(path, book, worksheet, Table(header[0], width, empty)), f"XLSX, {worksheet.title}"
    except FileProblem:
        raise
    except Exception as error:  # noqa: BLE001 - a damaged part breaks whatever reads it: zip, zlib, XML, numbers, missing keys
        raise _damaged(path, error) from None
    raise FileProblem(_("%(file)s is empty.") % {"file": path.name})


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions it does not know hold no values
            return load_workbook(path.open("rb"), read_only=True, data_only=not formulas)
    except Exception as error:  # noqa: BLE001 - as above
        raise _damaged(path, error) from None


def _no_size(_sheet: Any) -> None:
    """Leave a sheet without bounds."""


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
    return iter(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS))


def _header(sheet: Any) -> tuple[tuple[int, tuple[Any, ...]] | None, int]:
    """The row that names the columns, below titles and merged cells: the first one with as many texts as any near it."""
    top = list(itertools.islice(_cells(sheet), HEAD))
    texts = [sum(isinstance(cell, str) and bool(cell.strip()) for cell in row) for row in top]
    filled = [place for place, row in enumerate(top) if any(cell is not None for cell in row)]
    if not filled:
        return None, 0
    widest = max(sum(cell is not None for cell in top[place]) for place in filled)
    place = next((place for place in filled if texts[place] >= max(1, (widest + 1) // 2)), filled[0])
    row = top[place]
    width = max(n + 1 for n, cell in enumerate(row) if cell is not None)
    return (place, row), width


def _check_formulas(path: Path, title: str, head: int, width: int) -> None:
    """Formulas that were never calculated have no values in the file: say so rather than import blanks."""
    plain, formulas = _open(path), _open(path, formulas=True)
    pairs = zip(
        itertools.islice(_cells(plain[title]), head + 1, head + HEAD), itertools.islice(_cells(formulas[title]), head + 1, head + HEAD),
        strict=False,
    )  # fmt: skip
    for values, written in pairs:
        for value, formula in zip(values[:width], written[:width], strict=False):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise FileProblem(
                    _("%(file)s has formulas without results; open it in a spreadsheet, save it, and try again.") % {"file": path.name}
                )
    plain.close()
    formulas.close()


def _column_number(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _uncalculated(path: Path, part: str, width: int) -> frozenset[int]:
    """The numbers of rows with formulas that have no result: their cells would pass for blanks."""
    found: set[int] = set()
    with zipfile.ZipFile(path) as archive, archive.open(part) as sheet:
        rest = b""
        while piece := sheet.read(1 << 20):
            text = rest + piece
            for cell in FORMULA.finditer(text):
                place = PLACE.search(cell[1])
                if place and b't="str"' not in cell[1] and _column_number(place[1]) <= width:
                    found.add(int(place[2]))
            rest = text[max(text.rfind(b"<c "), 0) :][-LONGEST_FORMULA:]
    return frozenset(found)


def _rows(path: Path, book: Any, sheet: Any, table: Table) -> Iterator[tuple[Sequence[str | None], str]]:
    empty = 0
    try:
        for number, row in enumerate(itertools.islice(_cells(sheet), table.head + 1, None), start=table.head + 2):
            cells = [_text(cell) for cell in row[: table.width]]
            if number in table.uncalculated:
                yield cells, _("row %(row)s has a formula without a result") % {"row": number}
            elif any(cells):
                empty = 0
                yield cells, ""
            elif (empty := empty + 1) > EMPTY_ROWS:
                break
    except Exception as error:  # noqa: BLE001 - as above
        raise _damaged(path, error) from None
    finally:
        book.close()


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
