"""Finds what the code writes to the log: each event with its level, its logger and the fields that come with it. For script/reference."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
LEVELS = {name: name for name in ("debug", "info", "warning", "error", "critical")} | {"exception": "error"}
TRACED = "fault, trace"


@dataclass(frozen=True, order=True)
class Told:
    """One event of the log."""

    event: str
    level: str
    logger: str
    fields: tuple[str, ...]


def events() -> list[Told]:
    """Every event of our own code, in alphabetical order."""
    paths = (path for path in SOURCE.rglob("*.py") if "tests" not in path.parts)
    return sorted({told for path in paths for told in _of(path)})


def _of(path: Path) -> Iterator[Told]:
    text = path.read_text(encoding="utf-8")
    return of_source(text, path) if "structlog" in text else iter(())


def of_source(text: str, path: Path) -> Iterator[Told]:
    """Every event of one module; raises ValueError where one is not a plain text, since it could not be listed."""
    tree = ast.parse(text)
    logger = next((name for node in tree.body if (name := _logger(node, path))), "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_ours(node.func):
            event = node.args[0] if node.args else None
            if not isinstance(event, ast.Constant):
                raise ValueError(f"{path}:{node.lineno}: the event of a log line must be a plain text; what varies is a field.")
            yield Told(str(event.value), LEVELS[node.func.attr], logger, _fields(node))


def _fields(call: ast.Call) -> tuple[str, ...]:
    fields = tuple(TRACED if given.arg == "exc_info" else given.arg or "…" for given in call.keywords)
    return (*fields, TRACED) if ast.unparse(call.func) == "log.exception" and TRACED not in fields else fields


def _is_ours(called: ast.Attribute) -> bool:
    return called.attr in LEVELS and ast.unparse(called.value) == "log"


def _logger(node: ast.stmt, path: Path) -> str:
    """The name that a module gives its logger; structlog's own where it gives none."""
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "structlog.get_logger"):
        return ""
    given = node.value.args
    if given and isinstance(given[0], ast.Constant):
        return str(given[0].value)
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)
