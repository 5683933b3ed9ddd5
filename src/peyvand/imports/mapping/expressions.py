"""Expressions of a map, compiled once into functions over a row. Nothing of a map is ever executed. Called by rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from peyvand.imports.mapping.schema import Source, Value, When
from peyvand.imports.mapping.values import Reading, ValueProblem, as_amount, as_moment, as_number, as_text, as_yes_no, is_blank
from peyvand.imports.reading.naming import place_of
from peyvand.imports.types import FileProblem, MapProblem, Row

HOLE: Final = re.compile(r"\{([^{}]+)\}")
SOURCES: Final = ("column", "constant", "template", "first", "multiply", "add", "after", "days_between", "count")
ROW_NUMBER: Final = "#"


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions stand over: the row, and the rows they may be summed over."""

    row: Row
    lists: Mapping[str, Sequence[Row]]
    number: int  # of the row in the file, from 1


Get = Callable[[Scope], Any]


class Columns:
    """Finds columns by name, however they are spelt; `inner` are those of the lists a row brings, placed behind its own."""

    def __init__(self, names: Sequence[str], inner: Mapping[str, Sequence[str]]) -> None:
        self.names = list(names)
        self.inner = inner

    def place(self, name: str, key: str) -> int:
        """The place of a column in a row. Raises MapProblem."""
        try:
            return place_of(self.names, name)
        except FileProblem as problem:
            raise MapProblem(key, str(problem)) from None

    def within(self, name: str) -> "Columns":
        """Columns as seen from a row of a list: the row it belongs to, then its own under `list.column`; a group's rows are rows."""
        if name == "group":
            return self
        return Columns([*self.names, *(f"{name}.{column}" for column in self.inner[name])], {})


def compile_source(source: Source, columns: Columns, how: Reading, key: str, usual: str = "text") -> Get:
    """A function from a scope to the typed value, None where the file says nothing. It raises ValueProblem."""
    value = Value(column=source) if isinstance(source, str) else source
    given = [name for name in SOURCES if getattr(value, name) is not None]
    if len(given) != 1:
        raise MapProblem(key, _("needs exactly one of: %(names)s") % {"names": ", ".join(SOURCES)})
    if value.sum_over:
        return _typed(_summed(value, columns, how, key), value, how, key, _type_of(value, given[0], usual), computed=True)
    get = _source(given[0], value, columns, how, key)
    return _typed(get, value, how, key, _type_of(value, given[0], usual), computed=given[0] in {"multiply", "add"})


def _type_of(value: Value, given: str, usual: str) -> str:
    if given == "after":
        return "as is"
    if given in {"days_between", "count"}:
        return "number"
    return value.type or (usual if given not in {"multiply", "add"} or usual == "amount" else "number")


def _source(given: str, value: Value, columns: Columns, how: Reading, key: str) -> Get:
    if given == "constant":
        constant = value.constant
        return lambda _scope: constant
    if given == "template":
        return compile_template(value.template or "", columns, how, f"{key}.template")
    if given == "count":
        name = _list_name(value.count or "", columns, f"{key}.count")
        return lambda scope: len(scope.lists.get(name, ()))
    if given in {"after", "days_between"}:
        return _compared(given, value, columns, _reading(value, how, key), key)
    names: list[str] = [value.column or ""] if given == "column" else getattr(value, given)
    places = [columns.place(name, f"{key}.{given}") for name in names]
    if given in {"multiply", "add"}:
        return _computed(places, how, product=given == "multiply")
    return _first(places, how) if len(places) > 1 else _cell(places[0], how)


def _cell(place: int, how: Reading) -> Get:
    missing = how.missing

    def get(scope: Scope) -> Any:
        cell = scope.row[place]
        return None if is_blank(cell, missing) else cell

    return get


def _first(places: Sequence[int], how: Reading) -> Get:
    return lambda scope: next((cell for place in places if not is_blank(cell := scope.row[place], how.missing)), None)


def _computed(places: Sequence[int], how: Reading, *, product: bool) -> Get:
    def get(scope: Scope) -> float | None:
        total = 1.0 if product else 0.0
        for place in places:
            cell = scope.row[place]
            if is_blank(cell, how.missing):
                return None
            total = total * as_number(cell) if product else total + as_number(cell)
        return total

    return get


def _compared(given: str, value: Value, columns: Columns, how: Reading, key: str) -> Get:
    """Whether the first date is later than the second, or how many days lie from the second to the first."""
    pair = value.after if given == "after" else value.days_between
    one, other = (_cell(columns.place(name, f"{key}.{given}"), how) for name in pair or ())

    def get(scope: Scope) -> bool | float | None:
        first, second = one(scope), other(scope)
        if first is None or second is None:
            return None
        gap = as_moment(first, how) - as_moment(second, how)
        return gap.total_seconds() > 0 if given == "after" else round(gap.total_seconds() / 86_400, 4)

    return get


def _summed(value: Value, columns: Columns, how: Reading, key: str) -> Get:
    name = _list_name(value.sum_over, columns, f"{key}.sum_over")
    inner = compile_source(_bare(value), columns.within(name), how, key, "number")

    def get(scope: Scope) -> float | None:
        found = [inner(Scope(row, {}, scope.number)) for row in scope.lists.get(name, ())]
        return sum(number for number in found if number is not None) if any(number is not None for number in found) else None

    return get


def _bare(value: Value) -> Value:
    return Value(column=value.column, multiply=value.multiply, add=value.add, type="number")


def _list_name(name: str, columns: Columns, key: str) -> str:
    if name != "group" and name not in columns.inner:
        raise MapProblem(key, _("names neither a group nor a file joined with many = true"))
    return name


def compile_template(template: str, columns: Columns, how: Reading, key: str) -> Get:
    """Text with columns in braces; None when one of them is blank. `{#}` is the number of the row."""
    parts = HOLE.split(template)
    if "{" in "".join(parts[::2]) or "}" in "".join(parts[::2]):
        raise MapProblem(key, _("has a brace that is not closed"))
    texts = parts[::2]
    gets = [None if name == ROW_NUMBER else _cell(columns.place(name, key), how) for name in parts[1::2]]

    def get(scope: Scope) -> str | None:
        said = [texts[0]]
        for get_cell, text in zip(gets, texts[1:], strict=True):
            cell = scope.number if get_cell is None else get_cell(scope)
            if cell is None:
                return None
            said += (as_text(cell), text)
        return "".join(said)

    return get


def _reading(value: Value, how: Reading, key: str) -> Reading:
    zone = how.zone
    if value.time_zone:
        zone = zone_of(value.time_zone, f"{key}.time_zone")
    return replace(
        how,
        zone=zone,
        unit=value.unit or how.unit,
        calendar=value.calendar or how.calendar,
        order=value.order or how.order,
        format=value.format,
    )


def zone_of(name: str, key: str) -> ZoneInfo:
    """A time zone by name. Raises MapProblem."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MapProblem(key, _("there is no time zone “%(name)s”; write it like Asia/Tehran") % {"name": name[:60]}) from None


def _typed(get: Get, value: Value, how: Reading, key: str, kind: str, *, computed: bool) -> Get:
    convert = _converter(value, _reading(value, how, key), kind, computed=computed)
    if not value.map and value.otherwise is None:
        return lambda scope: None if (cell := get(scope)) is None else convert(cell)
    table = value.map

    def looked_up(scope: Scope) -> Any:
        cell = get(scope)
        found = None if cell is None else table.get(as_text(cell), value.otherwise if value.otherwise is not None else as_text(cell))
        if found is None:
            found = value.otherwise
        return None if found is None else convert(found)

    return looked_up


def _converter(value: Value, how: Reading, kind: str, *, computed: bool) -> Callable[[Any], Any]:
    yes, no = (frozenset(text.lower() for text in texts) for texts in (value.yes, value.no))
    converters: dict[str, Callable[[Any], Any]] = {
        "text": as_text,
        "number": _tidy_number,
        "integer": lambda cell: round(as_number(cell)),
        "yes_no": lambda cell: as_yes_no(cell, yes, no),
        "moment": lambda cell: as_moment(cell, how),
        "date": lambda cell: as_moment(cell, how).astimezone(how.zone).isoformat(),
        "amount": lambda cell: as_amount(cell, how, computed=computed),
        "as is": lambda cell: cell,
    }
    return converters[kind]


def _tidy_number(cell: Any) -> int | float:
    number = as_number(cell)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def compile_when(when: When | Sequence[When], columns: Columns, how: Reading, key: str) -> Callable[[Scope], bool]:
    """A function that says whether all conditions hold."""
    conditions = [when] if isinstance(when, When) else list(when)
    tests = [(_cell(columns.place(one.column, f"{key}.column"), how), one) for one in conditions]
    return lambda scope: all(_holds(get(scope), one) for get, one in tests)


def _holds(cell: Any, one: When) -> bool:
    text = "" if cell is None else as_text(cell)
    checks = (
        one.is_ is None or text == one.is_,
        one.is_not is None or text != one.is_not,
        one.in_ is None or text in one.in_,
        one.starts_with is None or text.startswith(one.starts_with),
        one.not_starts_with is None or not text.startswith(one.not_starts_with),
        one.filled is None or one.filled == (cell is not None),
    )
    return all(checks) and _within(cell, one)


def _within(cell: Any, one: When) -> bool:
    if one.above is None and one.below is None:
        return True
    if cell is None:
        return False
    try:
        number = as_number(cell)
    except ValueProblem:
        return False
    return (one.above is None or number > one.above) and (one.below is None or number < one.below)
