"""DuckDB in this process: one database, a connection for each question at a time. The engine unless settings name another."""

import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from peyvand.timeline.engines.contract import Asked, Files, FilesGone, Rows
from peyvand.timeline.engines.parameters import with_parameters
from peyvand.timeline.lake import places
from peyvand.timeline.lake.rooms import own_room

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "384MB"
SPILLED: Final = "4GB"  # on disk, of what the memory does not hold: no question may fill the disk that the records need
THREADS: Final = 2
TYPES: Final = {"integer": "BIGINT", "text": "VARCHAR", "number": "DOUBLE", "moment": "TIMESTAMPTZ", "day": "DATE"}
FILES: Final = "files_of_"  # before the name of a table: the parameter that holds its files
PARAMETER: Final = re.compile(r"\$(\w+)")

REMEMBERED: Final = 500  # files beside those of a question

_lock = threading.Lock()
_databases: dict[Path, "_Database"] = {}


def sql(expression: Any) -> str:
    """An expression in DuckDB's SQL; what a question sets are parameters, which the engine folds before it plans."""
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight
    from ibis.backends.sql.compilers.duckdb import compiler  # noqa: PLC0415

    statement = with_parameters(expression, compiler, {}, lambda name, _dtype: sge.Placeholder(this=name))
    return str(statement.sql(dialect=compiler.dialect))


def read(sql: str, asked: Asked, files: Files) -> Rows:
    """Run a SELECT over the lake's tables, which stand before it as named queries over their files."""
    import duckdb  # noqa: PLC0415 - weight

    try:
        with _database(frozenset(chain.from_iterable(files.values()))).connection() as connection:
            rows: Rows = connection.execute(*prepared(sql, asked, files)).fetchall()
    except duckdb.IOException as error:
        raise FilesGone(str(error).partition("\n")[0]) from error
    return rows


def prepared(sql: str, asked: Asked, files: Files) -> tuple[str, dict[str, object]]:
    """The whole statement with the parameters it names and no others."""
    whole, names = _whole(sql, frozenset(table for table, these in files.items() if these))
    known = {**asked, **{f"{FILES}{table}": these for table, these in files.items()}}
    return whole, {name: _value(known[name]) for name in names}


@lru_cache(maxsize=1024)
def _whole(sql: str, filled: frozenset[str]) -> tuple[str, frozenset[str]]:
    """The statement with the tables it names, and the names of its parameters; of tables not `filled` there is no file yet."""
    tables = [f"{table} AS NOT MATERIALIZED ({_table(table, filled=table in filled)})" for table in places.TABLES if table in sql]
    rest = f", {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f" {sql}"
    whole = f"WITH {', '.join(tables)}{rest}"
    return whole, frozenset(PARAMETER.findall(whole))


def _table(table: str, *, filled: bool) -> str:
    names = places.columns(table)
    if not filled:
        return f"SELECT {', '.join(f'NULL::{TYPES[kind]} AS {name}' for name, kind in names)} WHERE false"
    read = f"read_parquet(${FILES}{table}, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    return f"SELECT {', '.join(name for name, _kind in names)} FROM {read}"


def _value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


class _Database:
    """DuckDB over one lake: connections at rest, one for each question at a time, and the files whose columns it remembers.

    It remembers those of files that are no more, too, some 50 KB each, until it is closed: in an hour of copies a hundred megabytes.
    """

    def __init__(self, path: Path) -> None:
        import duckdb  # noqa: PLC0415 - weight

        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": THREADS,
            "temp_directory": str(own_room()),
            "max_temp_directory_size": SPILLED,
        }
        self._first = duckdb.connect(":memory:", config=config)
        # The files are on this machine, and the system keeps them in memory: DuckDB would keep them once more, up to its limit.
        self._first.execute("SET autoinstall_known_extensions = false; SET enable_external_file_cache = false")
        folder = str(path).replace("'", "''")
        self._first.execute(f"SET allowed_directories = ['{folder}']; SET enable_external_access = false")
        self._at_rest: list[duckdb.DuckDBPyConnection] = []
        self._met: set[str] = set()
        self._retired = False

    def beside(self, files: Collection[str]) -> int:
        """How many files are remembered that a question does not read."""
        return len(self._met.difference(files))

    def meet(self, files: Collection[str]) -> None:
        """Note the files that a question is about to read."""
        self._met.update(files)

    @contextmanager
    def connection(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """A connection that nobody else uses meanwhile."""
        with _lock:
            found = self._at_rest.pop() if self._at_rest else None
        if found is None:
            found = self._first.cursor()
            found.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        try:
            yield found
        finally:
            with _lock:
                if not self._retired:
                    self._at_rest.append(found)
            if self._retired:
                found.close()

    def retire(self) -> None:
        """Let go of everything as soon as the last question is answered; called with the lock held."""
        self._retired = True
        for one in self._at_rest:
            one.close()
        self._at_rest.clear()


def _database(files: Collection[str]) -> _Database:
    """This process's database for the lake, made anew where it remembers too many files."""
    path = places.lake_path()
    with _lock:
        found = _databases.get(path)
        if found is not None and found.beside(files) > REMEMBERED:
            found.retire()
            found = None
        if found is None:
            found = _databases[path] = _Database(path)
        found.meet(files)
        return found
