"""The form of all filters: every shared column with its choices, amounts, an earlier day. Drawn by desk/narrow.html beside the chips."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.core.calendars import date_parts
from peyvand.core.display import digits, num
from peyvand.core.money import shown_amount
from peyvand.core.reader import active_reader
from peyvand.desk.pulse.asking import FILTERED, Asked
from peyvand.desk.pulse.narrowing import Filters
from peyvand.desk.pulse.words import CUTS
from peyvand.insights.amounts import AMOUNT, MOST, amount_range
from peyvand.insights.properties import property_cuts, value_label
from peyvand.insights.questions import IMPORT, ITEM, NOT, SHARED, TERMS, cut_of
from peyvand.insights.terms import imports_of, label_of, label_of_import
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import Workspace

ORDER: Final = (*FILTERED, *(name for name in TERMS if name not in FILTERED), ITEM)
MOST_CHOICES: Final = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One column to narrow by: the choices that are not taken yet; `taken` says that some are.

    `shared`: of a shared column, whose codes may be left out; `left_out`: those that are taken are.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    taken: bool
    shared: bool
    left_out: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The form: its columns, the amounts and the day as they stand, what it carries along unseen; `on`: how many filters there are."""

    choices: Sequence[Choice]
    amounts: tuple[str, str]
    unit: str
    as_of: str
    hidden: Sequence[tuple[str, str]]
    on: int


def narrowing(workspace: Workspace, ask: Asked, carried: Iterable[tuple[str, str]] = ()) -> Narrowing:
    """The form for a page of figures; `carried` is what else its address says."""
    time = [] if ask.usual else [("time", ask.length), ("against", ask.against)]
    cut = [("by", ask.by)] if ask.by else []
    columns = choices(workspace, ask.filters)
    return Narrowing(
        choices=columns,
        amounts=amounts_shown(workspace, ask.filters),
        unit=amount_unit(workspace),
        as_of=day_text(ask.as_of),
        hidden=[*time, *kept_filters(columns, ask.filters), *cut, *carried],
        on=len(ask.filters) + (ask.as_of is not None),
    )


def choices(workspace: Workspace, taken: Filters) -> list[Choice]:
    """Every column that something can be chosen of, the usual ones first, then properties of deliveries, calls and the like."""
    terms = _terms(workspace)
    found = [_choice(name, str(CUTS[name]), sorted(terms.get(name, ()), key=lambda pair: pair[1]), taken) for name in ORDER]
    brought = imports_of(workspace.pk).filter(Exists(Interaction.objects.filter(batch=OuterRef("pk"))))  # of some nothing was taken
    files = [(one.code, label_of_import(one)) for one in brought[:MOST_CHOICES]]
    found.append(_choice(IMPORT, str(CUTS[IMPORT]), files, taken))
    for told in property_cuts(workspace):
        if told.yes_no:
            values = [(code, value_label(told.key, code)) for code in ("true", "false")]
            found.append(_choice(told.key, told.title, values, taken))
    return [choice for choice in found if choice.options]


def _terms(workspace: Workspace) -> dict[str, list[tuple[str, str]]]:
    """The first terms of every column, (code, name), in one read however many there are."""
    usual = ("archived", "position", "id")
    met = Term.objects.filter(workspace=workspace, dimension__in=ORDER, merged_into=None)
    first = met.annotate(place=Window(RowNumber(), partition_by="dimension", order_by=usual)).filter(place__lte=MOST_CHOICES)
    found: dict[str, list[tuple[str, str]]] = {}
    for term in first:
        found.setdefault(term.dimension, []).append((term.code, label_of(term)))
    return found


def _choice(name: str, label: str, options: Sequence[tuple[str, str]], taken: Filters) -> Choice:
    left = [option for option in options if not {(name, option[0]), (f"{name}{NOT}", option[0])} & set(taken)]
    mine = {cut for cut, _code in taken if cut_of(cut) == name}
    return Choice(name, label, left, bool(mine), name in SHARED, mine == {f"{name}{NOT}"})


def kept_filters(columns: Iterable[Choice], taken: Filters) -> list[tuple[str, str]]:
    """What is chosen, as the form carries it along: the switch of a column whose codes are left out says that of all of them."""
    switched = {f"{choice.name}{NOT}" for choice in columns if choice.left_out}
    return [(cut_of(cut) if cut in switched else cut, code) for cut, code in taken if cut != AMOUNT]


def amounts_shown(workspace: Workspace, filters: Filters) -> tuple[str, str]:
    """The two ends of the chosen range of amounts as its reader counts; empty where there is none."""
    code = next((code for cut, code in filters if cut == AMOUNT), "")
    if not code:
        return "", ""
    low, high = amount_range(code)
    return _amount(workspace, low) if low else "", _amount(workspace, high) if high < MOST else ""


def _amount(workspace: Workspace, minor: int) -> str:
    return num(shown_amount(minor, workspace.currency, active_reader().rial_shown_as).value)


def amount_unit(workspace: Workspace) -> str:
    """What amounts are counted in."""
    unit = shown_amount(0, workspace.currency, active_reader().rial_shown_as).unit
    return {"toman": _("toman"), "rial": _("rial")}.get(unit, unit)


def day_text(day: date | None) -> str:
    """A day as its reader writes it in a field."""
    if day is None:
        return ""
    year, month, number = date_parts(day, active_reader().calendar)
    return digits(f"{year:04d}/{month:02d}/{number:02d}")
