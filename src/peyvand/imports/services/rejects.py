"""The file of rejected rows: the file's own columns with the reason beside each; safe to open in a spreadsheet, whole after a kill."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from django.utils.translation import gettext_lazy

from peyvand.core.cells import no_formula
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
        self._header = [*(columns[place] for place in self._places), str(REASON)]
        self._pending: list[bytes] = []

    def add(self, rows: Sequence[Row], reason: str) -> None:
        """Note the rows of a unit with the reason; on disk after `flush`."""
        if not self._file.tell() and not self._pending:
            self._pending.append(b"\xef\xbb\xbf" + _line(self._header))
        self._pending += [_line([*(_cell(row[place]) for place in self._places), reason]) for row in rows]

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


def _line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow([neutral(cell) for cell in cells])
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
