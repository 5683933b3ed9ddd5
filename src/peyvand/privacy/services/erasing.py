"""Erasing one person everywhere, in steps that a kill may end at any line: whoever goes on does the step again.

Each app forgets its own (`privacy.py`), interactions are parted, the ways they were known go last; then copies follow.
"""

import datetime as dt
from dataclasses import replace
from typing import Final

from django.db import transaction

from peyvand.core import backups, clock, jobs
from peyvand.core.privacy import Person, keepers
from peyvand.customers.services.forgetting import forget_profiles
from peyvand.identities import services as identities
from peyvand.identities.models import Customer, Identity
from peyvand.identities.queries import standing
from peyvand.identities.services.forgetting import empty_customers
from peyvand.privacy.models import Erasure
from peyvand.privacy.queries import BEFORE_RESTORE, person_of
from peyvand.privacy.services.marking import keep_noted, marks
from peyvand.privacy.services.wiping import Busy, beyond_reach, empty_log, wipe
from peyvand.timeline.lake.flushing import flush_once
from peyvand.timeline.lake.snapshots import snapshot_identities
from peyvand.timeline.models import Interaction, Redaction
from peyvand.timeline.services.redacting import part_all, parted, settle_redactions
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

ERASE: Final = "privacy.erase"
GRACE: Final = dt.timedelta(seconds=60)  # readers end with the lake's old files, reactions with a page they had read
PAUSE: Final = dt.timedelta(seconds=2)
MOST_FLUSHES: Final = 200
NAMED_BY_OTHERS: Final = "named_by_others"


@transaction.atomic
def erase(*, customer: Customer, actor: User | None, at: dt.datetime | None = None) -> Erasure:
    """Begin to erase a customer and everybody merged into them; a job does the work, from `at` on. Again, it gives the first one."""
    identities.one_at_a_time(customer.workspace_id)
    identities.hold(customer.workspace_id)
    one = standing(customer)
    person = person_of(one)
    known = Identity.objects.filter(pk__in=person.identities).values_list("type", "value")
    erasure, fresh = Erasure.objects.get_or_create(
        workspace=one.workspace,
        customer=one.pk,
        finished_at=None,
        defaults={"marks": marks(one.workspace_id, known), "key": clock.secret_bytes(32), "asked_by": actor},
    )
    if fresh:
        identities.let_leave(person)
        audit(workspace=one.workspace, actor=actor, action="person.erased", target=erasure)
        transaction.on_commit(lambda: _note(erasure))
    jobs.enqueue(name=ERASE, payload={"erasure": erasure.pk}, key=str(erasure.pk), run_at=at, workspace_id=one.workspace_id)
    return erasure


def carry_on(erasure_id: int, *, lake: bool = True) -> dt.datetime | None:
    """Do what is left of an erasure; gives when to go on where something must be waited for, None at its end.

    Without `lake`, only the records and the file of the database. Outside any transaction.
    """
    erasure = Erasure.objects.select_related("workspace").filter(pk=erasure_id).first()
    if erasure is None or erasure.state == Erasure.State.DONE:
        return None
    try:
        person = _forget_records(erasure) if erasure.state == Erasure.State.ASKED else None
        if erasure.state == Erasure.State.PARTED:
            _wipe(erasure, person)
        if not lake:
            return clock.now()
        if erasure.state == Erasure.State.WIPED and not _is_copied(erasure):
            return clock.now() + PAUSE
        return _end(erasure)
    except jobs.Later as later:
        return later.run_at
    except Busy:
        return clock.now() + PAUSE


def _note(erasure: Erasure) -> None:
    keep_noted(erasure.workspace_id, erasure.marks, since=erasure.asked_at)


def _cause(erasure: Erasure) -> str:
    return f"erasure:{erasure.pk}"


def _forget_records(erasure: Erasure) -> Person:
    """Let every app forget, part interactions, and take away the ways they were known once nothing more came by them."""
    _note(erasure)  # whoever asked may have died between the commit and the note
    customer = Customer.objects.get(pk=erasure.customer)
    while True:
        person = person_of(customer)
        for keeper in keepers():
            keeper.erase(person)
        jobs.hide_person(person)
        for _ids in part_all(cause=_cause(erasure), key=bytes(erasure.key), identities=person.identities):
            pass
        if _let_go(erasure, person):
            return person


@transaction.atomic
def _let_go(erasure: Erasure, person: Person) -> bool:
    """Take profile and identities away; False where something happened by them meanwhile."""
    identities.hold(person.workspace_id)
    known = set(Identity.objects.filter(customer__in=person.customers).values_list("pk", flat=True))
    if known != person.identities or Interaction.objects.filter(identity__in=known).exists():
        return False
    forget_profiles(person)
    empty_customers(person)
    _move(erasure, Erasure.State.PARTED)
    return True


def _wipe(erasure: Erasure, person: Person | None) -> None:
    left = [*([] if wipe(person) else [NAMED_BY_OTHERS]), *beyond_reach()]
    if backups.put_aside():
        left.append(BEFORE_RESTORE)
    Erasure.objects.filter(pk=erasure.pk).update(left=left)
    _move(erasure, Erasure.State.WIPED)


def _is_copied(erasure: Erasure) -> bool:
    """Let the lake follow; whoever runs first does it, the worker's own loop or this."""
    for _step in range(MOST_FLUSHES):
        if not Redaction.objects.filter(cause=_cause(erasure), in_lake=False).exists():
            Erasure.objects.filter(pk=erasure.pk).update(copied_at=clock.now())
            erasure.refresh_from_db(fields=["copied_at"])
            _move(erasure, Erasure.State.COPIED)
            return True
        if not flush_once():
            return False
    return False


def _end(erasure: Erasure) -> dt.datetime | None:
    """After the grace, once more what a reaction may have written from a page it had read before, and the lake's old files."""
    from peyvand.timeline.lake.redacting import sweep  # noqa: PLC0415 - weight

    copied_at = erasure.copied_at or clock.now()
    if clock.now() < copied_at + GRACE:
        return copied_at + GRACE
    ids = parted(_cause(erasure))
    again = replace(person_of(Customer.objects.get(pk=erasure.customer)), interactions=frozenset(ids))
    for keeper in keepers():
        keeper.erase(again)
    if later := sweep(copied_at):
        return later
    snapshot_identities()
    empty_log()
    with transaction.atomic():
        settle_redactions(_cause(erasure))
        _move(erasure, Erasure.State.DONE, key=b"", finished_at=clock.now(), interactions=len(ids))
    return None


def _move(erasure: Erasure, state: Erasure.State, **changes: object) -> None:
    Erasure.objects.filter(pk=erasure.pk).update(state=state, **changes)
    erasure.state = state
