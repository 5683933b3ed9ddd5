"""Rules of retention: what became old loses its person, its words or itself, piece by piece. Called by a job.

A round looks at every interaction once, in small pieces that each remember how far they came; a kill does a piece again at most.
"""

import datetime as dt
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.core.db import give_way
from peyvand.core.fields import to_micros
from peyvand.core.privacy import Person, keepers
from peyvand.customers.services.counting import recount
from peyvand.identities.models import Identity
from peyvand.privacy.models import RetentionRule
from peyvand.timeline.models import Interaction, Redaction
from peyvand.timeline.services.redacting import begin_removal, end_removal, forget_followed, part, strip_texts
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

CAUSE: Final = "retention:"
MONTH: Final = dt.timedelta(days=30.4375)
A_PIECE: Final = 5_000  # integers looked at
CHUNK: Final = 200  # rows changed in a transaction
A_TURN: Final = dt.timedelta(seconds=5)


@transaction.atomic
def keep_for(*, workspace: Workspace, kind: int | None, months: int, loss: str, actor: User) -> RetentionRule:
    """Set the rule of a kind (None: of the rest); what is old by it already goes in the next round."""
    rule, _created = RetentionRule.objects.update_or_create(
        workspace=workspace,
        kind=kind,
        defaults={
            "months": months,
            "loss": loss,
            "position": 0,
            "until": None,
            "done_until": None,
            "changed_by": actor,
            "changed_at": clock.now(),
        },
    )
    audit(workspace=workspace, actor=actor, action="retention.set", detail={"kind": _called(kind), "months": months, "loss": loss})
    return rule


@transaction.atomic
def keep_for_ever(*, rule: RetentionRule, actor: User) -> None:
    """Take a rule away; what it took is gone all the same."""
    audit(workspace=rule.workspace, actor=actor, action="retention.removed", detail={"kind": _called(rule.kind)})
    rule.delete()


def _called(kind: int | None) -> str | None:
    """A kind as the audit trail names it, also when its term is long gone."""
    return None if kind is None else Term.objects.filter(pk=kind).values_list("code", flat=True).first()


def would_lose(*, workspace: Workspace, kind: int | None, months: int) -> int:
    """How many interactions are old by a rule now: what is said before it is saved."""
    old = Interaction.objects.filter(workspace=workspace, occurred_at__lt=to_micros(clock.now() - months * MONTH))
    return _of_kind(old, workspace.pk, kind).count()


def retain() -> bool:
    """Work on every rule for a few seconds; whether there is more to do at once."""
    end = clock.monotonic() + A_TURN.total_seconds()
    more = False
    for rule in RetentionRule.objects.select_related("workspace").order_by("pk"):
        while clock.monotonic() < end:
            began = clock.monotonic()
            if not _next_piece(rule):
                break
            give_way(clock.monotonic() - began)
        else:
            more = True
    _remove_whole()
    return more


def _next_piece(rule: RetentionRule) -> bool:
    """Look at the next integers; False once the round is through, or is not due."""
    if rule.until is None and not _begin(rule):
        return False
    ids = list(_standing(rule).filter(pk__gt=rule.position, pk__lte=rule.position + A_PIECE).values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        _lose(rule, ids[start : start + CHUNK])
    rule.position += A_PIECE
    last = Interaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if rule.position < last:
        RetentionRule.objects.filter(pk=rule.pk, until=rule.until).update(position=rule.position)
        return True
    RetentionRule.objects.filter(pk=rule.pk, until=rule.until).update(position=0, until=None, done_until=rule.until)
    rule.refresh_from_db()
    return False


def _begin(rule: RetentionRule) -> bool:
    """Begin a round, once a day."""
    now = clock.now()
    until = now - rule.months * MONTH
    if rule.done_until is not None and until - rule.done_until < dt.timedelta(days=1):
        return False
    rule.until, rule.position = until, 0
    RetentionRule.objects.filter(pk=rule.pk).update(until=to_micros(until), position=0, began_at=to_micros(now))
    return True


def _standing(rule: RetentionRule) -> "QuerySet[Interaction]":
    """What is old by a rule and was not so in its last round: newly old, or told late."""
    old = Interaction.objects.filter(workspace=rule.workspace_id, occurred_at__lt=to_micros(rule.until or clock.now()))
    if rule.done_until is not None and rule.began_at is not None:
        late = to_micros(rule.began_at - dt.timedelta(days=2))
        old = old.filter(Q(occurred_at__gte=to_micros(rule.done_until)) | Q(recorded_at__gte=late))
    if rule.loss == Redaction.Loss.PERSON:
        old = old.filter(identity__isnull=False)
    return _of_kind(old, rule.workspace_id, rule.kind)


def _of_kind(rows: "QuerySet[Interaction]", workspace_id: int, kind: int | None) -> "QuerySet[Interaction]":
    if kind is not None:
        return rows.filter(kind=kind)
    own = RetentionRule.objects.filter(workspace=workspace_id, kind__isnull=False).values("kind")
    return rows.exclude(kind__in=own)


def _lose(rule: RetentionRule, ids: list[int]) -> None:
    cause = f"{CAUSE}{rule.pk}"
    identities = Interaction.objects.filter(pk__in=ids).values("identity")
    customers = list(Identity.objects.filter(pk__in=identities).values_list("customer", flat=True).distinct())
    with transaction.atomic():
        if rule.loss == Redaction.Loss.PERSON:
            part(cause=cause, key=clock.secret_bytes(32), ids=ids)
        elif rule.loss == Redaction.Loss.TEXTS:
            strip_texts(cause=cause, ids=ids)
        else:
            begin_removal(cause=cause, ids=ids)
    if rule.loss == Redaction.Loss.PERSON:
        nobody = Person(workspace_id=rule.workspace_id, customers=frozenset(), interactions=frozenset(ids))
        for keeper in keepers():
            keeper.erase(nobody)
        recount(customers)
    elif rule.loss == Redaction.Loss.TEXTS:
        for keeper in keepers():
            if forget := getattr(keeper, "forget_words", None):
                forget(ids)


def _remove_whole() -> None:
    """Delete what the lake has let go of, count those anew who took part, and forget what the lake has followed."""
    gone = Redaction.objects.filter(cause__startswith=CAUSE, loss=Redaction.Loss.WHOLE, in_lake=True)
    for redaction in gone.order_by("pk"):
        identities = Interaction.objects.filter(pk__in=redaction.ids).values("identity")
        customers = list(Identity.objects.filter(pk__in=identities).values_list("customer", flat=True).distinct())
        with transaction.atomic():
            end_removal(redaction=redaction)
            recount(customers)
    forget_followed(CAUSE)
