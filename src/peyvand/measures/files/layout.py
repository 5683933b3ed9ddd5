"""How a delimited file is laid out: lines before the header, delimiter, columns. Called when one is opened."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from peyvand.measures.files.errors import FileReadError
from peyvand.measures.files.naming import missing_columns, tidy

_DELIMITERS: Final = (",", ";", "\t", "|", "،", "؛", "\x1f", "^", "~", ":")
_NO_DELIMITERS: Final = frozenset("\"'._-()[]{}%/\\\u200c\u200d\u200e\u200f\ufeff\r\n\x00")  # they stand in names and numbers
_ODD_SIGNS: Final = 8
_SAMPLE: Final = 1 << 16
_LONGEST_CELL: Final = 1 << 26
_EXCEL_HINT: Final = re.compile(r"sep=(.)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """`skip` lines stand before the header; `columns` are the tidied names in it, "" where there is none."""

    delimiter: str
    skip: int
    columns: tuple[str, ...]


def read_rows(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> Any:
    """Return Python's CSV reader over the lines (its type has no name); `strict` raises csv.Error where quotes do not close."""
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def find_layout(path: Path, wanted: Sequence[str]) -> Layout:
    """Find the delimiter: the one under which the wanted columns exist and rows are as long as the header.

    Raises FileReadError for a file without a header.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = list(io.StringIO(file.read(_SAMPLE), newline=""))
    skip = sum(1 for _ in itertools.takewhile(lambda line: not line.strip(), lines))
    if skip == len(lines):
        raise FileReadError(f"{path.name} is empty")
    hint = _EXCEL_HINT.fullmatch(lines[skip].rstrip("\r\n"))
    if hint and skip + 1 < len(lines):  # Excel's own first line that names the delimiter
        return _layout(lines, hint[1], skip + 1)
    layouts = [_layout(lines, delimiter, skip) for delimiter in _DELIMITERS]
    best = max(layouts, key=lambda layout: _fitness(lines, layout, wanted))
    if len(best.columns) > 1 and not missing_columns(best.columns, wanted):
        return best
    return max([best, *_odd_layouts(lines, skip)], key=lambda layout: _fitness(lines, layout, wanted))


def _odd_layouts(lines: Sequence[str], skip: int) -> list[Layout]:
    """Layouts by the other signs in the header, where every row has as many cells: only that tells a delimiter from a word's own sign."""
    signs = sorted({sign for sign in lines[skip] if not sign.isalnum() and sign not in _NO_DELIMITERS and sign not in _DELIMITERS})
    return [layout for sign in signs[:_ODD_SIGNS] if _alike(lines, layout := _layout(lines, sign, skip)) == 1]


def _layout(lines: Sequence[str], delimiter: str, skip: int) -> Layout:
    header: list[str] = next(read_rows(lines[skip:], delimiter, strict=False), [])
    return Layout(delimiter, skip, tuple(tidy(name) for name in header))


def _fitness(lines: Sequence[str], layout: Layout, wanted: Sequence[str]) -> tuple[int, float, int]:
    width = len(layout.columns)
    return -missing_columns(layout.columns, wanted), _alike(lines, layout) if width > 1 else 0.5, width


def _alike(lines: Sequence[str], layout: Layout) -> float:
    """The share of rows that are as long as the header, itself included."""
    width = len(layout.columns)
    rows = [row for row in itertools.islice(read_rows(lines[layout.skip :], layout.delimiter, strict=False), 200) if row]
    return sum(len(row) == width for row in rows) / max(1, len(rows))
