"""chDB, ClickHouse in this process: one connection, one question at a time, on all processors. Needs the extra `chdb`.

Ibis would count distinct values and take quantiles by estimate where ClickHouse has a quicker way: here every figure is exact.
"""

import datetime as dt
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from peyvand.timeline.engines.contract import Asked, Files, FilesGone, Rows
from peyvand.timeline.engines.parameters import call, field_of, with_parameters
from peyvand.timeline.lake import places

if TYPE_CHECKING:
    import ibis.expr.datatypes as ibis_types
    import sqlglot.expressions as sge

TYPES: Final = {"integer": "Int64", "text": "String", "number": "Float64", "moment": "DateTime64(6, 'UTC')", "day": "Date32"}
OF_IBIS: Final = {"int64": "Int64", "string": "String", "float64": "Float64", "timestamp('UTC')": "DateTime64(6, 'UTC')", "date": "Date32"}
# As SQL means it: a row without a partner has nulls; a filter sees the column, not the new one of its name.
SETTINGS: Final = (
    "SETTINGS join_use_nulls = 1, prefer_column_name_to_alias = 1, max_query_size = 16777216, "
    "max_ast_elements = 1000000, max_expanded_ast_elements = 1000000"
)

_lock = threading.Lock()
_connected: list[Any] = []


def sql(expression: Any) -> str:
    """An expression in ClickHouse's SQL; what a question sets are parameters."""
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight
    from ibis.backends.sql.compilers.clickhouse import compiler  # noqa: PLC0415

    functions = {
        "timezone": lambda zone, at: call("toTimeZone")(at, zone),
        "todate": call("toDate32"),  # of which the usual one knows 1970 to 2149 only
        "row": call("tuple"),
        "epoch_us": call("toUnixTimestamp64Micro"),
        "list_position": lambda numbers, number: call("nullIf")(call("indexOf")(numbers, number), sge.Literal.number(0)),
        "list_extract": call("arrayElementOrNull"),
        "json_extract_string": _json_field,
        "uniq": call("uniqExact"),
        "quantile": call("quantileExactInclusive"),
        "median": call("medianExact"),
    }
    statement = with_parameters(expression, compiler, functions, _parameter)
    for window in statement.find_all(sge.Window):
        if isinstance(window.this, sge.Rank) or window.this.name.lower() == "rank":
            window.set("spec", None)  # the frame Ibis writes makes ClickHouse number rows that are alike
    return str(statement.sql(dialect=compiler.dialect))


def _json_field(properties: "sge.Expression", path: "sge.Expression") -> "sge.Expression":
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    return call("JSONExtract")(properties, field_of(path), sge.Literal.string("Nullable(String)"))


def _parameter(name: str, dtype: "ibis_types.DataType") -> "sge.Expression":
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    kind = f"Array({OF_IBIS[str(dtype.value_type)]})" if dtype.is_array() else OF_IBIS[str(dtype)]
    return sge.Placeholder(this=name, kind=sge.Var(this=kind))


def read(sql: str, asked: Asked, files: Files) -> Rows:
    """Run such SQL over the lake's tables, which stand before it as named queries over their files."""
    tables = ", ".join(f"{table} AS ({_table(table, these)})" for table, these in files.items())
    whole = f"WITH {tables} SELECT * FROM ({sql}) {SETTINGS}"
    with _lock:
        found = _connection().query(whole, "ArrowTable", params={name: _value(value) for name, value in asked.items()})
    # Names are given by a pattern, and one that matches less is no fault to ClickHouse.
    if gone := next((file for these in files.values() for file in these if not Path(file).exists()), None):
        raise FilesGone(gone)
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def _connection() -> Any:
    import chdb  # noqa: PLC0415 - weight, and an extra

    if not _connected:
        _connected.append(chdb.connect(":memory:"))
    return _connected[0]


def _table(table: str, files: Sequence[str]) -> str:
    columns = places.columns(table)
    if not files:
        return f"SELECT {', '.join(f'CAST(NULL AS Nullable({TYPES[kind]})) AS {name}' for name, kind in columns)} WHERE 0"
    partition = places.PARTITIONED.get(table)
    structure = ", ".join(f"{name} Nullable({TYPES[kind]})" for name, kind in columns if name != partition)
    names = ", ".join(f"extract(_path, '/{partition}=([^/]+)/') AS {name}" if name == partition else name for name, _kind in columns)
    return f"SELECT {names} FROM file({_literal(_pattern(table, files))}, 'Parquet', {_literal(structure)})"


def _pattern(table: str, files: Sequence[str]) -> str:
    """These files and no others, as their own names are unique: a pattern has alternatives at each level of folders alone."""
    folders, names = {Path(file).parent.name for file in files}, {Path(file).name for file in files}
    inside = f"{{{','.join(sorted(folders))}}}/" if table in places.PARTITIONED else ""
    return f"{places.lake_path() / table}/{inside}{{{','.join(sorted(names))}}}"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _value(value: object) -> object:
    """A value as a parameter is written: moments in UTC, texts with their tabs and ends of lines escaped."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(part) if isinstance(part, str) else str(part) for part in value)}]"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")
    return str(value) if isinstance(value, dt.date) else value
