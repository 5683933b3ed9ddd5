"""A Spark cluster: this process is the driver of an application of its own there. Needs the extra `spark` and Java 17.

The executors read the lake's Parquet files themselves, under the same path; which files, our own reader of the log of each table tells.
"""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from peyvand.timeline.engines.contract import Asked, Files, FilesGone, Rows
from peyvand.timeline.engines.parameters import call, field_of, with_parameters
from peyvand.timeline.lake import places

if TYPE_CHECKING:
    import ibis.expr.datatypes as ibis_types
    import sqlglot.expressions as sge

TYPES: Final = {"integer": "BIGINT", "text": "STRING", "number": "DOUBLE", "moment": "TIMESTAMP", "day": "DATE"}
OF_IBIS: Final = {"int64": "BIGINT", "string": "STRING", "float64": "DOUBLE", "timestamp('UTC')": "TIMESTAMP", "date": "DATE"}
USUAL: Final = {  # where Spark's own configuration (SPARK_CONF_DIR) says nothing
    "spark.cores.max": "2",  # a standalone cluster would give all it has to the first application
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "10000",  # the files are known, and no job need look for them
    "spark.ui.enabled": "false",
}
OURS: Final = {
    "spark.app.name": "peyvand",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}
GONE: Final = ("FAILED_READ_FILE", "FileNotFoundException", "PATH_NOT_FOUND")

_lock = threading.Lock()
_sessions: list[Any] = []


def sql(expression: Any) -> str:
    """An expression in Spark's SQL; what a question sets are parameters."""
    import ibis  # noqa: PLC0415 - weight
    import sqlglot.expressions as sge  # noqa: PLC0415
    from ibis.backends.sql.compilers.pyspark import compiler  # noqa: PLC0415

    _ = ibis.pyspark  # lays out options that the compiler asks for

    functions = {
        "timezone": lambda zone, at: call("from_utc_timestamp")(at, zone),
        "row": call("struct"),
        "epoch_us": call("unix_micros"),
        "list_position": lambda numbers, number: call("nullif")(call("array_position")(numbers, number), sge.Literal.number(0)),
        "list_extract": _element,
        "json_extract_string": _json_field,
    }
    return str(with_parameters(expression, compiler, functions, _parameter).sql(dialect=compiler.dialect))


def _element(numbers: "sge.Expression", place: "sge.Expression") -> "sge.Expression":
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    return call("try_element_at")(numbers, sge.cast(place, "int"))


def _json_field(properties: "sge.Expression", path: "sge.Expression") -> "sge.Expression":
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    inside = call("concat")(sge.Literal.string("$['"), field_of(path), sge.Literal.string("']"))
    return call("get_json_object")(properties, inside)


def _parameter(name: str, dtype: "ibis_types.DataType") -> "sge.Expression":
    import sqlglot.expressions as sge  # noqa: PLC0415 - weight

    kind = f"ARRAY<{OF_IBIS[str(dtype.value_type)]}>" if dtype.is_array() else OF_IBIS[str(dtype)]
    return sge.cast(sge.Placeholder(this=name), sge.DataType.build(kind, dialect="spark"))


def read(sql: str, asked: Asked, files: Files) -> Rows:
    """Run such SQL on the cluster."""
    session = _session().newSession()  # views of its own: others read at the same time, other files perhaps
    try:
        for table, these in files.items():
            _frame(session, table, these).createOrReplaceTempView(table)
        rows = session.sql(sql, args={name: _value(value) for name, value in asked.items()}).collect()
    except Exception as error:  # of the many it raises none is for a file alone
        if any(word in str(error) for word in GONE):
            raise FilesGone(str(error).partition("\n")[0]) from error
        raise
    return [tuple(row) for row in rows]


def _session() -> Any:
    """The application of this process; begun again where the cluster ended it."""
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - weight, and an extra
    from pyspark.sql import SparkSession  # noqa: PLC0415

    with _lock:
        if _sessions and _sessions[0].sparkContext._jsc.sc().isStopped():  # noqa: SLF001 - no other door
            _sessions.pop().stop()
        if not _sessions:
            SparkContext.setSystemProperty("spark.master", settings.PEYVAND_ANALYTICS)  # starts Java, which reads Spark's configuration
            configuration = SparkConf().setAll(OURS.items())
            for name, value in USUAL.items():
                configuration.setIfMissing(name, value)
            _sessions.append(SparkSession.builder.config(conf=configuration).master(settings.PEYVAND_ANALYTICS).getOrCreate())
        return _sessions[0]


def end() -> None:
    """Give back what this process holds of the cluster."""
    with _lock:
        while _sessions:
            _sessions.pop().stop()


def _frame(session: Any, table: str, files: Sequence[str]) -> Any:
    schema = ", ".join(f"{name} {TYPES[kind]}" for name, kind in places.columns(table))
    if not files:
        return session.createDataFrame([], schema)
    return session.read.schema(schema).option("basePath", str(places.lake_path() / table)).parquet(*files)


def _value(value: object) -> Any:
    """A value as a parameter: moments are texts with their offset, which the SQL casts."""
    if isinstance(value, list | tuple):
        from pyspark.sql import functions  # noqa: PLC0415 - weight

        array: Callable[..., Any] = functions.array
        return array(*(functions.lit(part) for part in value))
    return value if isinstance(value, int | float | str) else str(value)
