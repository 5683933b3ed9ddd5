"""The page of every operation of the API, and of what does the same as each screen. Called by house.reference."""

import re
import tomllib
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parents[2] / "tests" / "architecture" / "operations.toml"
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
HEAD = """\
# Every operation of the API

[What holds for all of them](api.md); their bodies and answers are described at `/api/openapi.json` and `/api/docs/`. The last column is the
scope that a key needs. Written by `script/reference` from the code; change it there.
"""
TAG = """
## {tag}

| Operation | What it does | Scope |
| --- | --- | --- |
{rows}"""
SCREENS = """
## What does the same as a screen

Whatever a person can do in the console a program can do too. Addresses of the console are told without `/w/<brand>`.

| Screen | Operations |
| --- | --- |
"""


def page() -> str:
    """The page as it should stand."""
    scopes, described = _scopes(), import_module("peyvand.config.api").described(import_module("peyvand.config.urls").api)
    by_tag: dict[str, list[str]] = defaultdict(list)
    for path, methods in sorted(described["paths"].items()):
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            tag = next(iter(operation.get("tags", ())), "recording")
            by_tag[tag].append(f"| `{name}` | {operation.get('summary', '')} | `{scopes.get(name, 'ingest')}` |\n")
    parts = [TAG.format(tag=tag.capitalize(), rows="".join(rows)) for tag, rows in sorted(by_tag.items())]
    return HEAD + "".join(parts) + SCREENS + "".join(_screens())


def _scopes() -> dict[str, str]:
    """Method and path of each operation as the description writes them → the scope of a key."""
    addresses: dict[str, Any] = import_module("tests.architecture.addresses").found()
    keyed = {address: access.removeprefix("key: ") for address, access in addresses.items() if access.startswith("key: ")}
    return {PLACE.sub(r"{\1}", address).replace(" ", " /", 1): scope for address, scope in keyed.items()}


def _screens() -> list[str]:
    named: dict[str, list[str] | str] = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [_row(*one) for one in named.items()]


def _row(screen: str, does: list[str] | str) -> str:
    place = PLACE.sub("…", screen)
    return f"| `/{place}` | {_told(does)} |\n"


def _told(does: list[str] | str) -> str:
    if isinstance(does, str):
        return does.removeprefix("none: ").capitalize()
    return ", ".join(f"`{PLACE.sub('…', one).replace(' api/v1', ' ')}`" for one in does)
