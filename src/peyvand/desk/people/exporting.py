"""A list of customers as CSV, written as it is read: by ranges of customers, so that no read lasts long."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from peyvand.cases.wording import stage_label
from peyvand.catalogue.queries import term_names
from peyvand.core import clock
from peyvand.core.cells import no_formula
from peyvand.core.masking import readable
from peyvand.core.money import shown_amount
from peyvand.core.reader import Reader, use_reader
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.queries.listing import Wanted, matching
from peyvand.customers.queries.people import attribute_definitions, main_identities
from peyvand.desk.people.contacts import plain, value_shown
from peyvand.identities.types import IdentityType

RANGE: Final = 500
KINDS: Final = (IdentityType.OWN_ID.value, IdentityType.PHONE.value, IdentityType.EMAIL.value)
BOM: Final = "\ufeff"  # Excel takes a file without it for the local code page


def neutral(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    return no_formula(value) if isinstance(value, str) else value


def csv_lines(wanted: Wanted, *, sees: bool, reader: Reader) -> Iterator[str]:
    """The lines of the file, a chunk for each range of customers; written for `reader`, outside the request."""
    with use_reader(reader):
        definitions = attribute_definitions(wanted.workspace)
        yield BOM + _text([_head(definitions)])
    last = 0
    while True:
        found = list(matching(wanted).filter(pk__gt=last).select_related("customer").order_by("pk")[:RANGE])
        if not found:
            return
        last = found[-1].pk
        with use_reader(reader):
            yield _text(_rows(found, definitions, reader, sees=sees))


def _head(definitions: Sequence[AttributeDefinition]) -> list[str]:
    return [
        *(_("Name"), _("Own id"), _("Phone"), _("E-mail"), _("Language"), _("Relationship")),
        *(_("First seen"), _("Last seen"), _("Interactions"), _("Purchases"), _("Purchases in all"), _("Currency"), _("Contacts with us")),
        *(_("Last score"), _("Highest possible"), _("Measure"), _("Scored on")),
        *(neutral(one.label) for one in definitions),
    ]


def _rows(profiles: Sequence[Profile], definitions: Sequence[AttributeDefinition], reader: Reader, *, sees: bool) -> Iterator[list[Any]]:
    known = main_identities([profile.pk for profile in profiles], KINDS)
    measures = {pk: name.code for pk, name in term_names({p.last_measure for p in profiles if p.last_measure}).items()}
    now = clock.now()
    for profile in profiles:
        contacts = known.get(profile.pk, {})
        total, unit = _money(profile, reader)
        yield [
            neutral(cell)
            for cell in (
                readable(profile.customer.name, sees=sees),
                *(plain(kind, contacts[kind], sees=sees) if kind in contacts else "" for kind in KINDS),
                profile.language,
                stage_label(stage_of(profile.standing, now)),
                *(_day(at, reader) for at in (profile.first_seen_at, profile.last_seen_at)),
                *(profile.interactions, profile.bought, total, unit, profile.contacts),
                *(profile.last_value, profile.last_high, measures.get(profile.last_measure or 0, ""), _day(profile.last_score_at, reader)),
                *(_cell(profile.attributes.get(one.code), sees=sees) for one in definitions),
            )
        ]


def _money(profile: Profile, reader: Reader) -> tuple[Any, str]:
    if not profile.purchases:
        return "", ""
    shown = shown_amount(profile.purchase_total, profile.currency or reader.currency, reader.rial_shown_as)
    return shown.value, shown.unit


def _day(at: Any, reader: Reader) -> str:
    """An ISO date: programs read these files."""
    return at.astimezone(reader.zone).date().isoformat() if at else ""


def _cell(value: Any, *, sees: bool) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value_shown(value, sees=sees)


def _text(rows: Iterator[list[Any]] | Sequence[list[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
