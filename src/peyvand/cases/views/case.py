"""One case on a page of its own, and everything that is done to it. A refused step shows the page again with what was typed."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from peyvand.cases import queries
from peyvand.cases.forms import CloseForm, ContactForm, DeadlineForm, MessageForm, NoteForm, OwnerForm, PromiseForm, SeenForm
from peyvand.cases.models import Case
from peyvand.cases.rows import pid_of
from peyvand.cases.services import (
    CaseError,
    add_note,
    adjust,
    assign,
    close,
    policy_of,
    promise,
    reopen,
    send_message,
    settle_promise,
    take,
    work_contact,
)
from peyvand.cases.types import ContactResult, Outcome
from peyvand.cases.views import desk, panel
from peyvand.cases.views.asking import BESIDE, asked
from peyvand.core.ids import private_id
from peyvand.tasks.models import Task
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.types import Permission

Do = Callable[[ConsoleRequest, Case, dict[str, Any]], str]


@requires(Permission.CASES_READ)
def case(request: ConsoleRequest, pid: str) -> HttpResponse:
    """One case alone: what a phone opens, and what others link to."""
    return _own_page(request, found(request, pid))


def found(request: ConsoleRequest, pid: str) -> Case:
    """The case of an address. Raises Http404 for one of another brand as for none."""
    policy_of(request.workspace)
    integer = private_id(bytes(request.workspace.id_key), pid) or 0
    case = queries.cases_of(request.workspace).filter(pk=integer).first()
    if case is None:
        raise Http404
    case.workspace = request.workspace
    return case


def _own_page(request: ConsoleRequest, case: Case, bound: dict[str, forms.Form] | None = None, status: int = 200) -> HttpResponse:
    built = panel.build(request, policy_of(request.workspace), case, bound)
    return render(request, "cases/case.html", {"panel": built}, status=status)


def _back(request: ConsoleRequest, case: Case) -> HttpResponse:
    if request.GET.get(BESIDE):
        return redirect(_asked(request, case).url(case=case.pk), permanent=False)
    return redirect("cases:case", pid_of(request.workspace, case))


def _asked(request: ConsoleRequest, case: Case) -> Any:
    query = QueryDict(request.META.get("QUERY_STRING", ""))
    return asked(request.member, queries.counts(request.member), query)


def _again(request: ConsoleRequest, case: Case, bound: dict[str, forms.Form]) -> HttpResponse:
    fresh = found(request, pid_of(request.workspace, case))
    if request.GET.get(BESIDE):
        return desk.show(request, _asked(request, fresh), bound, status=422)
    return _own_page(request, fresh, bound, status=422)


def _step(name: str, form_class: type[SeenForm], permission: Permission) -> Callable[[Do], Callable[..., Any]]:
    """A view that checks a form and does one thing; a GET (a reload after an error) leads to the case."""

    def wrap(do: Do) -> Callable[..., Any]:
        @requires(permission)
        def view(request: ConsoleRequest, pid: str) -> HttpResponse:
            case = found(request, pid)
            if request.method != "POST":
                return _back(request, case)
            form = form_class(case, request.POST, prefix=name)
            if not form.is_valid():
                return _again(request, case, {name: form})
            try:
                said = do(request, case, form.cleaned_data)
            except CaseError as refused:
                return _refused(request, case, name, form, str(refused))
            messages.success(request, said)
            return _back(request, case)

        view.__name__ = do.__name__
        return view

    return wrap


def _refused(request: ConsoleRequest, case: Case, name: str, form: SeenForm, why: str) -> HttpResponse:
    """Show what was typed again over the newest state, so that sending it once more is a decision."""
    form.add_error(None, why)
    sent = request.POST.copy()
    sent[f"{name}-seen"] = str(Case.objects.values_list("version", flat=True).get(pk=case.pk))
    form.data = sent
    return _again(request, case, {name: form})


@_step("contact", ContactForm, Permission.CASES_WORK)
def contact(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """A call, and what was promised in it."""
    work_contact(
        case=case,
        actor=request.member,
        result=ContactResult(said["result"]),
        text=said["text"],
        again_at=said["later"] if said["result"] == ContactResult.LATER else None,
        reason=said["reason"],
        promised=said["promised"],
        promised_for=said["promised_for"],
        seen=said["seen"],
    )
    return _("The call is noted.")


@_step("message", MessageForm, Permission.CASES_WORK)
def message(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """A message by e-mail."""
    send_message(case=case, actor=request.member, subject=said["subject"], text=said["text"], seen=said["seen"])
    return _("The message is on its way.")


@_step("promise", PromiseForm, Permission.CASES_WORK)
def promise_step(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """One more promise."""
    promise(case=case, actor=request.member, text=said["promised"], due_at=said["promised_for"], seen=said["seen"])
    return _("The promise is kept in the case; you will be reminded.")


@_step("close", CloseForm, Permission.CASES_WORK)
def close_step(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """The end."""
    outcome, again = Outcome(said["outcome"]), said["ask_again"]
    close(case=case, actor=request.member, outcome=outcome, text=said["text"], ask_again=again, seen=said["seen"])
    return _("The case is closed; the customer will be asked once more.") if again else _("The case is closed.")


@_step("note", NoteForm, Permission.CASES_WORK)
def note(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """A note for colleagues."""
    add_note(case=case, actor=request.member, text=said["text"])
    return _("The note is kept.")


@_step("owner", OwnerForm, Permission.CASES_ASSIGN)
def owner(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """Another owner, or none."""
    assign(case=case, owner=said["owner"], actor=request.member, seen=said["seen"])
    return _("The case belongs to %(who)s now.") % {"who": said["owner"]} if said["owner"] else _("The case has no owner now.")


@_step("deadline", DeadlineForm, Permission.CASES_WORK)
def deadline(request: ConsoleRequest, case: Case, said: dict[str, Any]) -> str:
    """Another deadline or reason."""
    adjust(case=case, actor=request.member, reason=said["reason"], due_at=said["due_at"], seen=said["seen"])
    return _("The case is changed.")


def _simply(request: ConsoleRequest, pid: str, do: Callable[[Case], object], said: str) -> HttpResponse:
    """A step without a form: done, or its refusal said above the page."""
    case = found(request, pid)
    if request.method != "POST":
        return _back(request, case)
    try:
        do(case)
    except CaseError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return _back(request, case)


@requires(Permission.CASES_WORK)
def take_step(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Take a case that nobody has."""
    return _simply(request, pid, lambda case: take(case=case, actor=request.member), _("The case is yours."))


@requires(Permission.CASES_WORK)
def reopen_step(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Take a closed case up again."""
    return _simply(request, pid, lambda case: reopen(case=case, actor=request.member), _("The case is open again."))


@requires(Permission.CASES_WORK)
def settle(request: ConsoleRequest, pid: str, task: str) -> HttpResponse:
    """Say that a promise was kept, or take it back."""
    kept = request.POST.get("kept") == "1"
    integer = private_id(bytes(request.workspace.id_key), task) or 0
    known = Task.objects.filter(pk=integer, workspace=request.workspace).first()
    if known is None:
        raise Http404
    said = _("The promise is kept.") if kept else _("The promise is taken back.")
    return _simply(request, pid, lambda case: settle_promise(case=case, task=known, actor=request.member, kept=kept), said)
