"""How long interactions are kept, for programs: rules, each with the number it would take."""

import datetime as dt
from typing import Any

from django.http import QueryDict
from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.catalogue.models import Term
from peyvand.privacy.forms import RetentionForm
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.queries import kind_codes, retention_rules
from peyvand.privacy.services.retaining import keep_for, keep_for_ever, would_lose
from peyvand.timeline.models import Redaction
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["privacy"])


class RetentionIn(Schema):
    """How long a kind is kept, and what is forgotten then."""

    kind: str | None = Field(None, max_length=120, description="such as `order.placed`; null: every kind without a rule of its own")
    months: int = Field(ge=1, le=600)
    loss: Redaction.Loss = Field(description="the texts; who it was, too; or all of it, from every figure")


class RetentionTold(RetentionIn):
    """A rule."""

    id: str
    changed_at: dt.datetime


class RetentionList(Schema):
    """Every rule, the one for the rest last."""

    items: list[RetentionTold]


class RetentionCount(Schema):
    """What a rule would take now."""

    interactions: int


@opens(ROUTER.get, "/retention", Scope.PRIVACY, response=RetentionList, summary="How long things are kept")
def retention(request: KeyRequest) -> dict[str, Any]:
    """What has no rule is kept for ever."""
    return {"items": [_told(request, rule) for rule in retention_rules(request.workspace)]}


@opens(ROUTER.post, "/retention/count", Scope.PRIVACY, response=RetentionCount, summary="What a rule would take")
def count_retention(request: KeyRequest, said: RetentionIn) -> dict[str, int]:
    """Counts and changes nothing: to be looked at before the rule is set."""
    given = _given(request, said)
    return {"interactions": would_lose(workspace=request.workspace, kind=given["kind"], months=given["months"])}


@opens(ROUTER.put, "/retention", Scope.PRIVACY, response=RetentionTold, summary="Set the rule of a kind")
def put_retention(request: KeyRequest, said: RetentionIn) -> dict[str, Any]:
    """What is old by it goes within the hour, piece by piece, and does not come back."""
    return _told(request, keep_for(workspace=request.workspace, actor=request.member.user, **_given(request, said)))


@opens(ROUTER.delete, "/retention/{rule}", Scope.PRIVACY, response={204: None}, summary="Keep a kind for ever again")
def drop_retention(request: KeyRequest, rule: str) -> Status[None]:
    """What it took is gone all the same."""
    keep_for_ever(rule=own(request, RetentionRule.objects.select_related("workspace"), rule), actor=request.member.user)
    return Status(204, None)


def _given(request: KeyRequest, said: RetentionIn) -> dict[str, Any]:
    kinds = kind_codes(request.workspace)
    if said.kind is not None and said.kind not in kinds:
        raise Refused(422, "unknown-name", "kind: nothing of this kind came in so far.", "kind")
    words = QueryDict(mutable=True)
    words.update({"kind": str(kinds[said.kind]) if said.kind is not None else "", "months": str(said.months), "loss": said.loss.value})
    return filled(RetentionForm([(number, code) for code, number in kinds.items()], words)).cleaned_data


def _told(request: KeyRequest, rule: RetentionRule) -> dict[str, Any]:
    code = Term.objects.filter(workspace=request.workspace, pk=rule.kind or 0).values_list("code", flat=True).first()
    words = {name: getattr(rule, name) for name in ("months", "loss", "changed_at")}
    return words | {"id": pid(request, rule.pk), "kind": code}
