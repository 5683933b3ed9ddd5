"""Shapes of questions, and the SQL of each: compiled once, then kept beside the lake, so that no process needs Ibis again for it."""

import hashlib
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, NamedTuple

from peyvand.core.files import write_atomically
from peyvand.timeline.lake.places import lake_path
from peyvand.timeline.warehouse import engine_name

EXPRESSIONS: Final = ("peyvand.insights.expressions", "peyvand.insights.link_expressions")
ENGINES: Final = tuple(f"peyvand.timeline.engines.{name}" for name in ("in_chdb", "in_duckdb", "on_spark", "parameters"))
SOURCES: Final = (*EXPRESSIONS, *ENGINES, "peyvand.timeline.lake.places")
LINK: Final = 1000  # a link between two measures is written as LINK × the place of the first + that of the second
Asks = Literal["count_sql", "cuts_sql", "people_sql", "replied_sql", "listed_sql", "zones_sql", "links_sql", "deeds_sql", "sales_sql"]
OF_LINKS: Final = ("links_sql", "deeds_sql", "sales_sql")


class Shape(NamedTuple):
    """What decides the SQL of a count; integers, moments and filters are variables, so that one text serves every question.

    `keys` are columns of the table, or day, side, property. `rollup` names the part of the rollups (cube, product …) it is
    read from; empty for rows. `late`: rows recorded after the moment that is asked about are taken off it. `joined`: with the
    property of another interaction, `valued` that it must be among `values`; `bought`: the subject was bought for one of `amounts`.
    """

    keys: tuple[str, ...] = ()
    rollup: str = ""
    late: bool = False
    joined: bool = False
    valued: bool = False
    bought: bool = False


def sql_of(asks: Asks, shape: Shape, *more: object) -> str:
    """The SQL that an expression gives for a shape, as the engine that computes here has it."""
    return _sql_of(engine_name(), asks, shape, *more)


@lru_cache(maxsize=1024)
def _sql_of(engine: str, asks: Asks, shape: Shape, *more: object) -> str:
    kept = _place(engine, asks, shape, more)
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:
        pass
    module = import_module(EXPRESSIONS[asks in OF_LINKS])  # only now: Ibis weighs much
    sql: str = getattr(module, asks)(shape, *more)
    _keep(kept, sql)
    return sql


def is_kept(asks: Asks, shape: Shape, *more: object) -> bool:
    """Whether it was compiled already."""
    return _place(engine_name(), asks, shape, more).exists()


def forget() -> None:
    """Drop what this process compiled; between tests, whose folders differ."""
    _sql_of.cache_clear()


def _place(engine: str, asks: Asks, shape: Shape, more: tuple[object, ...]) -> Path:
    return lake_path().parent / "cache" / "sql" / _digest(engine, asks, shape, more)


def _digest(engine: str, asks: Asks, shape: Shape, more: tuple[object, ...]) -> str:
    """A name that changes with the question, the engine, our expressions and the library."""
    return hashlib.sha256(f"{_edition()} {engine} {asks} {shape!r} {more!r}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _edition() -> str:
    """What compiled SQL depends on apart from the shape: the library, our expressions, the columns of the lake."""
    files = [Path(str(found.origin)) for name in SOURCES if (found := find_spec(name))]
    return " ".join([version("ibis-framework"), *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)])


def _keep(path: Path, sql: str) -> None:
    """Write it whole or not at all; where it cannot be written, it is compiled again next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, sql.encode())
    except OSError:
        return
