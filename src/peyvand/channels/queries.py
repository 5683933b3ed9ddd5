"""Reads of channels: by which way mail leaves, and pages of the outbox. Called by the settings pages."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Count, Min, QuerySet

from peyvand.channels.accounts import channel_of
from peyvand.channels.models import BulkApproval, Outgoing, RefusedAddress, SendingStop
from peyvand.channels.registry import reasons_against
from peyvand.channels.types import Purpose
from peyvand.core.ids import read_token, sign_token
from peyvand.identities.models import Customer
from peyvand.workspaces.models import Workspace

PAGE: Final = 50
PURPOSE: Final = "outbox"
LOOKED_AT: Final = 1000  # messages whose sense is asked for at once


def mail_way(workspace: Workspace) -> str:
    """By which way mail leaves: the brand's `own` server, the `installation`'s, or it is `kept` in the data folder."""
    if channel_of(workspace, "email") is not None:
        return "own"
    return "installation" if settings.PEYVAND_MAIL_READY else "kept"


def refusals_of(customer: Customer) -> dict[int, RefusedAddress]:
    """Identity → why no message goes to it, of one customer."""
    return {one.identity_id: one for one in RefusedAddress.objects.filter(identity__customer=customer)}


class OutboxPage(NamedTuple):
    """Messages, newest first, and the cursors beside them as text."""

    messages: Sequence[Outgoing]
    previous: str = ""
    following: str = ""


def outbox(workspace: Workspace, *, state: str = "", cursor: str = "") -> OutboxPage:
    """One page of the outbox, of one state or of all."""
    found = Outgoing.objects.filter(workspace=workspace).select_related("customer")
    if state in Outgoing.State.values:
        found = found.filter(state=state)
    read = read_token(PURPOSE, cursor) if cursor else None
    at, back = (int(read[0]), bool(read[1])) if read is not None and len(read) == 2 else (None, False)
    if at is not None:
        found = found.filter(pk__gt=at) if back else found.filter(pk__lt=at)
    rows = list(found.order_by("pk" if back else "-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if back:
        rows.reverse()
    if not rows:
        return OutboxPage([])
    previous = sign_token(PURPOSE, (rows[0].pk, 1)) if (more if back else at is not None) else ""
    following = sign_token(PURPOSE, (rows[-1].pk, 0)) if back or more else ""
    return OutboxPage(rows, previous, following)


def outbox_counts(workspace: Workspace) -> dict[str, int]:
    """How many messages of each state there are."""
    return dict(Outgoing.objects.filter(workspace=workspace).values_list("state").annotate(n=Count("pk")).order_by())


def stop_of(workspace: Workspace) -> SendingStop | None:
    """The switch that holds back everything to customers, with who turned it and why; None while messages leave."""
    return SendingStop.objects.select_related("by").filter(workspace=workspace).first()


def waiting_messages(workspace: Workspace) -> QuerySet[Outgoing]:
    """What is queued: about to leave, or held back as long as sending is stopped."""
    return Outgoing.objects.filter(workspace=workspace, state=Outgoing.State.QUEUED)


class Waiting(NamedTuple):
    """Messages of one purpose that wait: how many, the oldest since when, and how many of them will not leave whatever is chosen."""

    purpose: Purpose
    messages: int
    since: dt.datetime
    void: int


def waiting_by_purpose(workspace: Workspace) -> list[Waiting]:
    """What waits, the purpose with the most first."""
    told = waiting_messages(workspace).order_by().values_list("purpose").annotate(n=Count("pk"), since=Min("created_at"))
    found = [(Purpose(purpose), n, since) for purpose, n, since in told]
    return [Waiting(purpose, n, since, _void(workspace, purpose)) for purpose, n, since in sorted(found, key=lambda one: -one[1])]


def _void(workspace: Workspace, purpose: Purpose) -> int:
    last, void = 0, 0
    waiting = waiting_messages(workspace).filter(purpose=purpose).order_by("pk")
    while piece := list(waiting.filter(pk__gt=last).values_list("pk", "key")[:LOOKED_AT]):
        void += len(reasons_against([key for _pk, key in piece]))
        last = piece[-1][0]
    return void


def waiting_approvals(workspace: Workspace) -> list[BulkApproval]:
    """What wants to write to many and waits for somebody's word, the oldest first."""
    asked = BulkApproval.objects.filter(workspace=workspace, approved_at=None, refused_at=None)
    return list(asked.select_related("workspace", "begun_by").order_by("pk"))


def last_refusal(workspace: Workspace, subject: str) -> BulkApproval | None:
    """When somebody last said no to what this subject wanted; None where nobody did."""
    refused = BulkApproval.objects.filter(workspace=workspace, subject=subject, refused_at__isnull=False)
    return refused.select_related("refused_by").order_by("-refused_at").first()
