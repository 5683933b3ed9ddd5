"""Column names: made usable, so that every column has one and no two the same, and found again by maps."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.imports.types import FAULT, FileProblem
from peyvand.measures.files import FileReadError
from peyvand.measures.files.naming import find_columns, missing_columns, tidy

LISTED: Final = 20


def usable_names(header: Sequence[object]) -> list[str]:
    """Names of columns: what stands nameless is called after its place, what stands twice is numbered."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(header, start=1):
        name = " ".join(tidy(cell).split())[:120] or f"column {place}"
        name = f"{name}_" if name == FAULT else name
        key = name.casefold()
        seen[key] = seen.get(key, 0) + 1
        names.append(name if seen[key] == 1 else _free(name, seen))
    return names


def place_of(columns: Sequence[str], name: str) -> int:
    """Where a column stands, however its name is spelt. Raises FileProblem."""
    try:
        return find_columns(columns, [name])[0]
    except FileReadError:
        pass
    if not missing_columns(columns, [name]):
        raise FileProblem(_("several columns are spelt like “%(name)s”; rename all but one") % {"name": name[:60]})
    others = [one for one in columns if one != FAULT]
    names = "، ".join(others[:LISTED]) if get_language() == "fa" else ", ".join(others[:LISTED])
    raise FileProblem(_("there is no column “%(name)s”; the file has: %(names)s") % {"name": name[:60], "names": names})


def _free(name: str, seen: dict[str, int]) -> str:
    number = seen[name.casefold()]
    while (numbered := f"{name} ({number})").casefold() in seen:
        number += 1
    seen[numbered.casefold()] = 1
    return numbered
