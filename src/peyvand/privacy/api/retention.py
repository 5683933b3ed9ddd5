"""How long things are kept, for programs: rules for interactions and other records, each with the number it would take."""

import datetime as dt
from typing import Any

from django.http import QueryDict
from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.catalogue.models import Term
from peyvand.core.retention import Kept, kept
from peyvand.privacy.forms import RecordForm, RetentionForm
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.queries import kind_codes, record_rules, retention_rules
from peyvand.privacy.services.rules import keep_for, keep_for_ever, records_to_lose, would_lose
from peyvand.timeline.models import Redaction
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["privacy"])


class RetentionIn(Said):
    """How long interactions of a kind, or other records, are kept, and what is forgotten then."""

    kind: str | None = Field(None, max_length=120, description="such as `order.placed`; null: every kind without a rule of its own")
    record: str | None = Field(None, max_length=24, description="instead of a kind: a sort of records, such as `messages`")
    months: int = Field(ge=1, le=600)
    loss: Redaction.Loss = Field(description="the texts; who it was, too; or all of it, from every figure")


class RetentionTold(Schema):
    """A rule. `last_taken`: how many interactions or records its last round took."""

    id: str
    kind: str | None
    record: str | None
    months: int
    loss: Redaction.Loss
    changed_at: dt.datetime
    last_taken: int


class RecordTold(Schema):
    """A sort of records that may have a rule: what it may take of them, and how many months they are kept at least."""

    record: str
    losses: list[Redaction.Loss]
    least: int


class RetentionList(Schema):
    """Every rule, the one for the rest of the interactions last; and which records may have one."""

    items: list[RetentionTold]
    records: list[RecordTold]


class RetentionCount(Schema):
    """What a rule would take now."""

    interactions: int
    records: int


@opens(ROUTER.get, "/retention", Scope.PRIVACY, response=RetentionList, summary="How long things are kept")
def retention(request: KeyRequest) -> dict[str, Any]:
    """What has no rule is kept for ever."""
    rules = [*record_rules(request.workspace).values(), *retention_rules(request.workspace)]
    sorts = [{"record": one.code, "losses": list(one.losses), "least": one.least} for one in kept().values()]
    return {"items": [_told(request, rule) for rule in rules], "records": sorts}


@opens(ROUTER.post, "/retention/count", Scope.PRIVACY, response=RetentionCount, summary="What a rule would take")
def count_retention(request: KeyRequest, said: RetentionIn) -> dict[str, int]:
    """Counts and changes nothing: to be looked at before the rule is set."""
    given = _given(request, said)
    if said.record is not None:
        return {"interactions": 0, "records": records_to_lose(workspace=request.workspace, **given)}
    return {"interactions": would_lose(workspace=request.workspace, kind=given["kind"], months=given["months"]), "records": 0}


@opens(ROUTER.put, "/retention", Scope.PRIVACY, response=RetentionTold, summary="Set the rule of a kind, or of other records")
def put_retention(request: KeyRequest, said: RetentionIn) -> dict[str, Any]:
    """What is old by it goes within the hour, piece by piece, and does not come back."""
    return _told(request, keep_for(workspace=request.workspace, actor=request.member.user, **_given(request, said)))


@opens(ROUTER.delete, "/retention/{rule}", Scope.PRIVACY, response={204: None}, summary="Keep a kind, or other records, for ever again")
def drop_retention(request: KeyRequest, rule: str) -> Status[None]:
    """What it took is gone all the same."""
    keep_for_ever(rule=own(request, RetentionRule.objects.select_related("workspace"), rule), actor=request.member.user)
    return Status(204, None)


def _given(request: KeyRequest, said: RetentionIn) -> dict[str, Any]:
    words = QueryDict(mutable=True)
    words.update({"months": str(said.months), "loss": said.loss.value})
    if said.record is not None:
        return {"record": said.record, **filled(RecordForm(_sort(said), words)).cleaned_data}
    kinds = kind_codes(request.workspace)
    if said.kind is not None and said.kind not in kinds:
        raise Refused(422, "unknown-name", "kind: nothing of this kind came in so far.", "kind")
    words["kind"] = str(kinds[said.kind]) if said.kind is not None else ""
    return filled(RetentionForm([(number, code) for code, number in kinds.items()], words)).cleaned_data


def _sort(said: RetentionIn) -> Kept:
    if said.kind is not None:
        raise Refused(422, "invalid", "record: a rule is about a kind or about records, not both.", "record")
    if (found := kept().get(said.record or "")) is None:
        raise Refused(422, "unknown-name", f"record: there are {', '.join(kept())}.", "record")
    return found


def _told(request: KeyRequest, rule: RetentionRule) -> dict[str, Any]:
    code = Term.objects.filter(workspace=request.workspace, pk=rule.kind or 0).values_list("code", flat=True).first()
    words = {name: getattr(rule, name) for name in ("months", "loss", "changed_at", "last_taken")}
    return words | {"id": pid(request, rule.pk), "kind": code, "record": rule.record or None}
