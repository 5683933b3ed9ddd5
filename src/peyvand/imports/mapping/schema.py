"""What a map may say. `read_map` checks TOML against it, naming the key that is wrong. docs/reference/import-maps.md tells the same."""

import re
import tomllib
from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _

from peyvand.imports.reading.options import FileOptions
from peyvand.imports.types import MapProblem

MOST_BYTES: Final = 256 * 1024
DIMENSIONS: Final = ("channel", "touchpoint", "stage", "product", "branch", "department", "employee", "device", "language")
NAMED: Final = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
Type = Literal["text", "number", "integer", "yes_no", "date", "amount"]


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: exactly one source, and how it is read."""

    column: str | None = None
    constant: str | int | float | bool | None = None
    template: str | None = None
    first: list[str] | None = None
    multiply: list[str] | None = None
    add: list[str] | None = None
    after: tuple[str, str] | None = None
    days_between: tuple[str, str] | None = None
    count: str | None = None
    sum_over: str = ""
    map: dict[str, str] = {}
    otherwise: str | None = None
    type: Type | None = None
    calendar: Literal["auto", "jalali", "gregorian"] | None = None
    order: Literal["ymd", "dmy", "mdy"] | None = None
    format: str | None = None
    time_zone: str | None = None
    unit: Literal["major", "toman", "rial", "minor"] | None = None
    yes: list[str] = []
    no: list[str] = []


Source = str | Value  # a bare text is a column's name


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"is_": "is", "in_": "in"}):
    """A condition on one column; all that is said must hold."""

    column: str
    is_: str | None = None
    is_not: str | None = None
    in_: list[str] | None = None
    starts_with: str | None = None
    not_starts_with: str | None = None
    filled: bool | None = None
    above: float | None = None
    below: float | None = None


class ConsentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer agreed to, by a yes or no in the file."""

    purpose: str
    channel: str
    granted: Source


class CustomerRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who it is about."""

    identities: dict[str, Source] = {}
    name: Source | None = None
    language: Source | None = None
    attributes: dict[str, Source] = {}
    consents: list[ConsentRule] = []
    company: "CompanyRule | None" = None


class CompanyRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The company somebody acts for: by the file's own number, its name, or both."""

    own_id: Source | None = None
    name: Source | None = None


class SubjectRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ties interactions together, such as an order."""

    type: str
    id: Source


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of an order: the rows of the group, or of a file joined as many."""

    from_: str = msgspec.field(name="from", default="group")
    product: Source | None = None
    name: Source | None = None
    quantity: Source | None = None
    amount: Source | None = None


class PerceptionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A score, words, or both."""

    measure: str
    value: Source | None = None
    scale: tuple[float, float] | None = None
    item: str = ""
    text: Source | None = None
    missing: list[float | str] = []


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One interaction made of a row, of a group of rows, or of each row joined to it."""

    kind: str
    occurred_at: Source
    each: str = ""
    when: When | list[When] = []
    external_id: str | None = None
    customer: CustomerRule | None = None
    subject: SubjectRule | None = None
    channel: Source | None = None
    touchpoint: Source | None = None
    stage: Source | None = None
    product: Source | None = None
    branch: Source | None = None
    department: Source | None = None
    employee: Source | None = None
    device: Source | None = None
    language: Source | None = None
    amount: Source | None = None
    currency: Source | None = None
    duration_s: Source | None = None
    response_s: Source | None = None
    properties: dict[str, Source] = {}
    lines: Lines | None = None
    perceptions: list[PerceptionRule] = []


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another file of the same import: `key` is its column, `on` the column here that it must equal."""

    key: str
    on: str
    many: bool = False
    files: list[str] = []  # patterns of names by which it is recognised


class Recognised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By what a file is recognised as one for this map."""

    columns: list[str] = []


class ImportMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole map."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    interactions: Annotated[list[Rule], msgspec.Meta(min_length=1, max_length=40)]
    title: dict[str, str] = {}
    about: dict[str, str] = {}
    recognise: Recognised = Recognised()
    file: FileOptions = FileOptions()
    joins: dict[str, Join] = {}
    group_by: str = ""
    customer: CustomerRule | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    unit: Literal["major", "toman", "rial", "minor"] = "major"
    calendar: Literal["auto", "jalali", "gregorian"] = "auto"
    order: Literal["ymd", "dmy", "mdy"] = "ymd"
    time_zone: str | None = None
    missing: list[str] = []


def read_map(text: str) -> ImportMap:
    """Read and check a map. Raises MapProblem naming the key."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise MapProblem("", _("the map is too long"))
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MapProblem("", _("the map is not proper TOML: %(reason)s") % {"reason": error}) from None
    try:
        checked = msgspec.convert(found, ImportMap)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MapProblem(*_place_of(str(error))) from None
    _check(checked)
    return checked


def _place_of(words: str) -> tuple[str, str]:
    reason, _at, path = words.rpartition(" - at `$")
    if not reason:
        reason, path = words, ""
    path = path.rstrip("`").replace("[...]", "").lstrip(".")
    named = NAMED.match(reason)
    if named is None:
        return path, reason
    key = f"{path}.{named[2]}".lstrip(".")
    return key, _("is missing") if named[1] == "missing required" else _("is no key of a map here")


def _check(wanted: ImportMap) -> None:
    """What the shapes alone do not say."""
    for name, join in wanted.joins.items():
        other, dot, _rest = join.on.partition(".")
        if dot and other in wanted.joins and wanted.joins[other].many:
            raise MapProblem(f"joins.{name}.on", _("cannot follow a file that is joined as many"))
    lists = {"group", *(name for name, join in wanted.joins.items() if join.many)}
    for n, rule in enumerate(wanted.interactions):
        key = f"interactions[{n}]"
        if rule.each and rule.each not in lists - {"group"}:
            raise MapProblem(f"{key}.each", _("names no file joined with many = true"))
        if rule.lines and (rule.lines.from_ not in lists or (rule.lines.from_ == "group" and not wanted.group_by)):
            raise MapProblem(f"{key}.lines.from", _("names neither a group nor a file joined with many = true"))
