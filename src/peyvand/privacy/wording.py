"""The words of an export: what its sections and columns are called, and how values read. Called by services.exporting."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from peyvand.core import display
from peyvand.core.privacy import Rows

SECTIONS: Final[Mapping[str, str | Promise]] = {
    "names": _("Name"),
    "identities": _("Ways you are known by"),
    "profile": _("Profile"),
    "companies": _("Companies you acted for"),
    "consents": _("What you agreed to and refused"),
    "interactions": _("What happened between you and us"),
    "cases": _("Complaints that were followed up"),
    "case_events": _("What was done about them"),
    "invitations": _("What you were asked"),
    "responses": _("What you answered by our links"),
    "answers": _("Your scores and words"),
    "tasks": _("What somebody was to do for you"),
    "messages": _("What we wrote to you"),
    "refused_addresses": _("Addresses of yours that refused our messages"),
    "taken_for_one_with_others": _("When you were taken for somebody else"),
    "tellings": _("Other systems that were told"),
    "audit": _("Who looked at or changed what is kept of you"),
}
COLUMNS: Final[Mapping[str, str | Promise]] = {
    "name": _("Name"),
    "created_at": _("Since"),
    "type": _("Type"),
    "value": _("Value"),
    "language": _("Language"),
    "attributes": _("Attributes"),
    "preferences": _("Preferences"),
    "first_seen_at": _("First seen"),
    "last_seen_at": _("Last seen"),
    "interactions": _("Interactions"),
    "purchases": _("Purchases"),
    "purchase_total": _("Purchases in all"),
    "currency": _("Currency"),
    "since": _("Since"),
    "until": pgettext_lazy("a day", "Until"),
    "purpose": _("Purpose"),
    "channel": _("Channel"),
    "channel_kind": _("Channel"),
    "granted": _("Agreed"),
    "source": _("Source"),
    "note": _("Note"),
    "at": _("When"),
    "kind": _("Kind"),
    "occurred_at": _("When"),
    "recorded_at": _("Recorded"),
    "touchpoint": _("Touchpoint"),
    "stage": _("Stage"),
    "product": _("Product"),
    "branch": _("Branch"),
    "department": _("Department"),
    "employee": _("Employee"),
    "company": _("Company"),
    "device": _("Device"),
    "subject": _("About"),
    "amount": _("Amount"),
    "duration_s": _("Duration in seconds"),
    "response_s": _("Time to the answer in seconds"),
    "properties": _("Details"),
    "external_id": _("Its own number"),
    "perceptions": _("How it felt"),
    "number": _("Number"),
    "state": _("State"),
    "measure": _("Measure"),
    "score": _("Score"),
    "score_before": _("Score"),
    "low": _("Lowest possible"),
    "high": _("Highest possible"),
    "words": _("Words"),
    "text": _("Words"),
    "subject_type": _("About"),
    "subject_id": _("Its number"),
    "reason": _("Reason"),
    "reasons": _("Reasons"),
    "opened_at": _("Opened"),
    "closed_at": _("Closed"),
    "outcome": _("Outcome"),
    "result": _("Result"),
    "due_at": _("Due"),
    "code": _("Survey"),
    "survey": _("Survey"),
    "send_at": _("Planned for"),
    "sent_at": _("Sent"),
    "started_at": _("Begun"),
    "submitted_at": _("Finished"),
    "partial": _("Left half-way"),
    "title": _("Title"),
    "done_at": _("Done"),
    "ended_at": _("Done"),
    "address": _("Address"),
    "error": _("Error"),
    "seen_at": _("When"),
    "times": _("How often"),
    "decision": _("Decided"),
    "decided_at": _("Decided on"),
    "action": _("What was done"),
    "actor_label": _("By whom"),
    "detail": _("Details"),
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One section as a person reads it: its title, and for each row what is said of it."""

    title: str
    rows: list[list[tuple[str, str]]]


def chapters(sections: Mapping[str, Rows]) -> list[Chapter]:
    """The sections of an export in the active reader's language; what has no word of its own keeps its code."""
    return [Chapter(str(SECTIONS.get(name, name)), [list(_said(row)) for row in rows]) for name, rows in sections.items()]


def _said(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        yield str(COLUMNS.get(name, name)), _read(value)


def _read(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.datetime):
        return display.moment(value)
    if isinstance(value, int | float):
        return display.num(value)
    if isinstance(value, Mapping):
        return gettext(", ").join(
            f"{COLUMNS.get(name, name)}: {_read(inner)}" for name, inner in value.items() if inner not in (None, "", [], {})
        )
    if isinstance(value, list | tuple):
        return gettext("; ").join(_read(inner) for inner in value)
    return str(value)
