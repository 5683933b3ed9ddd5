"""What an item must be before it may enter the timeline. Raises Refused with the field and the reason."""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from peyvand.core.fields import to_micros
from peyvand.core.money import is_currency
from peyvand.identities.normal import IdentityRefused, normal
from peyvand.identities.types import MOST_IDENTITIES, IdentityKey, IdentityType
from peyvand.timeline.kinds import Kind, check_payload
from peyvand.timeline.reasons import in_words
from peyvand.timeline.types import MOST_PERCEPTIONS, MOST_PROPERTIES_BYTES, CustomerIn, Item, PerceptionIn, Refused

FACTS = "customer"  # the property under which a customer's attributes, consents and language travel
OWN_ID = IdentityType.OWN_ID.value
NAMED_IN_REASON = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
AHEAD = 24 * 3600 * 1_000_000
MOST_DEPTH = 32
EARLIEST = to_micros(dt.datetime(1900, 1, 1, tzinfo=dt.UTC))
SCALES: dict[str, tuple[float, float]] = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0), "rating": (1.0, 5.0)}

_encode = msgspec.json.Encoder().encode


class Checker:
    """Checks the items of one call, part by part: knows the phone region and the latest moment allowed."""

    def __init__(self, *, region: str, now: dt.datetime, shared: frozenset[IdentityKey] = frozenset()) -> None:
        self._region, self._shared = region, shared
        self._latest = to_micros(now) + AHEAD

    def moment(self, at: dt.datetime) -> int:
        """When it happened, in microseconds; raises Refused."""
        if at.tzinfo is None:
            raise Refused("occurred_at", _("has no offset; write it like 2026-11-21T10:30:00+03:30"))
        micros = to_micros(at)
        if micros > self._latest:
            raise Refused("occurred_at", _("%(at)s is more than a day ahead") % {"at": at.isoformat()})
        if micros < EARLIEST:
            raise Refused("occurred_at", _("%(at)s is before 1900") % {"at": at.isoformat()})
        return micros

    def identities(self, customer: CustomerIn) -> Sequence[IdentityKey]:
        """The normal forms of a customer's identities, strongest first; raises Refused."""
        given = customer.identities
        if len(given) > MOST_IDENTITIES:
            held = {"n": len(given), "most": MOST_IDENTITIES}
            raise Refused("customer.identities", _("holds %(n)s identities; at most %(most)s are allowed") % held)
        keys: list[IdentityKey] = []
        try:
            for identity in given:
                keys.append(normal(identity.type, identity.value, self._region))
        except IdentityRefused as refused:
            raise Refused(f"customer.identities[{len(keys)}]", str(refused)) from None
        if len(keys) > 1:
            keys = sorted(set(keys))
            if len(keys) > 1 and keys[1][0] == OWN_ID:
                raise Refused("customer.identities", _("holds two own ids; one person has one"))
        if self._shared:
            return [key for key in keys if key not in self._shared]  # what many people share names nobody
        return keys


def properties_text(item: Item, kind: Kind | None, fields: Mapping[str, str]) -> str | None:
    """The properties as they are kept, with what was told of the customer; raises Refused.

    `fields` are those of a kind the workspace declared itself (`kind` None).
    """
    properties, customer = item.properties, item.customer
    if FACTS in properties:
        reason = _("is kept for what is told of the customer; use customer.attributes or another name")
        raise Refused(f"properties.{FACTS}", reason)
    if customer is not None and (customer.attributes or customer.consents or customer.language or customer.company):
        properties = {**properties, FACTS: _facts(customer)}
    if not properties:
        return None
    text = _checked_text(properties, kind, fields)
    if len(text) > MOST_PROPERTIES_BYTES:
        held = {"n": len(text), "most": MOST_PROPERTIES_BYTES}
        raise Refused("properties", _("takes %(n)s characters; at most %(most)s are allowed") % held)
    if "\\u0000" in text and holds_nul(properties):
        raise Refused("properties", _("holds a NUL character"))
    if text.count("{") + text.count("[") > MOST_DEPTH and not _is_flat(properties, MOST_DEPTH):
        raise Refused("properties", _("is nested more than %(n)s deep") % {"n": MOST_DEPTH})
    return text


def _checked_text(properties: dict[str, Any], kind: Kind | None, fields: Mapping[str, str]) -> str:
    try:
        if kind is not None:
            check_payload(kind, properties)
        else:
            _check_declared(fields, properties)
        return _encode(properties).decode()
    except msgspec.ValidationError as error:
        raise Refused(*field_of(error, "properties")) from None
    except (UnicodeEncodeError, RecursionError, TypeError):
        raise Refused("properties", _("holds text or nesting that cannot be stored")) from None


def field_of(error: msgspec.ValidationError, root: str = "") -> tuple[str, str]:
    """The field and the reason out of msgspec's words: `Expected `str`, got `int` - at `$.customer.name``."""
    reason, _mark, path = str(error).rpartition(" - at `$")
    if not reason:
        reason, path = str(error), ""
    path = f"{root}{path.rstrip('`')}".lstrip(".")
    named = NAMED_IN_REASON.match(reason)
    if named is None:
        return path, in_words(reason)
    path = f"{path}.{named[2]}".lstrip(".")
    return path, _("is missing") if named[1] == "missing required" else _("is no field of an item")


def holds_nul(value: object) -> bool:
    """Say whether a NUL character stands anywhere in decoded JSON."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(holds_nul(key) or holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(holds_nul, value))


def _is_flat(value: object, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    return depth > 0 and all(_is_flat(inner, depth - 1) for inner in (value.values() if isinstance(value, dict) else value))


def _facts(customer: CustomerIn) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if customer.attributes:
        facts["attributes"] = customer.attributes
    if customer.consents:
        facts["consents"] = [{"purpose": c.purpose, "channel": c.channel, "granted": c.granted} for c in customer.consents]
    if customer.language:
        facts["language"] = customer.language
    if customer.company is not None:
        facts["company"] = {name: told for name in ("own_id", "name") if (told := getattr(customer.company, name))}
    return facts


def check_perceptions(perceptions: Sequence[PerceptionIn]) -> None:
    """Check scores against their scales, filling the usual scale of a known measure; raises Refused."""
    if len(perceptions) > MOST_PERCEPTIONS:
        held = {"n": len(perceptions), "most": MOST_PERCEPTIONS}
        raise Refused("perceptions", _("holds %(n)s; at most %(most)s are allowed") % held)
    for n, felt in enumerate(perceptions):
        if felt.scale is None:
            felt.scale = SCALES.get(felt.measure)
        if felt.value is not None:
            _check_score(felt.value, felt.scale, f"perceptions[{n}]", felt.measure)
        elif not felt.text and felt.sentiment is None:
            raise Refused(f"perceptions[{n}].value", _("is missing; give a value or a text"))
        if "\x00" in felt.text:
            raise Refused(f"perceptions[{n}].text", _("holds a NUL character"))


def _check_score(value: float, scale: tuple[float, float] | None, where: str, measure: str) -> None:
    if scale is None:
        raise Refused(f"{where}.scale", _("is missing; '%(measure)s' has no usual scale") % {"measure": measure[:40]})
    low, high = scale
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise Refused(f"{where}.scale", _("[%(low)s, %(high)s] does not rise") % {"low": f"{low:g}", "high": f"{high:g}"})
    if not low <= value <= high:
        off = {"value": f"{value:g}", "low": f"{low:g}", "high": f"{high:g}"}
        raise Refused(f"{where}.value", _("%(value)s is off the scale %(low)s to %(high)s") % off)


def check_texts(item: Item) -> None:
    """Refuse texts that no database can keep and currencies nobody knows; raises Refused. Codes are looked at where they are first met."""
    external = item.external_id
    if external is not None and (not external or "\x00" in external):
        raise Refused("external_id", _("is empty or holds a NUL character"))
    subject = item.subject
    if subject is not None and "\x00" in subject.id:
        raise Refused("subject.id", _("holds a NUL character"))
    if item.currency is not None and not is_currency(item.currency):
        raise Refused("currency", _("“%(code)s” is the code of no currency") % {"code": item.currency})
    if item.customer is not None and "\x00" in item.customer.name:
        raise Refused("customer.name", _("holds a NUL character"))


def _check_declared(fields: Mapping[str, str], properties: Mapping[str, Any]) -> None:
    for name, type_name in fields.items():
        value = properties.get(name)
        if value is None:
            continue
        fits, reason = FIELD_TYPES.get(type_name, FIELD_TYPES["text"])
        if not fits(value):
            raise Refused(f"properties.{name}", _(reason) % {"example": "2026-11-21"})


def _is_day(value: object) -> bool:
    """Say whether a value is an ISO day, or a moment that begins with one."""
    try:
        return isinstance(value, str) and bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


# Types of the fields a workspace declares: whether a value fits, and what is said where it does not.
FIELD_TYPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), gettext_noop("should be a text")),
    "number": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), gettext_noop("should be a number")),
    "yes_no": (lambda value: isinstance(value, bool), gettext_noop("should be true or false")),
    "date": (_is_day, gettext_noop("should be a date like %(example)s")),
}
