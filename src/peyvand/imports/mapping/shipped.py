"""The maps that come with the product, and recognising which of them fits a file. Called by services, the command and the wizard."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from peyvand.core.persian import joined_key
from peyvand.imports.mapping.schema import ImportMap, read_map

FOLDER: Final = Path(__file__).resolve().parent.parent / "maps"


class Shipped(NamedTuple):
    """A map of ours: its name, its text, and what it says."""

    name: str
    text: str
    map: ImportMap

    def title(self, language: str) -> str:
        """What it is for, in a language."""
        return self.map.title.get(language[:2]) or self.map.title.get("en") or self.name

    def about(self, language: str) -> str:
        """More of what it is for, in a language."""
        return self.map.about.get(language[:2]) or self.map.about.get("en") or ""


@cache
def shipped_maps() -> dict[str, Shipped]:
    """Every map in `maps/`, by name."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml"))}
    return {name: Shipped(name, text, read_map(text)) for name, text in texts.items()}


def fitting(columns: Sequence[str]) -> list[Shipped]:
    """Maps whose own columns all stand in the file, the most exact first."""
    known = {joined_key(name) for name in columns}
    found = [
        one for one in shipped_maps().values() if one.map.recognise.columns and known >= {joined_key(c) for c in one.map.recognise.columns}
    ]
    return sorted(found, key=lambda one: -len(one.map.recognise.columns))


def leaves_out(one: Shipped, columns: Iterable[str]) -> bool:
    """Whether a map says nothing of some of these columns, so that what stands in them would be lost."""
    quoted = re.findall(r'"([^"\n]*)"', one.text)
    told = {joined_key(word) for text in quoted for word in (text, text.rpartition(".")[2], *re.findall(r"\{([^}]*)\}", text))}
    return any(joined_key(name) not in told for name in columns)


def join_named(wanted: ImportMap, file_name: str) -> str:
    """Which of a map's joined files a file is by its name; empty when none."""
    lowered = file_name.lower()
    return next((name for name, join in wanted.joins.items() if any(fnmatch(lowered, pattern.lower()) for pattern in join.files)), "")
