"""Reading the lake: which files its tables have now, and the engine that computes over them. Called by insights."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from django.conf import settings

from peyvand.timeline.engines import in_chdb, in_duckdb, on_spark
from peyvand.timeline.engines.contract import Engine, FilesGone, Rows
from peyvand.timeline.lake.places import PERCEPTIONS, ROLLUPS, TABLES
from peyvand.timeline.lake.presence import forget, present

log = structlog.get_logger()
ENGINES: Final[Mapping[str, Engine]] = {"duckdb": in_duckdb, "chdb": in_chdb, "spark": on_spark}

Versions = tuple[int, ...]
Variables = Mapping[str, object]
Months = Sequence[tuple[str, str]]  # from and to, both included, as in "2026-11"


def engine_name() -> str:
    """The engine that computes figures here."""
    return str(settings.PEYVAND_ANALYTICS).partition(":")[0]


def sql_for(expression: Any) -> str:
    """An Ibis expression over the lake's tables in the SQL of the engine, for `read`."""
    return ENGINES[engine_name()].sql(expression)


def lake_versions() -> Versions:
    """The version of every table that figures are read from: figures of equal versions are equal."""
    return tuple(present(table).version for table in TABLES)


def scores_agree() -> bool:
    """Whether rows and rollups tell of the same scores: between the two commits of a step they do not."""
    return present(PERCEPTIONS).scores == present(ROLLUPS).scores


def size_of(table: str) -> int:
    """How many bytes a table's files have."""
    return present(table).size


def read(sql: str, variables: Variables, months: Mapping[str, Months] | None = None) -> Rows:
    """Run what `sql_for` gave, with the variables a question sets.

    `months` names the months that matter of a table, which spares the engine the files of others.
    A file that compaction took away meanwhile makes it look again, once.
    """
    try:
        return ENGINES[engine_name()].read(sql, variables, _files(months or {}))
    except FilesGone as error:
        log.info("lake.read_again", error=str(error))
        forget()
        return ENGINES[engine_name()].read(sql, variables, _files(months or {}))


def _files(months: Mapping[str, Months]) -> dict[str, Sequence[str]]:
    files = {table: present(table).files for table in TABLES}
    return {table: _within(these, months[table]) if table in months else these for table, these in files.items()}


def _within(files: Sequence[str], months: Months) -> Sequence[str]:
    """The files of these months; at least one, since the engine must see the columns."""
    found = [file for file in files if any(first <= _month(file) <= last for first, last in months)]
    return found or files[:1]


def _month(file: str) -> str:
    return file.partition("/month=")[2][:7]
