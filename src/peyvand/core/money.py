"""Money as integer minor units with an ISO currency; Rial is kept as Rial and may be written as Toman. Called by the
timeline, imports, forms, display.
"""

import re
from decimal import Decimal
from functools import cache
from typing import Final, Literal, NamedTuple

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import get_currency_precision, list_currencies
from django.utils.translation import gettext as _

from peyvand.core.numbers import NumberError, parse_number
from peyvand.core.persian import to_latin_digits

RialUnit = Literal["toman", "rial"]
RIALS_IN_A_TOMAN: Final = 10
_LARGEST: Final = 2**63 - 1
_FLOAT_NOISE: Final = Decimal("0.000001")

# What people write beside an amount, folded to one name. IRT is no ISO code, but shops export it.
_WRITTEN_UNITS: Final = {
    "تومان": "toman", "تومن": "toman", "ت": "toman", "toman": "toman", "tomans": "toman", "irt": "toman",
    "ریال": "IRR", "﷼": "IRR", "rial": "IRR", "rials": "IRR", "irr": "IRR",
    "€": "EUR", "یورو": "EUR", "£": "GBP", "پوند": "GBP", "₺": "TRY", "لیر": "TRY",
    "¥": "JPY", "₹": "INR", "درهم": "AED", "د.إ": "AED",
}  # fmt: skip
_DOLLARS: Final = frozenset(("$", "دلار"))
_AMOUNT: Final = re.compile(r"(?P<before>[^0-9+\-−.٫]*)(?P<number>[+\-−]?[ ]?[0-9.][0-9.,٬،٫'\u00a0\u202f\u2009 ]*?)(?P<after>[^0-9]*)")
_MAX_LENGTH: Final = 60


class MoneyError(NumberError):
    """The text or number is no amount of that currency; the message says what is wrong with it, in the reader's
    language.
    """


class Shown(NamedTuple):
    """An amount as its reader counts it: `value` units of `unit`, which is "toman", "rial" or an ISO code."""

    value: Decimal
    unit: str


@cache
def currencies() -> tuple[str, ...]:
    """ISO codes of the currencies some country uses now, in alphabetical order."""
    in_use = {
        code
        for entries in get_global("territory_currencies").values()
        for code, _since, until, tender in entries
        if tender and until is None
    }
    return tuple(sorted(in_use))


def currency_name(currency: str, language: str) -> str:
    """The name of a currency in a language; the code where the language has none."""
    try:
        return str(Locale.parse(language).currencies.get(currency, currency))
    except (ValueError, UnknownLocaleError):
        return currency


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def is_currency(code: str) -> bool:
    """Say whether a text is the ISO code of a currency."""
    return code in _currencies()


@cache
def exponent(currency: str) -> int:
    """How many decimals the minor unit stands for: 2 for EUR, 0 for JPY and for IRR (whose hundredth, the dinar,
    nobody counts). Raises MoneyError.
    """
    if not is_currency(currency):
        raise MoneyError(_("“%(currency)s” is not the ISO code of a currency.") % {"currency": currency[:20]})
    return get_currency_precision(currency)


def to_minor(amount: Decimal | float, currency: str, unit: RialUnit = "rial") -> int:
    """An amount in major units as integer minor units; `unit` says in which unit an IRR amount is counted.

    The noise of binary floats is rounded away; anything finer than the minor unit, infinite or too large for 64 bits
    raises MoneyError.
    """
    exact = Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)
    if not exact.is_finite():
        raise MoneyError(_("%(amount)s is not an amount of money.") % {"amount": amount})
    factor = RIALS_IN_A_TOMAN if currency == "IRR" and unit == "toman" else 1
    minor = exact * factor * (Decimal(10) ** exponent(currency))
    whole = minor.to_integral_value()
    if minor != whole and not (isinstance(amount, float) and abs(minor - whole) < _FLOAT_NOISE):
        raise MoneyError(_("%(amount)s has more decimals than %(currency)s allows.") % {"amount": amount, "currency": currency})
    if abs(whole) > _LARGEST:
        raise MoneyError(_("%(amount)s is too large for an amount of money.") % {"amount": amount})
    return int(whole)


def parse_amount(text: str, currency: str, unit: RialUnit = "rial") -> int:
    """Minor units of an amount as written: `۱۲٬۵۰۰ تومان`, `12,500.00`, `€ 12.50`.

    A unit beside the number goes before `unit` (Toman or Rial of an IRR amount) and must belong to `currency`. Raises
    MoneyError.
    """
    match = _AMOUNT.fullmatch(to_latin_digits(text).strip()) if len(text) <= _MAX_LENGTH else None
    if not match:
        raise MoneyError(_("“%(text)s” is not an amount of money. Write it like 12500 or 12,500.") % {"text": text[:_MAX_LENGTH]})
    written = [part for part in (_written_unit(match["before"]), _written_unit(match["after"])) if part]
    for found in written:
        unit = _agreed(found, currency, unit, text)
    try:
        number = parse_number(match["number"])
    except NumberError as error:
        raise MoneyError(str(error)) from error
    return to_minor(number, currency, unit)


def shown_amount(minor: int, currency: str, rial_shown_as: RialUnit = "toman") -> Shown:
    """The amount in the unit its reader counts in: Rial as Toman or Rial, any other currency in its major unit."""
    value = Decimal(minor).scaleb(-exponent(currency))
    if currency != "IRR":
        return Shown(value, currency)
    return Shown(value / RIALS_IN_A_TOMAN, "toman") if rial_shown_as == "toman" else Shown(value, "rial")


def _written_unit(text: str) -> str:
    return text.replace("ي", "ی").replace("ك", "ک").strip(" \u200c\u200e\u200f\u00a0:").lower()


def _agreed(written: str, currency: str, unit: RialUnit, text: str) -> RialUnit:
    meant = _WRITTEN_UNITS.get(written, written.upper())
    if meant == "toman" and currency == "IRR":
        return "toman"
    if meant == currency:
        return "rial"
    if written in _DOLLARS and currency in ("USD", "CAD", "AUD", "NZD", "SGD", "HKD"):
        return unit
    raise MoneyError(_("“%(text)s”: “%(unit)s” is not %(currency)s.") % {"text": text, "unit": written, "currency": currency})
