"""DuckDB in this process: one engine a process, one read-only connection a thread. The engine unless settings name another.

A connection sees each table through a view over files, named anew for every read.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from peyvand.timeline.engines.contract import Asked, Files, FilesGone, Rows
from peyvand.timeline.lake import places

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "384MB"
THREADS: Final = 2
TYPES: Final = {"integer": "BIGINT", "text": "VARCHAR", "number": "DOUBLE", "moment": "TIMESTAMPTZ", "day": "DATE"}

_lock = threading.Lock()
_engines: dict[Path, "duckdb.DuckDBPyConnection"] = {}
_here = threading.local()


def sql(expression: Any) -> str:
    """An expression in DuckDB's SQL; `getvariable('asked').name` in it gives what a question sets."""
    import ibis  # noqa: PLC0415 - weight

    return str(ibis.to_sql(expression, dialect="duckdb"))


def read(sql: str, asked: Asked, files: Files) -> Rows:
    """Run a SELECT over the lake's tables."""
    import duckdb  # noqa: PLC0415 - weight

    try:
        return _read(sql, asked, files)
    except duckdb.IOException as error:
        raise FilesGone(str(error).partition("\n")[0]) from error


def _read(sql: str, asked: Asked, files: Files) -> Rows:
    connection = _connection()
    named: dict[str, object] = {"none": None}  # a struct holds something
    for table, these in files.items():
        _see(connection, table, these)
        if these:
            named[f"files_of_{table}"] = these
    parts = ", ".join(f"'{name}': {_literal(value)}" for name, value in (*asked.items(), *named.items()))
    connection.execute(f"SET VARIABLE asked = {{{parts}}}")
    rows: Rows = connection.execute(sql).fetchall()
    return rows


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


def _see(connection: "duckdb.DuckDBPyConnection", table: str, files: Sequence[str]) -> None:
    """Let a connection see a table under its name; the files are named anew by every read."""
    seen: dict[str, bool] = _here.seen
    empty = not files
    if seen.get(table) is empty:
        return
    names = ", ".join(name for name, _kind in places.columns(table))
    if empty:
        view = f"SELECT {', '.join(f'NULL::{TYPES[kind]} AS {name}' for name, kind in places.columns(table))} WHERE false"
    else:
        variable = f"getvariable('asked').files_of_{table}"
        connection.execute(f"SET VARIABLE asked = {{'files_of_{table}': {_literal(files[:1])}}}")
        view = f"SELECT {names} FROM read_parquet({variable}, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {view}")
    seen[table] = empty
