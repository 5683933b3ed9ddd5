"""Reading the lake with DuckDB: one engine a process, one read-only connection a thread. Called by insights.

A connection sees each table through a view over files, named anew for every read.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from peyvand.timeline.lake import places
from peyvand.timeline.lake.presence import forget, present

if TYPE_CHECKING:
    import duckdb

log = structlog.get_logger()
TABLES: Final = (places.INTERACTIONS, places.PERCEPTIONS, places.ROLLUPS, places.IDENTITIES)
MEMORY: Final = "384MB"
THREADS: Final = 2
TYPES: Final = {"integer": "BIGINT", "text": "VARCHAR", "number": "DOUBLE", "moment": "TIMESTAMPTZ", "day": "DATE"}

Versions = tuple[int, ...]
Variables = Mapping[str, object]
Months = Sequence[tuple[str, str]]  # from and to, both included, as in "2026-11"

_lock = threading.Lock()
_engines: dict[Path, "duckdb.DuckDBPyConnection"] = {}
_here = threading.local()


def lake_versions() -> Versions:
    """The version of every table that figures are read from: figures of equal versions are equal."""
    return tuple(present(table).version for table in TABLES)


def size_of(table: str) -> int:
    """How many bytes a table's files have."""
    return present(table).size


def read(sql: str, variables: Variables, months: Mapping[str, Months] | None = None) -> list[tuple[Any, ...]]:
    """Run one SELECT over the lake's tables; `getvariable('asked').name` in it gives the variable.

    `months` names the months that matter of a table, which spares the engine the files of others.
    A file that compaction took away meanwhile makes it look again, once.
    """
    import duckdb  # noqa: PLC0415 - weight

    try:
        return _read(sql, variables, months or {})
    except duckdb.IOException as error:
        log.info("lake.read_again", error=str(error).partition("\n")[0])
        forget()
        return _read(sql, variables, months or {})


def _read(sql: str, variables: Variables, months: Mapping[str, Months]) -> list[tuple[Any, ...]]:
    connection = _connection()
    files: dict[str, object] = {"none": None}  # a struct holds something
    for table in TABLES:
        now = present(table)
        _see(connection, table, empty=not now.files)
        if now.files:
            files[f"files_of_{table}"] = _within(now.files, months[table]) if table in months else now.files
    parts = ", ".join(f"'{name}': {_literal(value)}" for name, value in (*variables.items(), *files.items()))
    connection.execute(f"SET VARIABLE asked = {{{parts}}}")
    rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def _within(files: Sequence[str], months: Months) -> Sequence[str]:
    """The files of these months; at least one, since the engine must see the columns."""
    found = [file for file in files if any(first <= _month(file) <= last for first, last in months)]
    return found or files[:1]


def _month(file: str) -> str:
    return file.partition("/month=")[2][:7]


def _literal(value: object) -> str:
    """Times come as aware datetimes, the rest as integers, dates and plain texts."""
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(part) for part in value)}]" if value else "[]"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value).replace("'", "''")
    kind = {"datetime": "TIMESTAMPTZ ", "date": "DATE "}.get(type(value).__name__, "")
    return f"{kind}'{text}'"


def _connection() -> "duckdb.DuckDBPyConnection":
    """This thread's own connection to the process's engine."""
    path = places.lake_path()
    if getattr(_here, "path", None) != path:
        _here.path, _here.seen = path, {}
        _here.connection = _engine(path).cursor()
        _here.connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
    connection: duckdb.DuckDBPyConnection = _here.connection
    return connection


def _engine(path: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: PLC0415 - weight

    with _lock:
        if path not in _engines:
            engine = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
            engine.execute("SET autoinstall_known_extensions = false")
            folders = _literal(str(path))
            engine.execute(f"SET allowed_directories = [{folders}]; SET enable_external_access = false; ")
            _engines[path] = engine
        return _engines[path]


def _see(connection: "duckdb.DuckDBPyConnection", table: str, *, empty: bool) -> None:
    """Let a connection see a table under its name; the files are named anew by every read."""
    seen: dict[str, bool] = _here.seen
    if seen.get(table) is empty:
        return
    names = ", ".join(name for name, _kind in places.columns(table))
    if empty:
        view = f"SELECT {', '.join(f'NULL::{TYPES[kind]} AS {name}' for name, kind in places.columns(table))} WHERE false"
    else:
        files = f"getvariable('asked').files_of_{table}"
        connection.execute(f"SET VARIABLE asked = {{'files_of_{table}': {_literal(present(table).files[:1])}}}")
        view = f"SELECT {names} FROM read_parquet({files}, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {view}")
    seen[table] = empty
