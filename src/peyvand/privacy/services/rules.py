"""Setting and lifting rules of retention, and how many each would take. Called by views and the API; services.retaining works them off."""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.core.retention import kept
from peyvand.privacy.models import RetentionRule
from peyvand.timeline.lake.counting import copied_until, count_before
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

MONTH: Final = dt.timedelta(days=30.4375)


@transaction.atomic
def keep_for(*, workspace: Workspace, months: int, loss: str, actor: User, kind: int | None = None, record: str = "") -> RetentionRule:
    """Set the rule of a kind (None: of the rest) or of a sort of records; what is old by it already goes in the next round.

    Raises ValueError for records that know no such loss or must be kept longer; forms refuse that before.
    """
    if record and (loss not in kept()[record].losses or months < kept()[record].least):
        raise ValueError(f"{record} cannot lose {loss} after {months} months")
    changed = RetentionRule.objects.select_for_update().filter(workspace=workspace, kind=kind, record=record).first()
    if changed is not None:
        note_taken(changed)
    said = {"months": months, "loss": loss, "changed_by": actor, "changed_at": clock.now()}
    anew: dict[str, Any] = {"position": 0, "until": None, "done_until": None, "last_began_at": None, "in_hand": [], "key": b"", "taken": 0}
    rule, _created = RetentionRule.objects.update_or_create(workspace=workspace, kind=kind, record=record, defaults={**said, **anew})
    audit(workspace=workspace, actor=actor, action="retention.set", detail={**_about(rule), "months": months, "loss": loss})
    return rule


@transaction.atomic
def keep_for_ever(*, rule: RetentionRule, actor: User) -> None:
    """Take a rule away; what it took is gone all the same."""
    changed = RetentionRule.objects.select_for_update().filter(pk=rule.pk).first()
    if changed is not None:
        note_taken(changed)
    audit(workspace=rule.workspace, actor=actor, action="retention.removed", detail=_about(rule))
    rule.delete()


def note_taken(rule: RetentionRule) -> None:
    """Keep in the audit trail how much went by a rule since it was last said."""
    if rule.taken:
        detail = {**_about(rule), "months": rule.months, "loss": rule.loss, "rows": rule.taken}
        audit(workspace=rule.workspace, actor=None, action="retention.took", detail=detail)


def _about(rule: RetentionRule) -> dict[str, str | None]:
    """What a rule is about, as the audit trail names it, also when its kind's term is long gone."""
    if rule.record:
        return {"record": rule.record}
    return {"kind": None if rule.kind is None else Term.objects.filter(pk=rule.kind).values_list("code", flat=True).first()}


def would_lose(*, workspace: Workspace, kind: int | None, months: int) -> int:
    """How many interactions are old by a rule now: what is said before it is saved. The lake counts them, the records what it lacks yet."""
    before = clock.now() - months * MONTH
    fresh = Interaction.objects.filter(workspace=workspace, occurred_at__lt=to_micros(before), pk__gt=copied_until())
    copied = count_before(workspace.pk, before, kind=kind, without=[] if kind is not None else _kinds_with_rules(workspace.pk))
    return copied + of_kind(fresh, workspace.pk, kind).count()


def records_to_lose(*, workspace: Workspace, record: str, months: int, loss: str) -> int:
    """The same of records of another sort; those that lost it already are not counted."""
    return kept()[record].old(workspace.pk, clock.now() - months * MONTH, loss).count()


def of_kind(rows: "QuerySet[Interaction]", workspace_id: int, kind: int | None) -> "QuerySet[Interaction]":
    """Those of a kind, or with None of every kind without a rule of its own."""
    if kind is not None:
        return rows.filter(kind=kind)
    return rows.exclude(kind__in=_kinds_with_rules(workspace_id))


def _kinds_with_rules(workspace_id: int) -> list[int]:
    own = RetentionRule.objects.filter(workspace=workspace_id, kind__isnull=False)
    return [kind for kind in own.values_list("kind", flat=True) if kind is not None]
