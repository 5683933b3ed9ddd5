"""What leaves to customers, and which numbers may stand in what comes in, for programs: one switch, approvals, rules."""

import datetime as dt
from typing import Annotated, Any

from django.http import QueryDict
from ninja import Router, Schema
from pydantic import Field

from peyvand.channels.models import BulkApproval
from peyvand.channels.queries import stop_of, waiting_approvals
from peyvand.channels.services import approve, resume_sending, stop_sending
from peyvand.channels.services.approving import APPROVE_ABOVE
from peyvand.privacy.forms import RulesForm
from peyvand.timeline.services.numbers import UNREDACTED
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.services import update_workspace
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["privacy"])
Paths = Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=40)]


class SendingIn(Schema):
    """Whether messages leave to customers."""

    stopped: bool
    reason: str = Field("", max_length=200, description="colleagues read it")


class SendingTold(SendingIn):
    """Whether messages leave, and who stopped them."""

    at: dt.datetime | None
    by: str | None


class ApprovalTold(Schema):
    """What wants to write to many at once and waits for somebody's word."""

    id: str
    subject: str
    label: str
    recipients: int
    asked_at: dt.datetime
    approved_at: dt.datetime | None


class ApprovalList(Schema):
    """What waits, the oldest first."""

    items: list[ApprovalTold]


class PrivacyRules(Schema):
    """From how many recipients on somebody must agree, and in which properties numbers may stand that are taken out elsewhere."""

    approve_above: int | None = Field(None, ge=0, le=10_000_000, description="null: nobody is asked")
    card: Paths = Field([], description="properties as they come in, such as `terminal`")
    iban: Paths = []
    national_id: Paths = []


@opens(ROUTER.get, "/sending", Scope.PRIVACY, response=SendingTold, summary="Whether messages leave to customers")
def sending(request: KeyRequest) -> dict[str, Any]:
    """And who stopped them, why."""
    stop = stop_of(request.workspace)
    if stop is None:
        return {"stopped": False, "reason": "", "at": None, "by": None}
    return {"stopped": True, "reason": stop.reason, "at": stop.at, "by": str(stop.by) if stop.by else None}


@opens(ROUTER.put, "/sending", Scope.PRIVACY, response=SendingTold, summary="Stop all sending, or let it go on")
def put_sending(request: KeyRequest, said: SendingIn) -> dict[str, Any]:
    """At once, for what is queued too; let go on, those that waited leave first to last."""
    actor = request.member.user
    if said.stopped:
        stop_sending(workspace=request.workspace, reason=said.reason, actor=actor)
    else:
        resume_sending(workspace=request.workspace, actor=actor)
    return sending(request)


@opens(ROUTER.get, "/approvals", Scope.PRIVACY, response=ApprovalList, summary="What waits to write to many")
def approvals(request: KeyRequest) -> dict[str, Any]:
    """Until somebody agrees, it does not."""
    return {"items": [_approval(request, one) for one in waiting_approvals(request.workspace)]}


@opens(ROUTER.post, "/approvals/{approval}/approve", Scope.PRIVACY, response=ApprovalTold, summary="Let something write to many")
def approve_one(request: KeyRequest, approval: str) -> dict[str, Any]:
    """From now on for a day."""
    row = own(request, BulkApproval.objects.select_related("workspace"), approval)
    if not approve(approval=row, actor=request.member.user):
        raise Refused(409, "changed-meanwhile", "Somebody agreed to this already.")
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
    form = filled(RulesForm(request.workspace.preferences, words))
    chosen = {APPROVE_ABOVE: form.cleaned_data[APPROVE_ABOVE], UNREDACTED: form.unredacted}
    changes = {"preferences": {**request.workspace.preferences, **chosen}}
    return _rules(update_workspace(workspace=request.workspace, changes=changes, actor=request.member.user))


def _rules(workspace: Workspace) -> dict[str, Any]:
    stays = workspace.preferences.get(UNREDACTED) or {}
    lists = {name: stays.get(name, []) for name in ("card", "iban", "national_id")}
    return {"approve_above": workspace.preferences.get(APPROVE_ABOVE), **lists}


def _approval(request: KeyRequest, approval: BulkApproval) -> dict[str, Any]:
    words = {name: getattr(approval, name) for name in ("subject", "label", "recipients", "asked_at", "approved_at")}
    return words | {"id": pid(request, approval.pk)}
