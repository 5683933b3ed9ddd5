"""Column names made usable: every column has one, and no two the same. Called by the readers."""

from collections.abc import Sequence

from peyvand.imports.types import FAULT
from peyvand.measures.files.naming import tidy


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


def _free(name: str, seen: dict[str, int]) -> str:
    number = seen[name.casefold()]
    while (numbered := f"{name} ({number})").casefold() in seen:
        number += 1
    seen[numbered.casefold()] = 1
    return numbered
