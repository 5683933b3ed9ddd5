"""Finds what the code writes to the log: each event with its level, its logger and the fields that come with it. For script/reference."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
LEVELS = ("debug", "info", "warning", "error", "critical", "exception")


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
    if "structlog" not in text:
        return
    tree = ast.parse(text)
    logger = next((name for node in tree.body if (name := _logger(node, path))), "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_ours(node.func) and isinstance(node.args[0], ast.Constant):
            level = ast.unparse(node.func).partition(".")[2]
            fields = tuple("fault, trace" if given.arg == "exc_info" else str(given.arg) for given in node.keywords)
            yield Told(str(node.args[0].value), level, logger, fields)


def _is_ours(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and called.attr in LEVELS and ast.unparse(called.value) == "log"


def _logger(node: ast.stmt, path: Path) -> str:
    """The name that a module gives its logger; structlog's own where it gives none."""
    if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "structlog.get_logger"):
        return ""
    given = node.value.args
    if given and isinstance(given[0], ast.Constant):
        return str(given[0].value)
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)
