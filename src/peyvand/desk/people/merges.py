"""With whom a customer was made one person, when, by whom, and whether it was undone: the history on their page."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from peyvand.core.ids import public_id
from peyvand.desk.people.contacts import name_shown
from peyvand.identities.models import Customer
from peyvand.identities.queries import merges_of


@dataclass(frozen=True, slots=True)
class Line:
    """One merge in a sentence; `pid` where it stands and can be undone, `undone` says when and by whom it was."""

    text: str
    at: dt.datetime
    by: str
    undone: str
    pid: str


def merge_lines(customer: Customer, *, sees: bool) -> list[Line]:
    """The merges of a person, the latest first."""
    key = bytes(customer.workspace.id_key)
    lines = []
    for merge in merges_of(customer):
        words = {"other": name_shown(merge.other.name, sees=sees), "kept": name_shown(merge.kept.name, sees=sees)}
        text = _("%(other)s was made one person with %(kept)s") % words
        if words["other"] == words["kept"]:
            text = _("Two pages of %(kept)s were made one") % words
        undone = ""
        if merge.undone_at is not None:
            undone = _("undone by %(who)s") % {"who": merge.undone_by or _("somebody")}
        lines.append(
            Line(text, merge.undone_at or merge.merged_at, str(merge.merged_by or ""), undone, "" if undone else public_id(key, merge.pk))
        )
    return lines
