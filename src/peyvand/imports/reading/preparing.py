"""Preparing: other files joined beside the main one, rows of a group brought together; then units are read in order.

Called by services with staged files. The prepared file has the same order each time, so a position in it outlives a kill.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.imports.mapping.schema import ImportMap, Join
from peyvand.imports.reading.columnar import check_parquet, parquet_rows
from peyvand.imports.reading.naming import place_of
from peyvand.imports.reading.staging import Staged
from peyvand.imports.types import FAULT, FileProblem, MapProblem, Row
from peyvand.measures.files.duck import duck, duck_error, name_literal, text_literal

MEMORY: Final = "512MB"


class Prepared(NamedTuple):
    """Rows ready for the rules: `columns` in the order of each row; `many` names the columns of files joined as lists."""

    path: Path
    columns: Sequence[str]
    many: Mapping[str, Sequence[str]]
    rows: int
    group: int | None  # the place of the column that holds a group together


class Unit(NamedTuple):
    """What a rule is applied to: one row, or the rows of a group; `start` is the position of its first row."""

    start: int
    rows: Sequence[Row]


def prepare(main: Staged, joined: Mapping[str, Staged], wanted: ImportMap, folder: Path) -> Prepared:
    """Bring main and joined files together; a map without joins and groups uses the main file as it is."""
    if not wanted.joins and not wanted.group_by:
        columns, rows = check_parquet(main.path)
        return Prepared(main.path, columns, {}, rows, None)
    missing = [name for name in wanted.joins if name not in joined]
    if missing:
        raise MapProblem(f"joins.{missing[0]}", _("the map needs this file beside the main one; give it with the import"))
    target = folder / "prepared.parquet"
    many = {name: list(joined[name].columns) for name, join in wanted.joins.items() if join.many}
    try:
        with duck(main.path) as (connection, address):
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            connection.execute(f"SET threads = 2; SET temp_directory = {text_literal(str(folder / 'spill'))}")
            connection.execute(
                f"COPY ({_select(main, joined, wanted, address)}) TO {text_literal(str(target))} (FORMAT parquet, ROW_GROUP_SIZE 20000)"
            )
    except duck_error() as error:
        raise FileProblem(_("The files could not be brought together: %(reason)s") % {"reason": str(error).partition("\n")[0]}) from None
    columns, rows = check_parquet(target)
    group = columns.index(_column(main, wanted.group_by, "group_by")) if wanted.group_by else None
    return Prepared(target, columns, many, rows, group)


def units(prepared: Prepared, start: int = 0) -> Iterator[Unit]:
    """Units from a position on, in the same order each time."""
    place = prepared.group
    rows = parquet_rows(prepared.path, prepared.columns, start)
    if place is None:
        yield from (Unit(position, (row,)) for position, row in enumerate(rows, start=start))
        return
    held: list[Row] = []
    for row in rows:
        if held and (row[place] is None or row[place] != held[0][place]):
            yield Unit(start, held)
            start += len(held)
            held = []
        held.append(row)
    if held:
        yield Unit(start, held)


def _column(staged: Staged, name: str, key: str) -> str:
    try:
        return staged.columns[place_of(staged.columns, name)]
    except FileProblem as problem:
        raise MapProblem(key, str(problem)) from None


def _select(main: Staged, joined: Mapping[str, Staged], wanted: ImportMap, address: str) -> str:
    """One statement: the rows in the file's order (or their groups', by first row), with what is joined to them."""
    source = f"read_parquet({address}, file_row_number = true, hive_partitioning = false)"
    columns = [f"m.{name_literal(name)}" for name in (*main.columns, *_fault_of(main))]
    order, clauses = "m.file_row_number", []
    if wanted.group_by:
        key = name_literal(_column(main, wanted.group_by, "group_by"))
        clauses.append(f"LEFT JOIN (SELECT {key} AS k, min(file_row_number) AS first FROM {source} GROUP BY 1) g ON g.k = m.{key}")
        order = "coalesce(g.first, m.file_row_number), m.file_row_number"
    for number, (name, join) in enumerate(wanted.joins.items()):
        other, key = joined[name], f"joins.{name}"
        on = _joined_on(main, joined, wanted, join, key)
        clauses.append(_join(f"j{number}", other, join, on, key))
        columns += _joined_columns(f"j{number}", name, other, many=join.many)
    return f"SELECT {', '.join(columns)} FROM {source} m {' '.join(clauses)} ORDER BY {order}"


def _fault_of(staged: Staged) -> Sequence[str]:
    return (FAULT,) if FAULT in check_parquet(staged.path)[0] and FAULT not in staged.columns else ()


def _joined_on(main: Staged, joined: Mapping[str, Staged], wanted: ImportMap, join: Join, key: str) -> str:
    """The expression the joined file's key must equal: a column of the main file or of a file joined before it."""
    other, dot, rest = join.on.partition(".")
    if dot and other in wanted.joins and not wanted.joins[other].many:
        number = list(wanted.joins).index(other)
        return f"j{number}.{name_literal(_column(joined[other], rest, f'{key}.on'))}"
    return f"m.{name_literal(_column(main, join.on, f'{key}.on'))}"


def _join(alias: str, other: Staged, join: Join, on: str, key: str) -> str:
    key_column = name_literal(_column(other, join.key, f"{key}.key"))
    read = f"read_parquet({text_literal(str(other.path.absolute()))}, file_row_number = true, hive_partitioning = false)"
    if join.many:
        fields = ", ".join(f"c{n} := {name_literal(name)}" for n, name in enumerate(other.columns))
        inner = f"SELECT {key_column}::VARCHAR AS k, list(struct_pack({fields}) ORDER BY file_row_number) AS held FROM {read} GROUP BY 1"
    else:
        first = f"row_number() OVER (PARTITION BY {key_column} ORDER BY file_row_number) = 1"
        inner = f"SELECT *, {key_column}::VARCHAR AS k FROM {read} QUALIFY {first}"
    return f"LEFT JOIN ({inner}) {alias} ON {alias}.k = {on}::VARCHAR"


def _joined_columns(alias: str, name: str, other: Staged, *, many: bool) -> list[str]:
    if many:
        return [f"{alias}.held AS {name_literal(name)}"]
    return [f"{alias}.{name_literal(column)} AS {name_literal(f'{name}.{column}')}" for column in other.columns]
