"""Excel workbooks (.xlsx), read row by row. Called by counting."""

import itertools
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from peyvand.measures.files.errors import FileReadError
from peyvand.measures.files.naming import missing_columns, tidy
from peyvand.measures.files.table import Row

_TITLE_ROWS: Final = 20


class Workbook:
    """An opened workbook: the first sheet in whose first 20 rows the wanted columns head a table, else the first sheet."""

    def __init__(self, path: Path, wanted: Sequence[str]) -> None:
        """Find sheet and header. Raises FileReadError where the file is damaged or empty."""
        self._name = path.name
        with _damage_told(path.name):
            book = _open(path)
            headers = [header for sheet in book.worksheets if (header := _header(sheet, wanted))]
        if not headers:
            raise FileReadError(f"{path.name} is empty")
        self._sheet, self._skip, names = min(headers, key=lambda header: missing_columns(header[2], wanted))
        self.columns: Sequence[str] = names

    def counts(self, picked: Sequence[int]) -> Iterator[tuple[Row, int]]:
        """Yield combinations and how many rows have them; empty rows, which spreadsheets often carry, are none."""
        found: Counter[Row] = Counter()
        with _damage_told(self._name):
            for row in itertools.islice(_rows(self._sheet), self._skip, None):
                if any(cell is not None for cell in row):
                    found[tuple(row[place] if place < len(row) else None for place in picked)] += 1
        return iter(found.items())


def _open(path: Path) -> Any:
    from openpyxl import load_workbook  # noqa: PLC0415  weight

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions it does not know hold no answers
        return load_workbook(path.open("rb"), read_only=True, data_only=True)


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  a damaged part breaks whatever reads it: zip, zlib, XML, numbers, missing keys
        raise FileReadError(f"{name} is not a whole Excel workbook (.xlsx): {error}") from None


def _header(sheet: Any, wanted: Sequence[str]) -> tuple[Any, int, list[str]] | None:
    """Return (sheet, rows up to and with the header, names); below a title the header is the row that has the wanted names."""
    tops = [[tidy(cell) for cell in row] for row in itertools.islice(_rows(sheet), _TITLE_ROWS)]
    filled = [place for place, names in enumerate(tops) if any(names)]
    if not filled:
        return None
    place = min(filled, key=lambda place: missing_columns(tops[place], wanted))
    return sheet, place + 1, tops[place]


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()  # the size a file states may be a lie
    return iter(sheet.iter_rows(values_only=True))
