"""Writes what the doors remember. Called by edge.writing and edge.jobs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q

from peyvand.core import clock
from peyvand.core.fields import to_micros
from peyvand.core.ids import public_ids
from peyvand.core.privacy import Person
from peyvand.edge.models import GivenAnswer
from peyvand.timeline.models import Interaction
from peyvand.workspaces.models import Workspace

KEPT_FOR: Final = timedelta(hours=24)
UNDER_WAY: Final = 0  # the status of an answer that is not given yet
LONGEST: Final = timedelta(minutes=15)  # under way: whoever did it for longer than this died over it
AROUND: Final = timedelta(minutes=15)  # a parted interaction's moment is one of a quarter of an hour
CHUNK: Final = 500


class Repeatable(NamedTuple):
    """A request that may come again: under which key, with which body."""

    workspace_id: int
    key: str
    body_hash: str


def given_answers(asked: Iterable[Repeatable]) -> dict[tuple[int, str], GivenAnswer]:
    """The answers given under these keys, or under way, by workspace and key; those older than a day, or whose call died, are dropped."""
    keys = {(one.workspace_id, one.key) for one in asked}
    rows = GivenAnswer.objects.filter(workspace_id__in={workspace for workspace, _key in keys}, key__in={key for _workspace, key in keys})
    found = {(one.workspace_id, one.key): one for one in rows if (one.workspace_id, one.key) in keys}
    if over := {one.pk for one in found.values() if _is_over(one)}:
        died_or_old = Q(status=UNDER_WAY) | Q(given_at__lt=clock.now() - KEPT_FOR)  # not one that was answered in this very moment
        GivenAnswer.objects.filter(died_or_old, pk__in=over).delete()
    return {key: one for key, one in found.items() if one.pk not in over}


def _is_over(answer: GivenAnswer) -> bool:
    return bool(answer.given_at < clock.now() - (LONGEST if answer.status == UNDER_WAY else KEPT_FOR))


def keep_answers(answers: Iterable[tuple[Repeatable, int, bytes]]) -> None:
    """Keep answers (status and body), in the transaction of what they answer."""
    now = to_micros(clock.now())
    GivenAnswer.objects.bulk_create(
        GivenAnswer(
            workspace_id=asked.workspace_id, key=asked.key, body_hash=asked.body_hash, status=status, body=body.decode(), given_at=now
        )
        for asked, status, body in answers
    )


def lay_down(asked: Repeatable) -> int | None:
    """Say on disk that a request is under way, before it is done; returns the entry, None where the key has one already."""
    laid = GivenAnswer(
        workspace_id=asked.workspace_id,
        key=asked.key,
        body_hash=asked.body_hash,
        status=UNDER_WAY,
        body="",
        given_at=to_micros(clock.now()),
    )
    try:
        with transaction.atomic():
            laid.save(force_insert=True)
    except IntegrityError:
        return None
    return int(laid.pk)


def give_answer(entry: int, status: int, body: bytes) -> None:
    """Keep the answer of a request that was under way; not of one that was taken for dead meanwhile and is done again."""
    GivenAnswer.objects.filter(pk=entry, status=UNDER_WAY).update(status=status, body=body.decode(), given_at=clock.now())


def take_up(entry: int) -> None:
    """Forget a request that was under way and had no effect; one that is answered stays."""
    GivenAnswer.objects.filter(pk=entry, status=UNDER_WAY).delete()


def forget_answers() -> int:
    """Drop answers older than a day, in small transactions; returns how many."""
    before, total = clock.now() - KEPT_FOR, 0
    while True:
        with transaction.atomic():
            old = list(GivenAnswer.objects.filter(given_at__lt=before).values_list("pk", flat=True)[:CHUNK])
            GivenAnswer.objects.filter(pk__in=old).delete()
        total += len(old)
        if len(old) < CHUNK:
            return total


def forget_answers_to(person: Person) -> None:
    """Drop the answers that name a person, or an interaction they were parted from; their request would be recorded anew."""
    if not person.customers and not _happened_lately(person):
        return
    key = bytes(Workspace.objects.values_list("id_key", flat=True).get(pk=person.workspace_id))
    named = set(public_ids(key, sorted(person.interactions | person.customers)))
    last = 0
    mine = GivenAnswer.objects.filter(workspace_id=person.workspace_id).order_by("pk")
    while rows := list(mine.filter(pk__gt=last)[:CHUNK]):
        last = rows[-1].pk
        gone = [row.pk for row in rows if person.named_in(row.key) or _names(row.body, person) or named.intersection(row.body.split('"'))]
        GivenAnswer.objects.filter(pk__in=gone).delete()


def _names(body: str, person: Person) -> bool:
    """Whether an answer names a person; as JSON, in which a word may stand right behind the sign for an end of line."""
    try:
        return person.named_anywhere(msgspec.json.decode(body))
    except msgspec.DecodeError:
        return person.named_in(body)


def _happened_lately(person: Person) -> bool:
    """Whether an answer that is still kept may name one of their interactions: a rule takes old ones, hundreds at a time."""
    kept = Interaction.objects.filter(pk__in=person.interactions, recorded_at__gte=to_micros(clock.now() - KEPT_FOR - AROUND))
    return kept.exists()
