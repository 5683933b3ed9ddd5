"""What went wrong, for programs: dead letters and jobs given up, tried again or dismissed; and how far the machinery is."""

import datetime as dt
from typing import Annotated, Any

from django.http import Http404
from ninja import Query, Router, Schema, Status

from peyvand.core import jobs
from peyvand.core.ids import private_id
from peyvand.core.masking import readable
from peyvand.core.models import Job
from peyvand.timeline.models import DeadLetter
from peyvand.timeline.queries import open_letters
from peyvand.timeline.services import discard_job, retry_job, settle_letter
from peyvand.timeline.subscriptions import retry, retry_open
from peyvand.timeline.watching import machinery
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid, sees_contacts
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["operations"])
MOST_JOBS = 100


class LetterTold(Schema):
    """An interaction that a reaction failed on; the rest went on."""

    id: str
    reaction: str
    interaction: str
    error: str
    attempts: int
    failed_at: dt.datetime


class LetterPage(Schema):
    """Open dead letters, the newest first."""

    items: list[LetterTold]
    next: str


class LettersTried(Schema):
    """How many worked this time, of how many."""

    worked: int
    tried: int


class JobTold(Schema):
    """A piece of work that was given up."""

    id: str
    name: str
    error: str
    attempts: int
    created_at: dt.datetime
    failed_at: dt.datetime | None


class JobList(Schema):
    """Jobs given up, the last hundred, the latest first."""

    items: list[JobTold]


class MachineryTold(Schema):
    """How far things are."""

    working: bool
    jobs_due: int
    oldest_due_s: float
    catching_up: bool
    figures_as_of: dt.datetime | None
    dead_letters: int
    dead_jobs: int


@opens(ROUTER.get, "/operations", Scope.OPERATIONS, response=MachineryTold, summary="How far things are")
def operations(request: KeyRequest) -> dict[str, Any]:
    """Whether a worker lives, how much waits, and what waits for a person."""
    now = machinery(request.workspace.pk)
    told = {name: getattr(now, name) for name in ("working", "jobs_due", "catching_up", "figures_as_of")}
    dead = {"dead_letters": open_letters(request.workspace).count(), "dead_jobs": jobs.dead(request.workspace.pk).count()}
    return told | dead | {"oldest_due_s": now.oldest_due.total_seconds()}


@opens(ROUTER.get, "/dead-letters", Scope.OPERATIONS, response=LetterPage, summary="Open dead letters, the newest first")
def dead_letters(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Page by page; settled ones stand in the audit trail."""
    rows, following = page(request, "letters", open_letters(request.workspace), asked)
    return {"items": [_letter(request, one) for one in rows], "next": following}


@opens(ROUTER.post, "/dead-letters/retry", Scope.OPERATIONS, response=LettersTried, summary="Try every dead letter again")
def retry_letters(request: KeyRequest) -> dict[str, Any]:
    """The oldest first, two hundred at most."""
    worked, tried = retry_open(request.workspace, actor=request.member.user)
    return {"worked": worked, "tried": tried}


@opens(ROUTER.post, "/dead-letters/{letter}/retry", Scope.OPERATIONS, response={204: None}, summary="Try a dead letter again")
def retry_letter(request: KeyRequest, letter: str) -> Status[None]:
    """Refused where it failed again; its error is the new one then."""
    row = own(request, open_letters(request.workspace), letter)
    if not retry(row, actor=request.member.user):
        row.refresh_from_db()
        raise Refused(422, "not-possible", f"It failed again: {readable(row.error, sees=sees_contacts(request))}")
    return Status(204, None)


@opens(ROUTER.delete, "/dead-letters/{letter}", Scope.OPERATIONS, response={204: None}, summary="Dismiss a dead letter")
def dismiss_letter(request: KeyRequest, letter: str) -> Status[None]:
    """It is kept in the audit trail."""
    settle_letter(letter=own(request, open_letters(request.workspace), letter), actor=request.member.user, how="dismissed")
    return Status(204, None)


@opens(ROUTER.get, "/dead-jobs", Scope.OPERATIONS, response=JobList, summary="Jobs that were given up")
def dead_jobs(request: KeyRequest) -> dict[str, Any]:
    """Without what they were to work on."""
    return {"items": [_job(request, one) for one in jobs.dead(request.workspace.pk)[:MOST_JOBS]]}


@opens(ROUTER.post, "/dead-jobs/{job}/retry", Scope.OPERATIONS, response={204: None}, summary="Let a job run again")
def retry_dead_job(request: KeyRequest, job: str) -> Status[None]:
    """From the start."""
    retry_job(_dead_job(request, job), workspace=request.workspace, actor=request.member.user)
    return Status(204, None)


@opens(ROUTER.delete, "/dead-jobs/{job}", Scope.OPERATIONS, response={204: None}, summary="Discard a job that was given up")
def discard_dead_job(request: KeyRequest, job: str) -> Status[None]:
    """What it was to do is left undone; that it was discarded is kept in the audit trail."""
    discard_job(_dead_job(request, job), workspace=request.workspace, actor=request.member.user)
    return Status(204, None)


def _dead_job(request: KeyRequest, text: str) -> Job:
    row = jobs.dead(request.workspace.pk).filter(pk=private_id(bytes(request.workspace.id_key), text) or 0).first()
    if row is None:
        raise Http404
    return row


def _letter(request: KeyRequest, letter: DeadLetter) -> dict[str, Any]:
    told = {name: getattr(letter, name) for name in ("attempts", "failed_at")}
    ids = {"id": pid(request, letter.pk), "interaction": pid(request, letter.interaction_id)}
    return told | ids | {"error": readable(letter.error, sees=sees_contacts(request)), "reaction": letter.subscription}


def _job(request: KeyRequest, job: Job) -> dict[str, Any]:
    told = {name: getattr(job, name) for name in ("name", "attempts", "created_at", "failed_at")}
    return told | {"id": pid(request, job.pk), "error": readable(job.error, sees=sees_contacts(request))}
