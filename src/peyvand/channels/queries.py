"""Reads of channels: by which way mail leaves, and pages of the outbox. Called by the settings pages."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import Count

from peyvand.channels.accounts import channel_of
from peyvand.channels.models import BulkApproval, Outgoing, RefusedAddress, SendingStop
from peyvand.core.ids import read_token, sign_token
from peyvand.identities.models import Customer
from peyvand.workspaces.models import Workspace

PAGE: Final = 50
PURPOSE: Final = "outbox"


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


def waiting_approvals(workspace: Workspace) -> list[BulkApproval]:
    """What wants to write to many and waits for somebody's word, the oldest first."""
    return list(BulkApproval.objects.filter(workspace=workspace, approved_at=None).order_by("pk"))
