"""What a value of an attribute may be: values told by programs, and values typed by people."""

import datetime as dt
import math
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from peyvand.core.calendars import DateError, parse_date
from peyvand.core.numbers import NumberError, parse_number
from peyvand.core.persian import tidy
from peyvand.customers.types import AttributeType

LONGEST: Final = 500
_YES_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# What shops call the same things everywhere: an attribute first met in an event gets its name at once.
USUAL_NAMES: Final[dict[str, dict[str, str]]] = {
    "city": {"fa": "شهر", "en": "City"},
    "province": {"fa": "استان", "en": "Province"},
    "country": {"fa": "کشور", "en": "Country"},
    "address": {"fa": "نشانی", "en": "Address"},
    "postal_code": {"fa": "کد پستی", "en": "Postal code"},
    "birthday": {"fa": "تولد", "en": "Birthday"},
    "gender": {"fa": "جنسیت", "en": "Gender"},
    "company": {"fa": "شرکت", "en": "Company"},
    "job": {"fa": "شغل", "en": "Job"},
}
Value = str | int | float | bool


class AttributeRefused(ValueError):
    """A typed value that does not fit its attribute; the message is for the person who typed it."""


def type_of(value: object) -> AttributeType:
    """The type an attribute gets when this is the first value seen of it."""
    if isinstance(value, bool):
        return AttributeType.YES_NO
    return AttributeType.NUMBER if isinstance(value, int | float) else AttributeType.TEXT


def fitting(type_name: str, value: object) -> Value | None:
    """The value as an attribute of this type keeps it; None for a value that does not fit."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or not isinstance(value, str | int | float | bool):
        return None
    if type_name == AttributeType.YES_NO:
        return value if isinstance(value, bool) else _YES_NO.get(str(value).strip().lower())
    if type_name == AttributeType.NUMBER:
        return _number(value)
    if type_name == AttributeType.DATE:
        return _date(str(value))
    return tidy(str(value))[:LONGEST] or None


def typed(type_name: str, text: str, label: str) -> Value | None:
    """The value a person typed; None for an empty field. Raises AttributeRefused."""
    text = text.strip()
    if not text:
        return None
    value = fitting(type_name, text)
    if value is None:
        hint = {
            AttributeType.NUMBER.value: _("“%(label)s” needs a number."),
            AttributeType.DATE.value: _("“%(label)s” needs a date such as 1405/08/30 or 2026-11-21."),
        }.get(type_name, _("“%(label)s” cannot be this."))
        raise AttributeRefused(hint % {"label": label})
    return value


def _number(value: str | int | float) -> int | float | None:
    if isinstance(value, bool):
        return None
    try:
        number = parse_number(value) if isinstance(value, str) else Decimal(repr(value))
    except NumberError:
        return None
    if abs(number) > Decimal(10) ** 15:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _date(text: str) -> str | None:
    try:
        return parse_date(text).isoformat()
    except DateError:
        pass
    try:
        return dt.datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return None
