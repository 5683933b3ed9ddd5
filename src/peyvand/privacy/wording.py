"""The words of an export: what its sections and columns are called, and how values read. Called by services.exporting."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from peyvand.core import display
from peyvand.core.privacy import Rows

SECTIONS: Final[Mapping[str, str | Promise]] = {
    "names": lazy("Name"),
    "identities": lazy("Ways you are known by"),
    "profile": lazy("Profile"),
    "companies": lazy("Companies you acted for"),
    "consents": lazy("What you agreed to and refused"),
    "interactions": lazy("What happened between you and us"),
    "cases": lazy("Complaints that were followed up"),
    "case_events": lazy("What was done about them"),
    "invitations": lazy("What you were asked"),
    "responses": lazy("What you answered by our links"),
    "answers": lazy("Your scores and words"),
    "tasks": lazy("What somebody was to do for you"),
    "messages": lazy("What we wrote to you"),
    "refused_addresses": lazy("Addresses of yours that refused our messages"),
    "taken_for_one_with_others": lazy("When you were taken for somebody else"),
    "tellings": lazy("Other systems that were told"),
    "audit": lazy("Who looked at or changed what is kept of you"),
}
COLUMNS: Final[Mapping[str, str | Promise]] = {
    "name": lazy("Name"),
    "created_at": lazy("Since"),
    "type": lazy("Type"),
    "value": lazy("Value"),
    "language": lazy("Language"),
    "attributes": lazy("Attributes"),
    "preferences": lazy("Preferences"),
    "first_seen_at": lazy("First seen"),
    "last_seen_at": lazy("Last seen"),
    "interactions": lazy("Interactions"),
    "purchases": lazy("Purchases"),
    "purchase_total": lazy("Purchases in all"),
    "currency": lazy("Currency"),
    "since": lazy("Since"),
    "until": pgettext_lazy("a day", "Until"),
    "purpose": lazy("Purpose"),
    "channel": lazy("Channel"),
    "channel_kind": lazy("Channel"),
    "granted": lazy("Agreed"),
    "source": lazy("Source"),
    "note": lazy("Note"),
    "at": lazy("When"),
    "kind": lazy("Kind"),
    "occurred_at": lazy("When"),
    "recorded_at": lazy("Recorded"),
    "touchpoint": lazy("Touchpoint"),
    "stage": lazy("Stage"),
    "product": lazy("Product"),
    "branch": lazy("Branch"),
    "department": lazy("Department"),
    "employee": lazy("Employee"),
    "company": lazy("Company"),
    "device": lazy("Device"),
    "subject": lazy("About"),
    "amount": lazy("Amount"),
    "duration_s": lazy("Duration in seconds"),
    "response_s": lazy("Time to the answer in seconds"),
    "properties": lazy("Details"),
    "external_id": lazy("Its own number"),
    "perceptions": lazy("How it felt"),
    "number": lazy("Number"),
    "state": lazy("State"),
    "measure": lazy("Measure"),
    "score": lazy("Score"),
    "score_before": lazy("Score"),
    "low": lazy("Lowest possible"),
    "high": lazy("Highest possible"),
    "words": lazy("Words"),
    "text": lazy("Words"),
    "subject_type": lazy("About"),
    "subject_id": lazy("Its number"),
    "reason": lazy("Reason"),
    "reasons": lazy("Reasons"),
    "opened_at": lazy("Opened"),
    "closed_at": lazy("Closed"),
    "outcome": lazy("Outcome"),
    "result": lazy("Result"),
    "due_at": lazy("Due"),
    "code": lazy("Survey"),
    "survey": lazy("Survey"),
    "send_at": lazy("Planned for"),
    "sent_at": lazy("Sent"),
    "started_at": lazy("Begun"),
    "submitted_at": lazy("Finished"),
    "partial": lazy("Left half-way"),
    "title": lazy("Title"),
    "done_at": lazy("Done"),
    "ended_at": lazy("Done"),
    "address": lazy("Address"),
    "error": lazy("Error"),
    "seen_at": lazy("When"),
    "times": lazy("How often"),
    "decision": lazy("Decided"),
    "decided_at": lazy("Decided on"),
    "action": lazy("What was done"),
    "actor_label": lazy("By whom"),
    "detail": lazy("Details"),
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
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return display.moment(value)
    if isinstance(value, int | float):
        return display.num(value)
    if isinstance(value, Mapping):
        return _(", ").join(
            f"{COLUMNS.get(name, name)}: {_read(inner)}" for name, inner in value.items() if inner not in (None, "", [], {})
        )
    if isinstance(value, list | tuple):
        return _("; ").join(_read(inner) for inner in value)
    return str(value)
