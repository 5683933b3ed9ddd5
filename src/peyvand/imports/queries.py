"""Imports as screens read them: the list, one of them, how far it is, and items in words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from peyvand.imports.languages import for_reader, unpacked
from peyvand.imports.models import Import
from peyvand.imports.types import State
from peyvand.timeline.kinds import kinds
from peyvand.timeline.queries import kind_labels
from peyvand.timeline.types import Item, PerceptionIn
from peyvand.workspaces.models import Workspace

TONES = {
    State.DONE: "good",
    State.FAILED: "bad",
    State.RUNNING: "accent",
    State.CHECKING: "accent",
    State.UNDOING: "mixed",
}


class Progress(NamedTuple):
    """How far a run is: percent, rows a second, and how long it will still take in seconds (None: not known yet)."""

    percent: int
    per_second: int
    left_s: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """One item in words, as it would be recorded."""

    what: str
    icon: str
    at: dt.datetime
    who: str
    amount: int | None
    currency: str | None
    subject: str
    scores: list[PerceptionIn]
    words: str


def imports_of(workspace: Workspace) -> QuerySet[Import]:
    """All imports, the latest first."""
    return Import.objects.filter(workspace=workspace).select_related("created_by").order_by("-id")


def state_words(state: str) -> str:
    """A state in the reader's language."""
    words = {
        State.UPLOADED: _("Uploaded"),
        State.CHECKING: _("Being checked"),
        State.CHECKED: _("Checked"),
        State.RUNNING: _("Running"),
        State.DONE: _("Done"),
        State.FAILED: _("Stopped"),
        State.UNDOING: _("Being undone"),
        State.UNDONE: _("Undone"),
    }
    return words[State(state)]


def check_told(one: Import) -> dict[str, Any]:
    """What a whole check found, its reasons in the reader's language."""
    found = dict(one.check_result)
    if "problem" in found:
        found["problem"] = unpacked(found["problem"])
    if "first" in found:
        found["first"] = rejections_told(found["first"])
    return found


def rejections_told(first: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first rejected rows, each with its reason in the reader's language."""
    return [row | {"reason": for_reader(row["reason"])} for row in first]


def progress_of(one: Import) -> Progress:
    """How far a run is."""
    percent = min(100, 100 * one.position // one.rows) if one.rows else 0
    seconds = one.seconds
    rate = one.position / seconds if seconds > 0.5 and one.position else 0.0
    return Progress(percent, round(rate), (one.rows - one.position) / rate if rate else None)


def told(workspace_id: int, items: Sequence[Item]) -> list[Told]:
    """Items in words."""
    labels = kind_labels(workspace_id, {item.kind for item in items})
    return [_told(item, labels[item.kind]) for item in items]


def _told(item: Item, what: str) -> Told:
    kind = kinds().get(item.kind)
    customer = item.customer
    known = [identity.value for identity in customer.identities] if customer else []
    return Told(
        what=what,
        icon=kind.icon if kind else "pulse",
        at=item.occurred_at,
        who=(customer.name if customer else "") or (known[0] if known else ""),
        amount=item.amount,
        currency=item.currency,
        subject=item.subject.id if item.subject else "",
        scores=[felt for felt in item.perceptions if felt.value is not None][:3],
        words=next((felt.text for felt in item.perceptions if felt.text), ""),
    )
