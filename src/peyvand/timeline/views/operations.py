"""What went wrong and how far things are: dead letters, jobs given up, queues, the lake, the worker."""

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peyvand.core import clock, jobs
from peyvand.core.display import duration, moment, num
from peyvand.core.ids import private_id
from peyvand.core.masking import readable
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.queries import kind_labels, open_letters
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.services import discard_job, retry_job, settle_letter
from peyvand.timeline.subscriptions import retry, retry_open
from peyvand.timeline.types import Event
from peyvand.timeline.watching import machinery
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.types import Permission

SHOWN = 100


@requires(Permission.OPERATIONS)
@require_safe
def operations(request: ConsoleRequest) -> HttpResponse:
    """Everything that waits for a person, in words, and the state of the machinery."""
    letters = list(_open(request)[:SHOWN])
    told = {event.id: event for event in events(read_ids([letter.interaction_id for letter in letters]), felt={})}
    kinds = kind_labels(request.workspace.pk, {event.kind for event in told.values()})
    sees = request.member.may(Permission.CONTACTS_SEE)
    rows = [
        {
            "pid": pid_of(request.workspace, letter),
            "letter": letter,
            "what": _in_words(told.get(letter.interaction_id), kinds),
            "error": readable(letter.error, sees=sees),
        }
        for letter in letters
    ]
    dead = [
        {"pid": pid_of(request.workspace, job), "job": job, "error": readable(job.error, sees=sees)}
        for job in jobs.dead(request.workspace.pk)[:SHOWN]
    ]
    context = {"letters": rows, "count": _open(request).count(), "jobs": dead, "facts": _facts(request.workspace.pk)}
    return render(request, "timeline/operations.html", context)


def _open(request: ConsoleRequest) -> QuerySet[DeadLetter]:
    return open_letters(request.workspace).order_by("-failed_at")


def _in_words(event: Event | None, kinds: Mapping[str, str]) -> str:
    if event is None:
        return _("An interaction that no longer exists")
    told = {"kind": kinds[event.kind], "when": moment(event.occurred_at), "source": f"\u2068{event.source}\u2069" if event.source else "–"}
    return _("%(kind)s, %(when)s, from %(source)s") % told


def _facts(workspace_id: int) -> list[dict[str, object]]:
    now = machinery(workspace_id)
    waiting = {"n": num(now.jobs_due), "span": duration(now.oldest_due, 1)}
    queue = _("%(n)s wait, the first for %(span)s") % waiting if now.jobs_due else _("nothing waits")
    return [
        {"term": _("Worker"), "value": _("at work") if now.working else _("not running: start “peyvand serve” or “peyvand worker”")},
        {"term": _("Jobs due"), "value": queue},
        {"term": _("Readers of the timeline"), "value": _("catching up") if now.catching_up else _("all up to date")},
        {"term": _("Figures as of"), "value": moment(now.figures_as_of) if now.figures_as_of else _("not copied yet")},
        {"term": _("Now"), "value": moment(clock.now())},
    ]


@requires(Permission.OPERATIONS)
@require_POST
def letter(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Try one dead letter again, or dismiss it (`dismiss`)."""
    row = own_or_404(request, DeadLetter.objects.filter(settled_at=None), pid)
    if "dismiss" in request.POST:
        settle_letter(letter=row, actor=request.user, how="dismissed")
        messages.success(request, _("Dismissed; it is kept in the audit trail."))
    elif retry(row, actor=request.user):
        messages.success(request, _("It worked this time."))
    else:
        messages.error(request, _("It failed again for the same kind of reason; see below."))
    return redirect("timeline:operations")


@requires(Permission.OPERATIONS)
@require_POST
def retry_all(request: ConsoleRequest) -> HttpResponse:
    """Try every dead letter again."""
    worked, tried = retry_open(request.workspace, actor=request.user)
    messages.success(request, _("%(worked)s of %(all)s worked this time.") % {"worked": num(worked), "all": num(tried)})
    return redirect("timeline:operations")


@requires(Permission.OPERATIONS)
@require_POST
def job(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Let a job that was given up be tried from the start, or take it away (`discard`)."""
    job_id = private_id(bytes(request.workspace.id_key), pid)
    row = jobs.dead(request.workspace.pk).filter(pk=job_id).first() if job_id is not None else None
    if row is None:
        raise Http404
    if "discard" in request.POST:
        if discard_job(row, workspace=request.workspace, actor=request.user):
            messages.success(request, _("The job was discarded; it is kept in the audit trail."))
    elif retry_job(row, workspace=request.workspace, actor=request.user):
        messages.success(request, _("The job is in the queue again."))
    return redirect("timeline:operations")
