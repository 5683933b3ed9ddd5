"""What leaves answers out, read from an address or the form of filters: codes, amounts, an earlier day. Called by asking and comparing."""

import datetime as dt
from typing import cast
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.calendars import DateError, parse_date
from peyvand.core.display import num
from peyvand.core.money import MoneyError, RialUnit, parse_amount
from peyvand.insights.amounts import AMOUNT, amount_code, amount_range
from peyvand.insights.questions import FILTERS, NOT, PROPERTY, SHARED
from peyvand.workspaces.models import Workspace

MOST_FILTERS = 12
ALL_BUT = "not"  # how the form says of a column that its codes are left out: branch=karaj&not=branch; addresses of pages say branch!=karaj
LONGEST = 120
Filters = tuple[tuple[str, str], ...]


def filters_in(query: QueryDict, prefix: str = "") -> tuple[Filters, list[str]]:
    """The filters by columns and properties, as often as each is given; a sentence where there were too many."""
    turned = set(query.getlist(f"{prefix}{ALL_BUT}")) & set(SHARED)
    names = [(key, key.removeprefix(prefix)) for key in query if key.startswith(prefix)]
    wanted = [(key, name) for key, name in names if name in FILTERS or PROPERTY.match(name)]
    pairs = [(f"{name}{NOT}" if name in turned else name, code[:LONGEST]) for key, name in wanted for code in query.getlist(key) if code]
    found = tuple(dict.fromkeys(pairs))
    if len(found) <= MOST_FILTERS:
        return found, []
    return found[:MOST_FILTERS], [_("At most %(n)s filters are used at a time; the rest is left out.") % {"n": num(MOST_FILTERS)}]


def one_property(filters: Filters) -> tuple[Filters, list[str]]:
    """Filters by one property of another interaction at most, since answers are joined with one only; a sentence where there were more."""
    properties = list(dict.fromkeys(name for name, _code in filters if PROPERTY.match(name)))
    if len(properties) < 2:
        return filters, []
    said = _("Answers can be narrowed by one property of a delivery, a call or the like at a time; the first one is used.")
    return tuple(pair for pair in filters if pair[0] not in properties[1:]), [said]


def amount_asked(query: QueryDict, workspace: Workspace, prefix: str = "") -> tuple[Filters, list[str]]:
    """A filter by what was paid: a range of an address, or two amounts of the form as people write them; and what is wrong with them."""
    unit, ends = cast("RialUnit", workspace.rial_shown_as), []
    if code := query.get(f"{prefix}{AMOUNT}", ""):
        try:
            amount_range(code)
        except ValueError:
            return (), [_("The range of amounts in this address could not be read; it is left out.")]
        return ((AMOUNT, code),), []
    for part in ("from", "to"):
        text = query.get(f"{prefix}{AMOUNT}_{part}", "").strip()
        try:
            ends.append(parse_amount(text, workspace.currency, unit) if text else None)
        except MoneyError as error:
            return (), [str(error)]
    low, high = ends
    code = amount_code(None if low is None else max(low, 0), None if high is None else max(high, 0))
    if low is not None and high is not None and low > high:
        return (), [_("The smallest amount is larger than the largest one; the amounts are left out.")]
    return (((AMOUNT, code),) if code else ()), []


def day_asked(text: str, workspace: Workspace) -> tuple[dt.date | None, list[str]]:
    """An earlier day to look from, in either calendar; None for today, later days and what is no date, which is said."""
    if not text.strip():
        return None, []
    try:
        day = parse_date(text.strip()[:LONGEST], "auto")
    except DateError as error:
        return None, [str(error)]
    return (day if day < clock.today(ZoneInfo(workspace.time_zone)) else None), []
