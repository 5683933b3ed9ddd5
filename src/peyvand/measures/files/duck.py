"""DuckDB in memory over one file, without extensions from the net or files left behind. Called by the fast readers."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@contextmanager
def duck(path: Path) -> Iterator[tuple["duckdb.DuckDBPyConnection", str]]:
    """Open a connection and give the address of the file as an SQL literal: a link where the name would be taken for a pattern."""
    import duckdb  # noqa: PLC0415  weight

    with tempfile.TemporaryDirectory(prefix="peyvand-") as folder:
        address = path.absolute()
        if set("*?[{") & set(str(address)):
            address = Path(folder) / "file"
            address.symlink_to(path.absolute())
        options: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=options) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would land in the middle of the answer
            yield connection, text_literal(str(address))


def duck_error() -> type[Exception]:
    """Return the class of everything DuckDB raises."""
    import duckdb  # noqa: PLC0415  weight

    return duckdb.Error


def text_literal(text: str) -> str:
    """Return the text as an SQL literal. Parameters would do, but with one DuckDB imports pandas: two seconds for a command."""
    return "'" + text.replace("'", "''") + "'"


def name_literal(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_columns(names: Sequence[str]) -> str:
    """Return the `columns` argument of DuckDB's readers that takes every name as text."""
    return "{" + ", ".join(f"{text_literal(name)}: 'VARCHAR'" for name in names) + "}"
