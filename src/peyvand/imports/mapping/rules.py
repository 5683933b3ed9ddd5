"""A map compiled against the columns of a file: units of rows in, timeline items or rejections out. Called by services."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from peyvand.core.money import MoneyError, exponent
from peyvand.identities.types import TYPE_NAMES
from peyvand.imports.languages import unpacked
from peyvand.imports.mapping.expressions import Columns, Get, Scope, compile_source, compile_template, compile_when, zone_of
from peyvand.imports.mapping.schema import DIMENSIONS, ConsentRule, CustomerRule, ImportMap, Lines, PerceptionRule, Rule
from peyvand.imports.mapping.values import Reading, ValueProblem, as_text
from peyvand.imports.reading.preparing import Prepared, Unit
from peyvand.imports.types import FAULT, MapProblem, Row
from peyvand.timeline.reasons import in_words
from peyvand.timeline.types import Item

MOST_LINE_BYTES: Final = 60_000
NAME_LENGTH: Final = 160
OWN_ID_LENGTH: Final = 100  # of a company
CODE_LENGTH: Final = 120
AT: Final = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Context:
    """What a map takes from the workspace where it does not say it itself."""

    time_zone: str
    currency: str
    unit: str
    kinds: frozenset[str]


class Rejection(NamedTuple):
    """Why nothing could be recorded of a unit: the rule's kind, the field, the reason."""

    kind: str
    field: str
    reason: str


Made = Item | Rejection
Build = Callable[[Scope], dict[str, Any]]


class Compiled(NamedTuple):
    """A map ready to run."""

    rules: Sequence[Callable[[Scope], Iterator[Made]]]
    fault: int | None
    many: Mapping[str, int]  # list → the place of its column

    def items(self, unit: Unit) -> list[Made]:
        """What a unit becomes; empty when no rule wants it."""
        if self.fault is not None:
            for row in unit.rows:
                if row[self.fault] is not None:
                    return [Rejection("", "", unpacked(str(row[self.fault])))]
        head = unit.rows[0]
        lists: dict[str, Sequence[Row]] = {name: _inner(head, head[place]) for name, place in self.many.items()}
        lists["group"] = unit.rows
        scope = Scope(head, lists, unit.start + 1)
        return [made for rule in self.rules for made in rule(scope)]


def _inner(row: Row, held: Any) -> Sequence[Row]:
    return [(*row, *line.values()) for line in held] if held else ()


def compile_map(wanted: ImportMap, prepared: Prepared, context: Context) -> Compiled:
    """Check a map against the file and the workspace, and make its rules. Raises MapProblem naming the key."""
    columns = Columns(prepared.columns, prepared.many)
    currency = wanted.currency or context.currency
    unit = wanted.unit if wanted.unit != "major" or wanted.currency else context.unit
    zone = zone_of(wanted.time_zone or context.time_zone, "time_zone")
    try:
        exponent(currency)
    except MoneyError as error:
        raise MapProblem("currency", str(error)) from None
    how = Reading(zone, currency, unit, wanted.calendar, wanted.order, None, frozenset(wanted.missing))
    rules = [_rule(wanted, n, columns, how, context) for n in range(len(wanted.interactions))]
    fault = prepared.columns.index(FAULT) if FAULT in prepared.columns else None
    return Compiled(rules, fault, {name: list(prepared.columns).index(name) for name in prepared.many})


def _rule(wanted: ImportMap, n: int, columns: Columns, how: Reading, context: Context) -> Callable[[Scope], Iterator[Made]]:
    rule, key = wanted.interactions[n], f"interactions[{n}]"
    if rule.kind not in context.kinds:
        raise MapProblem(f"{key}.kind", _("the kind “%(kind)s” is not known; declare it in settings first") % {"kind": rule.kind[:60]})
    own = columns.within(rule.each) if rule.each else columns
    applies = compile_when(rule.when, own, how, f"{key}.when")
    build = _item(rule, wanted, own, how, key)
    kind = rule.kind

    def run(scope: Scope) -> Iterator[Made]:
        scopes = [scope] if not rule.each else [Scope(row, scope.lists, scope.number) for row in scope.lists.get(rule.each, ())]
        for one in scopes:
            try:
                if applies(one):
                    yield msgspec.convert(build(one), Item)
            except ValueAt as fault:
                yield Rejection(kind, fault.field, fault.reason)
            except msgspec.ValidationError as error:
                at = AT.match(str(error))
                yield Rejection(kind, at[2] if at else "", in_words(at[1] if at else str(error)))

    return run


class ValueAt(Exception):
    """A value that cannot be read, with the field it was for."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field)
        self.field = field
        self.reason = reason


def _at(field: str, get: Get) -> Get:
    def named(scope: Scope) -> Any:
        try:
            return get(scope)
        except ValueProblem as problem:
            raise ValueAt(field, str(problem)) from None

    return named


def _item(rule: Rule, wanted: ImportMap, columns: Columns, how: Reading, key: str) -> Build:
    fields = _fields(rule, columns, how, key)
    moment = _at("occurred_at", compile_source(rule.occurred_at, columns, how, f"{key}.occurred_at", "moment"))
    external = compile_template(rule.external_id, columns, how, f"{key}.external_id") if rule.external_id else None
    who = rule.customer or wanted.customer
    customer = _customer(who, columns, how, f"{key}.customer" if rule.customer else "customer") if who else None
    properties = _properties(rule, columns, how, key)
    felt = [_perception(one, columns, how, f"{key}.perceptions[{n}]") for n, one in enumerate(rule.perceptions)]

    def build(scope: Scope) -> dict[str, Any]:
        at = moment(scope)
        if at is None:
            raise ValueAt("occurred_at", _("is empty"))
        made: dict[str, Any] = {"kind": rule.kind, "occurred_at": at, "source": wanted.source}
        made |= {field: value for field, get in fields if (value := get(scope)) is not None}
        _complete(made, rule, how)
        if external is not None:
            made["external_id"] = _filled(external(scope))
        if customer is not None and (person := customer(scope)):
            made["customer"] = person
        made["properties"] = properties(scope)
        made["perceptions"] = [one for get_felt in felt if (one := get_felt(scope))]
        return made

    return build


def _complete(made: dict[str, Any], rule: Rule, how: Reading) -> None:
    """What follows from other fields: the subject of its id, the currency of an amount."""
    subject_id = made.pop("subject_id", None)
    if rule.subject and subject_id is not None:
        made["subject"] = {"type": rule.subject.type, "id": as_text(subject_id)}
    if "amount" in made:
        made.setdefault("currency", how.currency)


def _filled(external: str | None) -> str:
    if external is None:
        raise ValueAt("external_id", _("a column it is made of is empty"))
    return external


def _fields(rule: Rule, columns: Columns, how: Reading, key: str) -> list[tuple[str, Get]]:
    """Codes, amount and durations: the parts of an item that are one value each."""
    kinds = {"amount": "amount", "duration_s": "number", "response_s": "number"}
    made = []
    for field in (*DIMENSIONS, "amount", "currency", "duration_s", "response_s"):
        source = getattr(rule, field)
        if source is not None:
            get = _at(field, compile_source(source, columns, how, f"{key}.{field}", kinds.get(field, "text")))
            made.append((field, _cut(get, CODE_LENGTH) if field in DIMENSIONS else get))
    if rule.subject:
        made.append(("subject_id", _at("subject.id", compile_source(rule.subject.id, columns, how, f"{key}.subject.id"))))
    return made


def _cut(get: Get, length: int) -> Get:
    return lambda scope: None if (text := get(scope)) is None else text[:length]


def _customer(who: CustomerRule, columns: Columns, how: Reading, key: str) -> Callable[[Scope], dict[str, Any] | None]:
    for kind in who.identities:
        if kind not in TYPE_NAMES:
            raise MapProblem(
                f"{key}.identities.{kind}", _("is no kind of identity; use one of: %(names)s") % {"names": ", ".join(TYPE_NAMES)}
            )
    identities = [
        (kind, _at(f"customer.identities.{kind}", compile_source(source, columns, how, f"{key}.identities.{kind}")))
        for kind, source in who.identities.items()
    ]
    attributes = [
        (name, _at(f"customer.attributes.{name}", compile_source(source, columns, how, f"{key}.attributes.{name}")))
        for name, source in who.attributes.items()
    ]
    texts = [
        (name, _cut(compile_source(source, columns, how, f"{key}.{name}"), NAME_LENGTH))
        for name, source in (("name", who.name), ("language", who.language))
        if source is not None
    ]
    consents = [_consent(one, columns, how, f"{key}.consents[{n}]") for n, one in enumerate(who.consents)]
    company = (
        [
            (name, _at("customer.company", _cut(compile_source(source, columns, how, f"{key}.company.{name}"), length)))
            for name, source, length in (("own_id", who.company.own_id, OWN_ID_LENGTH), ("name", who.company.name, NAME_LENGTH))
            if source is not None
        ]
        if who.company is not None
        else []
    )

    def build(scope: Scope) -> dict[str, Any] | None:
        known = [{"type": kind, "value": value} for kind, get in identities if (value := get(scope)) is not None]
        if not known:
            return None
        person: dict[str, Any] = {"identities": known}
        person |= {name: value for name, get in texts if (value := get(scope)) is not None}
        person["attributes"] = {name: value for name, get in attributes if (value := get(scope)) is not None}
        person["consents"] = [one for get in consents if (one := get(scope))]
        if employer := {name: value for name, get in company if (value := get(scope)) is not None}:
            person["company"] = employer
        return person

    return build


def _consent(one: ConsentRule, columns: Columns, how: Reading, key: str) -> Callable[[Scope], dict[str, Any] | None]:
    get = _at("customer.consents", compile_source(one.granted, columns, how, f"{key}.granted", "yes_no"))
    purpose, channel = one.purpose, one.channel
    return lambda scope: None if (yes := get(scope)) is None else {"purpose": purpose, "channel": channel, "granted": yes}


def _properties(rule: Rule, columns: Columns, how: Reading, key: str) -> Build:
    named = [
        (name, _at(f"properties.{name}", compile_source(source, columns, how, f"{key}.properties.{name}")))
        for name, source in rule.properties.items()
    ]
    lines = _lines(rule.lines, columns, how, f"{key}.lines") if rule.lines else None

    def build(scope: Scope) -> dict[str, Any]:
        properties = {name: value for name, get in named if (value := get(scope)) is not None}
        if lines is not None:
            properties["lines"] = lines(scope)
        return properties

    return build


def _lines(wanted: Lines, columns: Columns, how: Reading, key: str) -> Callable[[Scope], list[dict[str, Any]]]:
    inner = columns.within(wanted.from_)
    kinds = {"quantity": "number", "amount": "amount"}
    gets = [
        (field, _at(f"properties.lines.{field}", compile_source(source, inner, how, f"{key}.{field}", kinds.get(field, "text"))))
        for field in ("product", "name", "quantity", "amount")
        if (source := getattr(wanted, field)) is not None
    ]

    def build(scope: Scope) -> list[dict[str, Any]]:
        lines = []
        for row in scope.lists.get(wanted.from_, ()):
            one = Scope(row, {}, scope.number)
            if line := {field: value for field, get in gets if (value := get(one)) is not None}:
                lines.append(line)
        if len(lines) > 300 and len(msgspec.json.encode(lines)) > MOST_LINE_BYTES:  # a very long order keeps codes and drops names
            lines = [{field: value for field, value in line.items() if field != "name"} for line in lines]
        return lines

    return build


def _perception(one: PerceptionRule, columns: Columns, how: Reading, key: str) -> Callable[[Scope], dict[str, Any] | None]:
    missing = {float(value) for value in one.missing if not isinstance(value, str)}
    texts = {value for value in one.missing if isinstance(value, str)}
    how = Reading(how.zone, how.currency, how.unit, how.calendar, how.order, None, how.missing | texts)
    value = (
        _at(f"{one.measure}.value", compile_source(one.value, columns, how, f"{key}.value", "number")) if one.value is not None else None
    )
    text = _at(f"{one.measure}.text", compile_source(one.text, columns, how, f"{key}.text")) if one.text is not None else None
    if value is None and text is None:
        raise MapProblem(key, _("needs a value or a text"))

    def build(scope: Scope) -> dict[str, Any] | None:
        felt: dict[str, Any] = {"measure": one.measure, "item": one.item}
        score = value(scope) if value is not None else None
        if score is not None and score not in missing:
            felt["value"] = score
            if one.scale:
                felt["scale"] = one.scale
        words = text(scope) if text is not None else None
        if words:
            felt["text"] = words
        return felt if "value" in felt or "text" in felt else None

    return build
