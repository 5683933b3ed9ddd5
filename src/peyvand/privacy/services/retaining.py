"""Rules of retention: what became old loses its person, its words or itself, piece by piece. Called by a job.

What a round takes next is written down before: whoever comes after a kill takes that first, and counts nothing twice. Who took part is
counted anew once the rounds are through, not for each piece (docs/adr/0026).
"""

import datetime as dt
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.core.giving_way import give_way
from peyvand.core.privacy import Person, keepers
from peyvand.core.retention import kept
from peyvand.customers.services.counting import recount
from peyvand.identities.models import Identity
from peyvand.privacy.models import CountAgain, RetentionRule
from peyvand.privacy.services import pieces
from peyvand.privacy.services.rules import MONTH, note_taken, of_kind
from peyvand.timeline.models import Interaction, Redaction
from peyvand.timeline.services.redacting import RULE, begin_removal, end_removal, forget_followed, part, strip_texts

CHUNK: Final = 200  # interactions changed in a transaction
A_TURN: Final = dt.timedelta(seconds=5)
A_FEW: Final = 20  # customers counted in a transaction


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
    return more or _count_again(end)


def _next_piece(rule: RetentionRule) -> bool:
    """Look at the next integers; False once the round is through, or is not due."""
    if rule.record and rule.record not in kept():  # an app that was taken out
        return False
    if rule.until is None and not _begin(rule):
        return False
    _take(rule)  # what was in hand when somebody was killed
    rows = _standing(rule)
    last = rows.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0  # noqa: SLF001 - Django's public way
    if not rule.record:
        rule.position = pieces.next_position(rule, last)
    end = pieces.end_of(rule.position)
    ids = list(rows.filter(pk__gt=rule.position, pk__lte=end).order_by("pk").values_list("pk", flat=True))
    chunk = kept()[rule.record].piece if rule.record else CHUNK
    for start in range(0, len(ids), chunk):
        if not _write_down(rule, ids[start : start + chunk]):
            return False
        _take(rule)
    if not rule.record:
        pieces.note(end)
    rule.position = end
    if end < last:
        RetentionRule.objects.filter(pk=rule.pk, until=rule.until, position__lt=end).update(position=end)
        return True
    _end(rule)
    return False


def _begin(rule: RetentionRule) -> bool:
    """Begin a round, once a day."""
    now = clock.now()
    until = now - rule.months * MONTH
    if rule.done_until is not None and until - rule.done_until < dt.timedelta(days=1):
        return False
    rule.until, rule.position, rule.key = until, 0, clock.secret_bytes(32)
    RetentionRule.objects.filter(pk=rule.pk).update(until=to_micros(until), position=0, began_at=to_micros(now), key=rule.key)
    return True


@transaction.atomic
def _end(rule: RetentionRule) -> None:
    """End a round, and say in the audit trail what it took; one that was changed meanwhile begins anew."""
    mine = RetentionRule.objects.filter(pk=rule.pk, until=rule.until, in_hand=[])
    if mine.update(position=0, until=None, done_until=rule.until, last_began_at=F("began_at"), last_taken=F("taken"), key=b""):
        rule.refresh_from_db()
        note_taken(rule)
        RetentionRule.objects.filter(pk=rule.pk).update(taken=0)
        rule.taken = 0


def _standing(rule: RetentionRule) -> "QuerySet[Any]":
    """What is old by a rule and was not so in its last round: newly old, or told late. Records: whatever still has what is to go."""
    until = rule.until or clock.now()
    if rule.record:
        return kept()[rule.record].old(rule.workspace_id, until, rule.loss)
    old = Interaction.objects.filter(workspace=rule.workspace_id, occurred_at__lt=to_micros(until))
    if rule.done_until is not None and rule.last_began_at is not None:
        late = to_micros(rule.last_began_at - pieces.SETTLED)
        old = old.filter(Q(occurred_at__gte=to_micros(rule.done_until)) | Q(recorded_at__gte=late))
    if rule.loss == Redaction.Loss.PERSON:
        old = old.filter(identity__isnull=False)
    return of_kind(old, rule.workspace_id, rule.kind)


def _write_down(rule: RetentionRule, ids: list[int]) -> bool:
    """Keep what is about to be taken, and count it; False where the rule was changed meanwhile, or another worker is at it."""
    rule.in_hand, rule.position = ids, ids[-1]
    mine = RetentionRule.objects.filter(pk=rule.pk, until=rule.until, in_hand=[], position__lt=ids[0])
    return bool(mine.update(in_hand=ids, position=ids[-1], taken=F("taken") + len(ids)))


def _take(rule: RetentionRule) -> None:
    """Take what was written down: all of it, also where somebody had begun; then it is in hand no more."""
    ids, rule.in_hand = rule.in_hand, []
    if not ids:
        return
    if not rule.record:
        _lose_interactions(rule, ids)
        return
    kept()[rule.record].forget(ids, rule.loss)
    _lay_down(rule)


def _lay_down(rule: RetentionRule) -> None:
    RetentionRule.objects.filter(pk=rule.pk, until=rule.until).update(in_hand=[])


def _lose_interactions(rule: RetentionRule, ids: list[int]) -> None:
    """Let every app forget, words before links by which they are found; interactions go last, and with that these are in hand no more."""
    cause = f"{RULE}{rule.pk}"
    for keeper in keepers():
        if forget := getattr(keeper, "forget_words", None):
            forget(ids)
    if rule.loss != Redaction.Loss.TEXTS:
        nobody = Person(workspace_id=rule.workspace_id, customers=frozenset(), interactions=frozenset(ids))
        for keeper in keepers():
            keeper.erase(nobody)
    with transaction.atomic():
        if rule.loss == Redaction.Loss.PERSON:
            _to_count_again(ids)
            part(cause=cause, key=bytes(rule.key), ids=ids)
        elif rule.loss == Redaction.Loss.TEXTS:
            strip_texts(cause=cause, ids=ids)
        else:
            begin_removal(cause=cause, ids=ids)
        _lay_down(rule)


def _remove_whole() -> None:
    """Delete what the lake has let go of, and forget what the lake has followed."""
    gone = Redaction.objects.filter(cause__startswith=RULE, loss=Redaction.Loss.WHOLE, in_lake=True)
    for redaction in gone.order_by("pk"):
        with transaction.atomic():
            _to_count_again(redaction.ids)
            end_removal(redaction=redaction)
    forget_followed()


def _to_count_again(ids: list[int]) -> None:
    """Note who took part in these, in the transaction that takes them: afterwards nobody could tell."""
    identities = Interaction.objects.filter(pk__in=ids).values("identity")
    customers = Identity.objects.filter(pk__in=identities).values_list("customer", flat=True).distinct()
    CountAgain.objects.bulk_create([CountAgain(customer_id=customer) for customer in customers], ignore_conflicts=True)


def _count_again(end: float) -> bool:
    """Count anew who took part in what is gone, until a moment; whether more wait."""
    while few := list(CountAgain.objects.order_by("pk").values_list("pk", flat=True)[:A_FEW]):
        began = clock.monotonic()
        if began >= end:
            return True
        with transaction.atomic():
            recount(few)
            CountAgain.objects.filter(pk__in=few).delete()
        give_way(clock.monotonic() - began)
    return False
