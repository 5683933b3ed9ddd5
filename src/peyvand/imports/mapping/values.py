"""Single values out of cells, whatever type the file gave them: text, number, date, amount, yes or no. Called by expressions."""

import datetime as dt
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from peyvand.core.calendars import JALALI_YEARS, CalendarHint, DateError, Order, from_parts, full_year, parse_datetime
from peyvand.core.money import RialUnit, exponent, parse_amount, to_minor
from peyvand.core.numbers import parse_number
from peyvand.core.persian import to_latin_digits

EXCEL_EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - wall time of no zone, as the spreadsheet means it
SERIALS: Final = range(15_000, 80_000)
SECONDS: Final = range(10**8, 10**10)
YES: Final = frozenset(("yes", "y", "true", "1", "بله", "آری", "دارد", "موافق", "t"))
NO: Final = frozenset(("no", "n", "false", "0", "خیر", "نه", "ندارد", "مخالف", "f"))


class ValueProblem(ValueError):
    """A cell that is not what the map says it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How dates and amounts are written in this file."""

    zone: ZoneInfo
    currency: str
    unit: str = "major"
    calendar: CalendarHint = "auto"
    order: Order = "ymd"
    format: str | None = None
    missing: frozenset[str] = frozenset()


def is_blank(cell: Any, missing: frozenset[str]) -> bool:
    """Say whether a cell says nothing."""
    if cell is None:
        return True
    if isinstance(cell, str):
        text = cell.strip()
        return not text or text in missing
    return isinstance(cell, float) and math.isnan(cell)


def as_text(cell: Any) -> str:
    """A cell as a person would write it: whole floats without a point, dates in ISO, durations in seconds, nested values as JSON."""
    match cell:
        case str():
            return cell.strip()
        case bool():
            return "true" if cell else "false"
        case float():
            return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() and cell.tzinfo is None else cell.isoformat()
        case dt.timedelta():
            return f"{cell.total_seconds():g}"
        case bytes():
            return cell.decode("utf-8", "replace").replace("\x00", "\ufffd").strip()
        case list() | dict():
            return json.dumps(cell, ensure_ascii=False, default=as_text)
    return str(cell)


def as_number(cell: Any) -> float:
    """A number. Raises ValueProblem."""
    if isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, int | float | Decimal):
        number = float(cell)
    else:
        text = as_text(cell)
        plain = text.isascii() and text.lstrip("-").replace(".", "", 1).isdigit()
        try:
            number = float(text) if plain else float(parse_number(text))
        except ValueError as error:
            raise ValueProblem(str(error)) from None
    if not math.isfinite(number):
        raise ValueProblem(_("%(text)s is no number.") % {"text": cell})
    return number


def as_yes_no(cell: Any, yes: frozenset[str], no: frozenset[str]) -> bool:
    """Yes or no. Raises ValueProblem for anything else."""
    if isinstance(cell, bool):
        return cell
    text = as_text(cell).lower()
    if text in (yes or YES):
        return True
    if text in (no or NO):
        return False
    raise ValueProblem(_("“%(text)s” is neither yes nor no.") % {"text": text[:60]})


def as_moment(cell: Any, how: Reading) -> dt.datetime:
    """A moment in UTC: a date, a spreadsheet's serial number, seconds since 1970, or any text people write. Raises ValueProblem."""
    if isinstance(cell, dt.datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=how.zone)).astimezone(dt.UTC)
    if isinstance(cell, dt.date):
        return dt.datetime(cell.year, cell.month, cell.day, tzinfo=how.zone).astimezone(dt.UTC)
    text = as_text(cell)
    try:
        if how.format:
            return _formatted(to_latin_digits(text), how.format, how)
        if text.replace(".", "", 1).isdigit() and (found := _numbered(text, how)):
            return found
        return parse_datetime(text, how.zone, how.calendar, order=how.order)
    except (ValueError, OverflowError, re.error) as error:  # strptime makes a pattern of a format, which names no sign twice
        raise ValueProblem(str(error)) from None


def _formatted(text: str, form: str, how: Reading) -> dt.datetime:
    """A moment written as the map says, in strptime's signs; of the Jalali calendar, those that stand for numbers."""
    if how.calendar != "gregorian" and (found := _pattern(form).fullmatch(text)):
        parts = {sign: int(digits) for sign, digits in found.groupdict().items()}
        if how.calendar == "jalali" or parts.get("Y") in JALALI_YEARS:
            year = parts["Y"] if "Y" in parts else full_year(parts["y"], "jalali")
            day = from_parts(year, parts["m"], parts["d"], "jalali")
            wall = dt.time(parts.get("H", 0), parts.get("M", 0), parts.get("S", 0))
            return dt.datetime.combine(day, wall, how.zone).astimezone(dt.UTC)
    if how.calendar == "jalali":
        raise DateError(_("“%(text)s” is not written as %(format)s.") % {"text": text[:60], "format": form})
    moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
    return (moment if moment.tzinfo else moment.replace(tzinfo=how.zone)).astimezone(dt.UTC)


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    """The pattern of a date of numbers; one that matches nothing where the format says more, or does not say a day."""
    signs = {"Y": r"\d{4}", "y": r"\d{2}", **dict.fromkeys("mdHMS", r"\d{1,2}")}
    pieces = re.split(r"%(.)", form)
    asked = pieces[1::2]
    known = len(set(asked)) == len(asked) and set(asked) <= set(signs) and {"m", "d"} <= set(asked) and len({"Y", "y"} & set(asked)) == 1
    if not known:
        return re.compile(r"(?!)")
    parts = [re.escape(pieces[0])]
    for sign, literal in zip(asked, pieces[2::2], strict=True):
        parts.append(f"(?P<{sign}>{signs[sign]}){re.escape(literal)}")
    return re.compile("".join(parts))


def _numbered(text: str, how: Reading) -> dt.datetime | None:
    """A date written as one number."""
    if len(text) == 8 and text.isdigit():
        return _compact(text, how)
    if len(text) == 6 and text.isdigit() and how.calendar != "auto":
        return _compact(f"{full_year(int(text[:2]), how.calendar)}{text[2:]}", how)
    if text.startswith("0"):
        return None  # no serial number is written so
    number = float(text)
    if not math.isfinite(number):
        return None
    if int(number) in SERIALS:
        wall = EXCEL_EPOCH + dt.timedelta(seconds=round(number * 86_400))
        return wall.replace(tzinfo=how.zone).astimezone(dt.UTC)
    seconds = number / 1000 if number >= SECONDS.stop else number
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if int(seconds) in SECONDS else None


def _compact(text: str, how: Reading) -> dt.datetime:
    """20261121 or 14050830; 050830 has become that where the calendar is said."""
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    jalali = how.calendar == "jalali" or (how.calendar == "auto" and year < 1600)
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise DateError(_("“%(text)s” is not a date.") % {"text": text})
    found = from_parts(year, month, day, "jalali" if jalali else "gregorian")
    return dt.datetime(found.year, found.month, found.day, tzinfo=how.zone).astimezone(dt.UTC)


def as_amount(cell: Any, how: Reading, *, computed: bool = False) -> int:
    """Minor units of an amount; what was computed is rounded to them, what stands in the file must be exact. Raises ValueProblem."""
    try:
        if how.unit == "minor":
            return round(as_number(cell))
        unit: RialUnit = "toman" if how.unit == "toman" else "rial"
        if computed:
            scale: float = 10 ** exponent(how.currency) * (10 if how.currency == "IRR" and unit == "toman" else 1)
            return round(round(as_number(cell) * scale, 4))
        if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
            return to_minor(cell, how.currency, unit)
        return parse_amount(as_text(cell), how.currency, unit)
    except ValueProblem:
        raise
    except ValueError as error:
        raise ValueProblem(str(error)) from None
