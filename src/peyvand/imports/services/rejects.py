"""The file of rejected rows: the file's own columns with the reason beside each, in every language there is.

Safe to open in a spreadsheet, whole after a kill; who downloads it gets the reasons in their own language.
"""

import csv
import io
import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from django.utils.translation import gettext_lazy

from peyvand.core.cells import no_formula
from peyvand.imports.languages import for_reader, in_all, languages
from peyvand.imports.mapping.values import as_text
from peyvand.imports.types import FAULT, Row

REASON: Final = gettext_lazy("rejected_because")


class Rejects:
    """Appends rejected rows; what stands behind the size that was committed is cut off when work goes on after a kill."""

    def __init__(self, path: Path, columns: Sequence[str], kept: int) -> None:
        self._places = [place for place, name in enumerate(columns) if name != FAULT]
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(descriptor, "r+b")
        self._file.truncate(kept)
        self._file.seek(0, os.SEEK_END)
        self._header = [*(columns[place] for place in self._places), *_headings()]
        self._pending: list[bytes] = []

    def add(self, rows: Sequence[Row], reason: Mapping[str, str]) -> None:
        """Note the rows of a unit with the reason in each language; on disk after `flush`."""
        if not self._file.tell() and not self._pending:
            self._pending.append(b"\xef\xbb\xbf" + _line(self._header))
        said = [reason.get(code, "") for code in languages()]
        self._pending += [_line([*(_cell(row[place]) for place in self._places), *said]) for row in rows]

    def flush(self) -> int:
        """Put what was added on disk; gives the size to commit."""
        if self._pending:
            self._file.write(b"".join(self._pending))
            self._pending.clear()
            self._file.flush()
            os.fsync(self._file.fileno())
        return self._file.tell()

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def downloaded(path: Path) -> Iterator[bytes]:
    """The file as its reader downloads it: of the reasons only those in the language of this moment."""
    headings = _headings()
    wanted = for_reader(dict(zip(languages(), headings, strict=True)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        several = header[-len(headings) :] == headings
        left_out = {len(header) - len(headings) + n for n, name in enumerate(headings) if name != wanted} if several else set()
        yield b"\xef\xbb\xbf"
        for line in itertools.chain([header], lines):
            yield _joined([cell for place, cell in enumerate(line) if place not in left_out])


def _headings() -> list[str]:
    """What the column of reasons is called in each language."""
    return list(in_all(lambda: str(REASON)).values())


def _line(cells: Sequence[str]) -> bytes:
    return _joined([neutral(cell) for cell in cells])


def _joined(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode("utf-8", "replace")


def _cell(cell: Any) -> str:
    return "" if cell is None or isinstance(cell, list) else as_text(cell)


def neutral(text: str) -> str:
    """A cell no spreadsheet takes for a formula: an apostrophe before what could start one; plain numbers stay."""
    try:
        float(text)
    except ValueError:
        return no_formula(text)
    return text
