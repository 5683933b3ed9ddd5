"""Numbers, money, dates and spans in the words of the active reader. Called by the template filters, exports, mails
and chart options.
"""

import math
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from babel.numbers import format_currency
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext

from peyvand.core import phones
from peyvand.core.calendars import date_parts, month_name, weekday_name
from peyvand.core.clock import now, today
from peyvand.core.money import currency_name, exponent, shown_amount
from peyvand.core.persian import initials, to_latin_digits, to_persian_digits
from peyvand.core.reader import ENGLISH, PERSIAN, Reader, active_reader, speaking, use_reader

Number = int | float | Decimal
Moment = date | datetime
NOTHING: Final = "–"
MINUS: Final = "−"
_WIDE: Final = Context(prec=400)  # room for every float
_LEFT_TO_RIGHT_MARK: Final = "\u200e"
_YEAR: Final = 31_556_952  # the mean Gregorian year
_UNITS: Final[tuple[tuple[int, Callable[[int], str]], ...]] = (
    (_YEAR, lambda n: ngettext("%(n)s year", "%(n)s years", n)),
    (_YEAR // 12, lambda n: ngettext("%(n)s month", "%(n)s months", n)),
    (86_400, lambda n: ngettext("%(n)s day", "%(n)s days", n)),
    (3600, lambda n: ngettext("%(n)s hour", "%(n)s hours", n)),
    (60, lambda n: ngettext("%(n)s minute", "%(n)s minutes", n)),
    (1, lambda n: ngettext("%(n)s second", "%(n)s seconds", n)),
)

__all__ = [
    "ENGLISH", "PERSIAN", "Reader", "active_reader", "ago", "clock", "day", "digits", "duration", "initials", "ltr",
    "moment", "money", "month", "num", "percent", "phone", "quoted", "share", "shortday", "shortmoney", "signed", "until",
    "use_reader", "weekday",
]  # fmt: skip


def digits(text: object) -> str:
    """The text with its digits as the reader has them."""
    return to_persian_digits(str(text)) if active_reader().digits == "persian" else to_latin_digits(str(text))


def num(value: Number | None, decimals: int | None = None) -> str:
    """A number with grouped thousands: ۱٬۲۴۰ or 1,240. `decimals` fixes their count, without it at most two are kept;
    – for None and NaN.
    """
    text = _plain(value, decimals)
    if text is None:
        return NOTHING
    if text.startswith("-"):
        return _left(MINUS) + _localised(text[1:])
    return _localised(text)


def signed(value: Number | None, decimals: int | None = None) -> SafeString:
    """A change with its sign, in an element of its own so that right-to-left text does not turn it: +۳, −۸, ۰."""
    text = _plain(value, decimals)
    if text is None:
        return format_html('<bdi dir="ltr">{}</bdi>', NOTHING)
    if text.startswith("-"):
        return format_html('<bdi dir="ltr">{}{}</bdi>', MINUS, _localised(text[1:]))
    return format_html('<bdi dir="ltr">{}{}</bdi>', "+" if text.strip("0.") else "", _localised(text))


def percent(value: Number | None, decimals: int = 0) -> str:
    """A figure that is already in percent: ۷۱٪ or 71%."""
    return NOTHING if _plain(value, decimals) is None else num(value, decimals) + ("٪" if active_reader().rtl else "%")


def share(value: Number | None, decimals: int = 0) -> str:
    """A fraction of one as a percentage: .25 → ۲۵٪."""
    return percent(None if value is None else 100 * float(value), decimals)


def day(value: Moment | None) -> str:
    """A long date: چهارشنبه ۲۷ آبان ۱۴۰۵, Wednesday 18 November 2026."""
    if value is None:
        return NOTHING
    reader, local = active_reader(), _local(value)
    parts = date_parts(local, reader.calendar)
    names = {
        "weekday": weekday_name(local.weekday(), reader.language),
        "month": month_name(parts.month, reader.calendar, reader.language),
    }
    with speaking(reader):
        text = pgettext("long date", "%(weekday)s %(day)s %(month)s %(year)s")
    return text % {**names, "day": digits(parts.day), "year": digits(parts.year)}


def shortday(value: Moment | None) -> str:
    """Day and month, with the year when it is not this one: ۲۷ آبان, ۳ دی ۱۴۰۴, 18 Nov."""
    if value is None:
        return NOTHING
    reader = active_reader()
    parts = date_parts(_local(value), reader.calendar)
    this_year = date_parts(today(reader.zone), reader.calendar).year
    with speaking(reader):
        text = (
            pgettext("short date", "%(day)s %(month)s") if parts.year == this_year else pgettext("short date", "%(day)s %(month)s %(year)s")
        )
    name = month_name(parts.month, reader.calendar, reader.language, short=True)
    return text % {"day": digits(parts.day), "month": name, "year": digits(parts.year)}


def month(value: Moment | None) -> str:
    """Month and year: آبان ۱۴۰۵, November 2026."""
    if value is None:
        return NOTHING
    reader = active_reader()
    parts = date_parts(_local(value), reader.calendar)
    with speaking(reader):
        text = pgettext("month and year", "%(month)s %(year)s")
    return text % {"month": month_name(parts.month, reader.calendar, reader.language), "year": digits(parts.year)}


def weekday(value: Moment | None) -> str:
    """The name of the weekday: چهارشنبه, Wednesday."""
    return NOTHING if value is None else weekday_name(_local(value).weekday(), active_reader().language)


def clock(value: datetime | None) -> str:
    """The time of day, 24 hours: ۱۰:۴۰."""
    return NOTHING if value is None else digits(value.astimezone(active_reader().zone).strftime("%H:%M"))


def moment(value: datetime | None) -> str:
    """Day and time, the day by name where it is near: امروز ۱۰:۴۰, دیروز ۰۹:۱۵, ۲۷ آبان ۱۴۰۵، ۱۰:۴۰."""
    if value is None:
        return NOTHING
    reader = active_reader()
    distance = (_local(value) - today(reader.zone)).days
    with speaking(reader):
        near = {0: gettext("today %(time)s"), -1: gettext("yesterday %(time)s"), 1: gettext("tomorrow %(time)s")}
        text = near.get(distance) or pgettext("day and time", "%(day)s, %(time)s")
    return text % {"day": shortday(value), "time": clock(value)}


def happened(value: datetime | None) -> str:
    """Day and time of what happened; the day alone for its very beginning, since a file that tells days alone knows no hour."""
    return shortday(value) if value is None or _begins_a_day(value) else moment(value)


def hour(value: datetime | None) -> str:
    """The time of day of what happened; empty where only the day is known."""
    return "" if value is None or _begins_a_day(value) else clock(value)


def _begins_a_day(value: datetime) -> bool:
    return value.astimezone(active_reader().zone).time() == time()


def ago(value: datetime | None) -> str:
    """How long since: ۵۰ دقیقه پیش, 2 days ago; "just now" within a minute and for what has not come yet.

    The beginning of today is "today": a file that tells days alone would seem to know the hour.
    """
    if value is None:
        return NOTHING
    reader, seconds = active_reader(), (now() - value).total_seconds()
    local = value.astimezone(reader.zone)
    with speaking(reader):
        if local.date() == today(reader.zone) and _begins_a_day(value):
            return gettext("today")
        return gettext("%(span)s ago") % {"span": duration(seconds, 1)} if seconds >= 60 else gettext("just now")


def until(value: datetime | None) -> str:
    """How long is left: ۵۰ دقیقه مانده; once it is past, by how much: ۲ ساعت دیر شده."""
    if value is None:
        return NOTHING
    seconds = (value - now()).total_seconds()
    with speaking(active_reader()):
        if abs(seconds) < 60:
            return gettext("due now")
        if seconds > 0:
            return gettext("%(span)s left") % {"span": nearly(seconds)}
        return gettext("%(span)s late") % {"span": duration(seconds, 1)}


def nearly(seconds: float) -> str:
    """A span to come in the nearest whole days, hours or minutes: four hours less a minute is ۴ ساعت."""
    size = 86_400 if seconds >= 84_600 else 3_600 if seconds >= 3_570 else 60  # from half a smaller unit below the larger one
    return duration(max(1, round(seconds / size)) * size, 1)


def duration(value: timedelta | float | None, units: int = 2) -> str:
    """A span of time in its largest one or two units: ۲ سال و ۷ ماه, ۳ ساعت و ۲۰ دقیقه, 45 seconds. Numbers are
    seconds.
    """
    if value is None:
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    with speaking(active_reader()):
        words = _largest_units(round(abs(seconds)), units)
        return gettext("%(first)s and %(second)s") % {"first": words[0], "second": words[1]} if len(words) > 1 else words[0]


def money(minor: int | None, currency: str | None = None) -> str:
    """An amount of minor units with its unit: ۱۸٬۴۰۰٬۰۰۰ تومان, €12.50. The reader's currency unless another is
    given.
    """
    if minor is None:
        return NOTHING
    reader = active_reader()
    shown = shown_amount(minor, currency or reader.currency, reader.rial_shown_as)
    places = None if shown.unit in ("toman", "rial") else exponent(shown.unit)
    return _with_unit(num(shown.value, places), shown.value, shown.unit)


def shortmoney(minor: int | None, currency: str | None = None) -> str:
    """A large amount rounded to read: ۳۱ میلیون تومان, 2.4 million toman; below a million in full."""
    if minor is None:
        return NOTHING
    reader = active_reader()
    shown = shown_amount(minor, currency or reader.currency, reader.rial_shown_as)
    size = abs(shown.value)
    if size < 1_000_000:
        return money(minor, currency)
    divisor = 1_000_000_000 if size >= 999_950_000 else 1_000_000
    scaled = shown.value / divisor
    amount = num(scaled.quantize(Decimal("0.1") if abs(scaled) < 10 else Decimal(1), rounding=ROUND_HALF_UP))
    with speaking(reader):
        text = gettext("%(amount)s billion") if divisor > 1_000_000 else gettext("%(amount)s million")
        return _with_unit(text % {"amount": amount}, shown.value, shown.unit, in_words=True)


def phone(value: str | None) -> SafeString:
    """An E.164 number grouped as people say it, left to right: ۰۹۱۲ ۰۰۰ ۰۰۱۲."""
    reader = active_reader()
    text = phones.grouped(value, "IR" if reader.language == "fa" else "") if value else NOTHING
    return format_html('<bdi dir="ltr" class="pv-nowrap">{}</bdi>', digits(text))


def quoted(words: str, longest: int = 0) -> SafeString:
    """Somebody's words on one line, in the quotation marks of their own script and isolated with them: «خوب بود» on an
    English page too. `longest` letters are kept, 0 keeps all.
    """
    line = " ".join(words.split())
    if longest and len(line) > longest:
        line = line[:longest].rsplit(" ", 1)[0].rstrip() + "…"
    turned = next((unicodedata.bidirectional(letter) in ("R", "AL") for letter in line if letter.isalpha()), active_reader().rtl)
    return format_html("<bdi>«{}»</bdi>" if turned else "<bdi>“{}”</bdi>", line) if line else SafeString("")


def ltr(value: object) -> SafeString:
    """A code, address or e-mail that stays left to right inside Persian text, digits as they are."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


def _plain(value: Number | None, decimals: int | None) -> str | None:
    """Sign, digits and a point, rounded half up as people do; None where there is no number."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    exact = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return None
    places = 2 if decimals is None else decimals
    text = f"{exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE):f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.lstrip("-") if not text.strip("-0.") else text


def _localised(text: str) -> str:
    whole, point, decimals = text.partition(".")
    grouped = f"{int(whole):,}" + point + decimals
    if active_reader().digits == "persian":
        return to_persian_digits(grouped.replace(",", "٬").replace(".", "٫"))
    return grouped


def _left(text: str) -> str:
    """A mark that holds a leading sign to the left of its number in right-to-left text, where no element can."""
    return _LEFT_TO_RIGHT_MARK + text if active_reader().rtl else text


def _local(value: Moment) -> date:
    return value.astimezone(active_reader().zone).date() if isinstance(value, datetime) else value


def _with_unit(amount: str, value: Decimal, unit: str, *, in_words: bool = False) -> str:
    reader = active_reader()
    if unit in ("toman", "rial"):
        with speaking(reader):
            text = pgettext("money", "%(amount)s toman") if unit == "toman" else pgettext("money", "%(amount)s rial")
        return text % {"amount": amount}
    if reader.language.startswith("en") and not in_words:
        return format_currency(value, unit, locale="en").replace("-", MINUS)
    return f"{amount} {currency_name(unit, reader.language)}"


def _largest_units(seconds: int, count: int) -> list[str]:
    """The largest unit, and with `count` 2 the next one where it is not nought; the last one shown is rounded down."""
    first = next((place for place, (size, _text) in enumerate(_UNITS) if seconds >= size), len(_UNITS) - 1)
    words: list[str] = []
    left = seconds
    for size, text in _UNITS[first : first + count]:
        n, left = divmod(left, size)
        if n or not words:
            words.append(text(n) % {"n": num(n)})
    return words
