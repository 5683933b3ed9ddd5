"""What leaves to customers, and which numbers may stand in what comes in, for programs: one switch, approvals, rules."""

import datetime as dt
from typing import Annotated, Any

from django.http import QueryDict
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from peyvand.channels.models import BulkApproval
from peyvand.channels.queries import stop_of, waiting_approvals, waiting_by_purpose
from peyvand.channels.services import approve, refuse, resume_sending, stop_sending
from peyvand.channels.services.approving import APPROVE_ABOVE, BY_ANOTHER, NotByWhoBeganError
from peyvand.channels.types import Purpose
from peyvand.privacy.forms import RulesForm
from peyvand.timeline.services.numbers import UNREDACTED
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["privacy"])
PurposeWord = Annotated[Purpose, WithJsonSchema({"type": "string", "enum": [one.value for one in Purpose]})]
Paths = Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=40)]


class SendingIn(Said):
    """Whether messages leave to customers."""

    stopped: bool
    reason: str = Field("", max_length=200, description="why they are stopped, or dropped: colleagues read it")
    drop: list[PurposeWord] = Field(
        [], max_length=len(Purpose), description="with `stopped` false: what waits for these purposes is never sent, with your reason"
    )


class WaitingTold(Schema):
    """Messages of one purpose that wait in the outbox."""

    purpose: PurposeWord
    messages: int
    since: dt.datetime = Field(description="the oldest of them")
    void: int = Field(description="how many of them do not leave whatever you choose: expired, or of a survey that has ended")


class SendingTold(Schema):
    """Whether messages leave, who stopped them, and what waits since."""

    stopped: bool
    reason: str
    at: dt.datetime | None
    by: str | None
    waiting: list[WaitingTold] = Field(description="nothing while messages leave")


class ApprovalTold(Schema):
    """What wants to write to many at once and waits for somebody's word."""

    id: str
    subject: str
    label: str
    recipients: int
    asked_at: dt.datetime
    begun_by: str | None = Field(description="who let it begin, where that is known")
    approved_at: dt.datetime | None
    refused_at: dt.datetime | None
    reason: str = Field(description="why it was refused")


class RefusalIn(Said):
    """Why something may not write to those who wait."""

    reason: str = Field(min_length=1, max_length=200)


class ApprovalList(Schema):
    """What waits, the oldest first."""

    items: list[ApprovalTold]


class PrivacyRules(Said):
    """From how many recipients on somebody must agree, and in which properties numbers may stand that are taken out elsewhere."""

    approve_above: int | None = Field(None, ge=0, le=10_000_000, description="recipients in a day; null: nobody is asked")
    approve_by_another: bool = Field(default=False, description="another person than who began it must agree")
    card: Paths = Field([], description="properties as they come in, such as `terminal`")
    iban: Paths = []
    national_id: Paths = []


@opens(ROUTER.get, "/sending", Scope.PRIVACY, response=SendingTold, summary="Whether messages leave to customers")
def sending(request: KeyRequest) -> dict[str, Any]:
    """Who stopped them and why, and what waits since, by purpose: to be looked at before it goes on."""
    stop = stop_of(request.workspace)
    if stop is None:
        return {"stopped": False, "reason": "", "at": None, "by": None, "waiting": []}
    waiting = [one._asdict() for one in waiting_by_purpose(request.workspace)]
    return {"stopped": True, "reason": stop.reason, "at": stop.at, "by": str(stop.by) if stop.by else None, "waiting": waiting}


@opens(ROUTER.put, "/sending", Scope.PRIVACY, response=SendingTold, summary="Stop all sending, or let it go on")
def put_sending(request: KeyRequest, said: SendingIn) -> dict[str, Any]:
    """At once, for what is queued too. Let go on, those that waited leave first to last, but for the purposes in `drop`."""
    actor = request.member.user
    if said.stopped:
        if said.drop:
            raise Refused(422, "invalid", "drop: only where sending goes on.", "drop")
        stop_sending(workspace=request.workspace, reason=said.reason, actor=actor)
    else:
        if said.drop and not said.reason.strip():
            raise Refused(422, "invalid", "reason: say why they are dropped.", "reason")
        resume_sending(workspace=request.workspace, actor=actor, drop=set(said.drop), reason=said.reason)
    return sending(request)


@opens(ROUTER.get, "/approvals", Scope.PRIVACY, response=ApprovalList, summary="What waits to write to many")
def approvals(request: KeyRequest) -> dict[str, Any]:
    """Until somebody agrees, it does not."""
    return {"items": [_approval(request, one) for one in waiting_approvals(request.workspace)]}


@opens(ROUTER.post, "/approvals/{approval}/approve", Scope.PRIVACY, response=ApprovalTold, summary="Let something write to many")
def approve_one(request: KeyRequest, approval: str) -> dict[str, Any]:
    """From now on for a day, to as many as were named."""
    row = own(request, BulkApproval.objects.select_related("workspace", "begun_by"), approval)
    try:
        done = approve(approval=row, actor=request.member.user)
    except NotByWhoBeganError as error:
        raise Refused(422, "not-possible", str(error)) from error
    return _answered(request, row, done=done)


@opens(ROUTER.post, "/approvals/{approval}/refuse", Scope.PRIVACY, response=ApprovalTold, summary="Refuse to let something write to many")
def refuse_one(request: KeyRequest, approval: str, said: RefusalIn) -> dict[str, Any]:
    """Those who wait are never written to, with your reason."""
    row = own(request, BulkApproval.objects.select_related("workspace", "begun_by"), approval)
    return _answered(request, row, done=refuse(approval=row, actor=request.member.user, reason=said.reason))


def _answered(request: KeyRequest, row: BulkApproval, *, done: bool) -> dict[str, Any]:
    if not done:
        raise Refused(409, "changed-meanwhile", "Somebody answered this already.")
    row.refresh_from_db()
    return _approval(request, row)


@opens(ROUTER.get, "/privacy-rules", Scope.PRIVACY, response=PrivacyRules, summary="When somebody must agree; where numbers may stand")
def privacy_rules(request: KeyRequest) -> dict[str, Any]:
    """Card numbers, IBANs and national ids are taken out of what comes in, but for these properties."""
    return _rules(request.workspace)


@opens(ROUTER.put, "/privacy-rules", Scope.PRIVACY, response=PrivacyRules, summary="Change these rules")
def put_privacy_rules(request: KeyRequest, said: PrivacyRules) -> dict[str, Any]:
    """All of them; they count for what comes in from now on."""
    words = QueryDict(mutable=True)
    words.update({name: ", ".join(getattr(said, name)) for name in ("card", "iban", "national_id")})
    words[APPROVE_ABOVE] = "" if said.approve_above is None else str(said.approve_above)
    if said.approve_by_another:
        words[BY_ANOTHER] = "on"
    form = filled(RulesForm(request.workspace.preferences, words))
    changes = {"preferences": {**request.workspace.preferences, **form.chosen}}
    return _rules(update_workspace(workspace=request.workspace, changes=changes, actor=request.member.user))


def _rules(workspace: Workspace) -> dict[str, Any]:
    stays = workspace.preferences.get(UNREDACTED) or {}
    lists = {name: stays.get(name, []) for name in ("card", "iban", "national_id")}
    by_another = bool(workspace.preferences.get(BY_ANOTHER))
    return {"approve_above": workspace.preferences.get(APPROVE_ABOVE), "approve_by_another": by_another, **lists}


def _approval(request: KeyRequest, approval: BulkApproval) -> dict[str, Any]:
    words = {
        name: getattr(approval, name) for name in ("subject", "label", "recipients", "asked_at", "approved_at", "refused_at", "reason")
    }
    return words | {"id": pid(request, approval.pk), "begun_by": str(approval.begun_by) if approval.begun_by else None}
