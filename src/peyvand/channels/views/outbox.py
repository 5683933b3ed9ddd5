"""The outbox: what was sent to whom, what waits, what failed and why; failed ones can be sent again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from peyvand.channels.models import Outgoing
from peyvand.channels.queries import mail_way, outbox_counts, stop_of
from peyvand.channels.queries import outbox as outbox_page
from peyvand.channels.services import resend
from peyvand.core import emails
from peyvand.core.display import num
from peyvand.core.ids import private_id, public_id
from peyvand.core.masking import readable
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Permission

TONES = {
    Outgoing.State.QUEUED: "accent",
    Outgoing.State.SENT: "good",
    Outgoing.State.FAILED: "bad",
    Outgoing.State.HELD: "mixed",
    Outgoing.State.UNSURE: "mixed",
}
SENDABLE = (Outgoing.State.FAILED, Outgoing.State.HELD, Outgoing.State.UNSURE)


@requires(Permission.OPERATIONS)
@require_safe
def outbox(request: ConsoleRequest) -> HttpResponse:
    """The list, by state."""
    state = request.GET.get("state", "")
    state = state if state in Outgoing.State.values else ""
    page = outbox_page(request.workspace, state=state, cursor=request.GET.get("from", ""))
    counts = outbox_counts(request.workspace)
    sees = request.member.may(Permission.CONTACTS_SEE)
    words = {
        Outgoing.State.QUEUED: _("Waiting"),
        Outgoing.State.SENT: _("Sent"),
        Outgoing.State.FAILED: _("Failed"),
        Outgoing.State.HELD: _("Held back"),
        Outgoing.State.UNSURE: _("Not certain"),
    }
    way = mail_way(request.workspace)
    reads = sees and way == "kept"
    if page.messages:
        note_bulk_view(member=request.member, action="messages.listed", detail={"contacts": sees})
    context = {
        "rows": [_row(request, message, words, sees=sees) | {"text": _kept_text(message) if reads else ""} for message in page.messages],
        "tabs": _tabs(state, counts, {str(key): text for key, text in words.items()}),
        "finding": _finding(counts, stopped=stop_of(request.workspace) is not None),
        "way": way,
        "empty": not counts,
        "pager": {"previous_url": _url(state, page.previous), "next_url": _url(state, page.following)},
    }
    return render(request, "channels/outbox.html", context)


def _row(request: ConsoleRequest, message: Outgoing, words: dict[Outgoing.State, str], *, sees: bool) -> dict[str, Any]:
    state = Outgoing.State(message.state)
    return {
        "message": message,
        "state": words[state],
        "tone": TONES[state],
        "to": message.address if sees else emails.mask(message.address),
        "name": readable(message.customer.name if message.customer is not None else "", sees=sees),
        "subject": readable(message.subject, sees=sees),
        "error": readable(_(message.error), sees=sees) if message.error else "",
        "at": message.sent_at or message.created_at,
        "resend_url": reverse("channels:resend", args=[public_id(bytes(request.workspace.id_key), message.pk)])
        if state in SENDABLE and message.text
        else "",
    }


def _kept_text(message: Outgoing) -> str:
    """What was written, where no mailbox has it: a mail that only lies in the data folder is read here, its links included."""
    return message.text if message.state == Outgoing.State.SENT else ""


def _tabs(now: str, counts: dict[str, int], words: dict[str, str]) -> list[dict[str, Any]]:
    tabs = [{"label": _("All"), "url": "?", "current": not now, "count": sum(counts.values())}]
    return tabs + [
        {"label": text, "url": f"?state={state}", "current": now == state, "count": counts.get(state, 0)} for state, text in words.items()
    ]


def _finding(counts: dict[str, int], *, stopped: bool) -> str:
    failed, unsure, waiting = (counts.get(state, 0) for state in (Outgoing.State.FAILED, Outgoing.State.UNSURE, Outgoing.State.QUEUED))
    if failed:
        told = ngettext(
            "%(n)s message did not leave. The reason stands beside it.",
            "%(n)s messages did not leave. The reason stands beside each.",
            failed,
        )
        return told % {"n": num(failed)}
    if unsure:
        told = ngettext(
            "Of %(n)s message it is not certain whether it arrived.", "Of %(n)s messages it is not certain whether they arrived.", unsure
        )
        return told % {"n": num(unsure)}
    if waiting and stopped:
        told = ngettext("%(n)s message waits until sending goes on.", "%(n)s messages wait until sending goes on.", waiting)
        return told % {"n": num(waiting)}
    if waiting:
        return ngettext("%(n)s message is about to leave.", "%(n)s messages are about to leave.", waiting) % {"n": num(waiting)}
    return _("Everything that was to leave has left.") if counts else ""


def _url(state: str, cursor: str) -> str:
    if not cursor:
        return ""
    query = QueryDict(mutable=True)
    query.update({"state": state, "from": cursor} if state else {"from": cursor})
    return f"?{query.urlencode()}"


@requires(Permission.OPERATIONS)
@require_POST
def send_again(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Queue a message again that failed, was held or may not have arrived."""
    key = private_id(bytes(request.workspace.id_key), pid) or 0
    message = Outgoing.objects.filter(workspace=request.workspace, pk=key).select_related("workspace", "customer").first()
    if message is None:
        raise Http404
    resend(outgoing=message, actor=request.user)
    messages.success(request, _("It is tried again now."))
    return HttpResponseRedirect(reverse("channels:outbox"))
