"""JSON objects, one a line or all in one array; what is nested becomes columns with a dot. Called by staging."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from peyvand.core.display import num
from peyvand.imports.languages import packed
from peyvand.imports.types import FAULT, FileProblem

MOST_ARRAY_BYTES: Final = 16 << 20
MOST_ARRAY_PARTS: Final = 500_000  # objects and lists: empty ones take twenty-five times their letters once they are read
LONGEST_LINE: Final = 8 << 20
DEEPEST: Final = 4
MOST_COLUMNS: Final = 1_000

Read = tuple[Sequence[str], Iterator[tuple[Sequence[str | None], str]], str]


def read_objects(path: Path, encoding: str, most: int | None = None) -> Read:
    """Columns (those of the first `most` objects), rows with their faults, and what was found; the file is read twice,
    since columns may come late. Raises FileProblem.
    """
    columns: dict[str, None] = {}
    good = faults = 0
    for flat, fault in islice(_flat(path, encoding), most):
        columns.update(dict.fromkeys(flat))
        good, faults = good + (not fault), faults + bool(fault)
        if len(columns) > MOST_COLUMNS:
            raise FileProblem(_("The file has more than %(n)s columns.") % {"n": num(MOST_COLUMNS)})
    if not good:
        raise FileProblem(_("%(file)s has no JSON objects, one a line.") % {"file": path.name})
    names = [name for name in columns if name != FAULT]
    rows = (([flat.get(name) for name in names], fault) for flat, fault in _flat(path, encoding))
    return names, rows, f"NDJSON, {encoding}"


def _flat(path: Path, encoding: str) -> Iterator[tuple[dict[str, str | None], str]]:
    for number, (value, fault) in enumerate(_values(path, encoding), start=1):
        if fault:
            yield {}, fault
        elif not isinstance(value, dict):
            yield {}, _no_object(number)
        else:
            flat: dict[str, str | None] = {}
            _flatten(value, "", flat, DEEPEST)
            yield flat, ""


def _values(path: Path, encoding: str) -> Iterator[tuple[Any, str]]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        start = file.read(4096).lstrip("\ufeff \t\r\n")
        file.seek(0)
        if start.startswith("["):
            yield from _array(path, file.read(MOST_ARRAY_BYTES + 1))
            return
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) >= LONGEST_LINE:
                raise FileProblem(_("Line %(line)s is too long.") % {"line": number})
            if text := line.strip("\ufeff \t\r\n"):
                yield _decoded(text, number)


def _array(path: Path, text: str) -> Iterator[tuple[Any, str]]:
    if len(text) > MOST_ARRAY_BYTES or text.count("{") + text.count("[") > MOST_ARRAY_PARTS:
        raise FileProblem(_("%(file)s is one large JSON array; give one object a line.") % {"file": path.name})
    try:
        values = json.loads(text.lstrip("\ufeff"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FileProblem(_("%(file)s is not proper JSON: %(reason)s") % {"file": path.name, "reason": error}) from None
    yield from ((value, "") for value in values)


def _decoded(text: str, number: int) -> tuple[Any, str]:
    try:
        return json.loads(text, parse_constant=_refuse), ""
    except json.JSONDecodeError as error:
        at = {"line": number, "reason": error.msg}
        return None, packed(lambda: _("line %(line)s is not JSON: %(reason)s") % at)
    except (ValueError, RecursionError):
        return None, packed(lambda: _("line %(line)s is not JSON") % {"line": number})


def _no_object(number: int) -> str:
    return packed(lambda: _("line %(line)s is no object") % {"line": number})


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _flatten(value: dict[str, Any], prefix: str, into: dict[str, str | None], depth: int) -> None:
    for key, inner in value.items():
        name = f"{prefix}{key}"[:200]
        if isinstance(inner, dict) and depth > 1:
            _flatten(inner, f"{name}.", into, depth - 1)
        elif isinstance(inner, str) or inner is None:
            into[name] = inner
        else:
            into[name] = json.dumps(inner, ensure_ascii=False)
