"""CSV and kin, row by row: any delimiter and encoding; a line that is too long is a fault of its own. Called by staging."""

import csv
import itertools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from peyvand.imports.languages import packed
from peyvand.imports.reading.naming import usable_names
from peyvand.imports.types import FileProblem
from peyvand.measures.files.encoding import as_utf8
from peyvand.measures.files.layout import Layout, find_layout, read_rows

LINES_A_ROW: Final = 2_000
NO_DELIMITERS: Final = '"\r\n'
NAMED: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

Read = tuple[Sequence[str], Iterator[tuple[Sequence[str | None], str]], str]


def read_delimited(path: Path, encoding: str, delimiter: str) -> Read:
    """Columns, rows with their faults, and what was found. Raises FileProblem."""
    layout = _layout(path, encoding, delimiter)
    header = layout.columns
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        raise FileProblem(_("%(file)s has no header: its first line must name the columns.") % {"file": path.name})
    found = f"CSV · {_sign(layout.delimiter)} · {encoding}"
    return usable_names(header), _rows(path, encoding, layout, len(header)), found


def _sign(delimiter: str) -> str:
    """What a delimiter is called."""
    named = {",": _("comma"), ";": _("semicolon"), "|": _("bar"), "\t": _("tab"), "\x1f": _("unit separator")}
    return named.get(delimiter, delimiter)


def _layout(path: Path, encoding: str, delimiter: str) -> Layout:
    with tempfile.TemporaryDirectory(prefix="peyvand-") as folder:
        # Only the head decides, so only the head of a foreign file is rewritten.
        head = Path(folder) / "head.csv"
        with path.open("rb") as source, head.open("wb") as target:
            target.write(source.read(1 << 18))
        readable = head if encoding == "utf-8-sig" else _lenient_utf8(head, encoding)
        layout = find_layout(readable, [])
    if delimiter == "auto":
        return layout
    sign = NAMED.get(delimiter, delimiter)
    if len(sign) != 1 or sign in NO_DELIMITERS:
        raise FileProblem(_("A delimiter is one character, or tab; not a quotation mark and not the end of a line."))
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = itertools.islice(file, layout.skip, None)
        try:
            return Layout(sign, layout.skip, tuple(next(read_rows(lines, sign, strict=False), [])))
        except csv.Error as error:
            raise FileProblem(_("Line %(line)s cannot be read: %(reason)s") % {"line": layout.skip + 1, "reason": error}) from None


def _lenient_utf8(head: Path, encoding: str) -> Path:
    try:
        return as_utf8(head, encoding, head.parent)
    except Exception:  # noqa: BLE001 - the head may end inside a letter; what is left is enough to find the delimiter
        text = head.read_bytes().decode(encoding, "replace")
        head.write_text(text, encoding="utf-8", newline="")
        return head


def _rows(path: Path, encoding: str, layout: Layout, width: int) -> Iterator[tuple[Sequence[str | None], str]]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        reader = read_rows(itertools.islice(file, layout.skip, None), layout.delimiter, strict=False)
        line = 0
        try:
            for number, row in enumerate(reader):
                taken, line = reader.line_num - line, reader.line_num
                if taken > LINES_A_ROW:
                    raise FileProblem(_("Line %(line)s: a quotation mark is opened and never closed.") % {"line": line - taken + 1})
                if number and any(row):
                    yield row, _fault(row, width, layout.skip + line)
        except csv.Error as error:
            where = {"line": layout.skip + reader.line_num, "reason": error}
            raise FileProblem(_("Line %(line)s cannot be read: %(reason)s") % where) from None


def _fault(row: Sequence[str], width: int, line: int) -> str:
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        held = {"line": line, "n": len(row), "width": width}
        return packed(lambda: _("line %(line)s has %(n)s cells where the header has %(width)s") % held)
    return ""
