"""What is recorded on a customer's page: a spoken opinion in two clicks, a call, a note; each can be taken back there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from peyvand.core.ids import public_id
from peyvand.customers.services.moments import Call, Recorded, add_words, log_call, record_opinion, take_back, write_note
from peyvand.desk.forms.people import CallForm, NoteForm, WordsForm
from peyvand.desk.people.finding import person
from peyvand.desk.people.recorded import recorded_by, undo_token
from peyvand.desk.views.person import levels
from peyvand.identities.models import Customer
from peyvand.timeline.services.batches import BatchError
from peyvand.timeline.types import Refused
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission


def _person(request: ConsoleRequest, pid: str) -> Customer:
    found = person(request.workspace, pid)
    if found is None or found.merged_into is not None:
        raise Http404
    return found


@require_POST
@requires(Permission.FEEDBACK_WRITE)
def opinion(request: ConsoleRequest, pid: str) -> HttpResponse:
    """The second click: a score from 1 to 5."""
    found = _person(request, pid)
    score = request.POST.get("score", "")
    try:
        recorded = record_opinion(customer=found, score=int(score) if score.isascii() and score.isdecimal() else 0, actor=request.user)
    except Refused as refused:
        return _refused(request, pid, refused)
    level = dict(levels())[int(score)]
    return _done(request, found, recorded, _("Recorded: %(level)s") % {"level": level}, words=True)


@require_POST
@requires(Permission.FEEDBACK_WRITE)
def words(request: ConsoleRequest, pid: str) -> HttpResponse:
    """What they said beside the score just recorded."""
    found, form = _person(request, pid), WordsForm(request.POST)
    recorded = recorded_by(request.POST.get("token", ""), found, request.member)
    if recorded is None:
        raise Http404
    if not form.is_valid():
        return _done(request, found, recorded, _("Recorded"), words=True)
    add_words(customer=found, recorded=recorded, text=form.cleaned_data["words"], actor=request.user)
    return _done(request, found, recorded, _("Recorded, with their words"), words=False)


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def call(request: ConsoleRequest, pid: str) -> HttpResponse:
    """A call that was had."""
    found, form = _person(request, pid), CallForm(request.POST)
    if not form.is_valid():
        return render(request, "desk/people/call_form.html", {"call_form": form, "pid": pid}, status=422)
    said = form.cleaned_data
    recorded = log_call(customer=found, call=Call(said["direction"], said["outcome"], note=said["note"]), actor=request.user)
    return _done(request, found, recorded, _("The call was logged"), words=False)


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def note(request: ConsoleRequest, pid: str) -> HttpResponse:
    """A note for colleagues."""
    found, form = _person(request, pid), NoteForm(request.POST)
    if not form.is_valid():
        return render(request, "desk/people/note_form.html", {"note_form": form, "pid": pid}, status=422)
    recorded = write_note(customer=found, text=form.cleaned_data["note"], actor=request.user)
    return _done(request, found, recorded, _("The note is kept"), words=False)


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def undo(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Take back what was just recorded; only who recorded it can, and for half an hour."""
    found = _person(request, pid)
    recorded = recorded_by(request.POST.get("token", ""), found, request.member)
    if recorded is None:
        raise Http404
    try:
        take_back(customer=found, batch_id=recorded.batch_id, actor=request.user)
    except BatchError:
        return _said(request, pid, _("It was taken back already."))
    return _said(request, pid, _("Taken back. Nothing was kept."))


def _done(request: ConsoleRequest, found: Customer, recorded: Recorded, text: str, *, words: bool) -> HttpResponse:
    pid = public_id(bytes(request.workspace.id_key), found.pk)
    if not request.headers.get("HX-Request"):
        messages.success(request, text)
        return redirect("desk:customer", pid)
    context: dict[str, Any] = {
        "text": text,
        "token": undo_token(recorded, found, request.member),
        "pid": pid,
        "words_form": WordsForm() if words else None,
    }
    return render(request, "desk/people/recorded.html", context)


def _said(request: ConsoleRequest, pid: str, text: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "desk/people/recorded.html", {"text": text, "token": "", "pid": pid})
    messages.success(request, text)
    return redirect("desk:customer", pid)


def _refused(request: ConsoleRequest, pid: str, refused: Refused) -> HttpResponse:
    messages.error(request, refused.reason)
    if request.headers.get("HX-Request"):
        return render(request, "desk/people/recorded.html", {"text": _("Choose one of the five."), "token": "", "pid": pid}, status=422)
    return redirect("desk:customer", pid)
