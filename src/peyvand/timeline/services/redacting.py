"""Parting interactions from their person: the fact stays countable, and whoever it was is gone. Called by the privacy app.

Each chunk is one transaction with a Redaction that the lake follows (lake/redacting.py), so a kill at any line loses nothing.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from peyvand.catalogue.models import Term
from peyvand.catalogue.queries import term_names
from peyvand.catalogue.types import Dimension
from peyvand.core.sets import as_json_array
from peyvand.timeline.kinds import Kind, kinds
from peyvand.timeline.models import Batch, DeadLetter, Interaction, Redaction
from peyvand.timeline.reading import PERCEIVED
from peyvand.timeline.services.batches import delete_perceptions

CHUNK: Final = 200
RULE: Final = "retention:"  # how the causes of rules begin
ABOUT: Final = 15 * 60 * 1_000_000  # microseconds: zones of the world differ by quarters of an hour, so every day and hour stays the same
LARGEST: Final = 10**9  # a number of a declared field that is no phone number or id
LARGEST_FREE: Final = 100_000  # the same of one that nobody declared
CODE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
DIGITS: Final = re.compile(r"\d{5}")
LONGEST: Final = 18  # digits
NUMBER: Final = re.compile(r"[1-9]\d{2,}")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
Change = Callable[[Sequence[int]], None]


def part(*, cause: str, key: bytes, ids: Collection[int]) -> None:
    """Take person and words away from these interactions, in the caller's transaction.

    `key` makes the subjects' new names: what belonged together still does, and nobody who lost the key can tell to which order.
    Moments become those of a quarter of an hour: to the microsecond they would be found again beside somebody's name.
    """
    found = list(
        Interaction.objects.filter(pk__in=ids).values_list("pk", "kind", "subject_type", "subject_id", "properties", "external_id")
    )
    known = {term_id: kinds().get(name.code) for term_id, name in term_names({row[1] for row in found}).items()}
    values = [
        (_pseudonym(key, subject_type, subject), kept_properties(known.get(kind), text, _numbers_in(subject, external)), pk)
        for pk, kind, subject_type, subject, text, external in found
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE timeline_interaction SET identity_id = NULL, external_id = NULL, subject_id = %s, properties = %s, "
            f"occurred_at = occurred_at - occurred_at %% {ABOUT}, recorded_at = recorded_at - recorded_at %% {ABOUT} WHERE id = %s",
            values,
        )
    _forget_words(ids)
    DeadLetter.objects.filter(interaction_id__in=ids).delete()
    _note(cause, Redaction.Loss.PERSON, ids)


def strip_texts(*, cause: str, ids: Collection[int]) -> None:
    """Take the words of these interactions away and leave who they were of, in the caller's transaction."""
    found = list(Interaction.objects.filter(pk__in=ids).values_list("pk", "kind", "properties"))
    known = {term_id: kinds().get(name.code) for term_id, name in term_names({row[1] for row in found}).items()}
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE timeline_interaction SET properties = %s WHERE id = %s",
            [(kept_properties(known.get(row[1]), row[2]), row[0]) for row in found],
        )
    _forget_words(ids)
    _note(cause, Redaction.Loss.TEXTS, ids)


@transaction.atomic
def unlink(*, workspace_id: int, source: str, external_ids: Collection[str], name: str) -> None:
    """Take a property out of interactions that stay whose they are: it numbers one that is to be parted by a rule."""
    told = Term.objects.filter(workspace=workspace_id, dimension=Dimension.SOURCE, code=source).values_list("pk", flat=True).first()
    rows = Interaction.objects.filter(source=told or 0, external_id__in=external_ids).values_list("pk", "properties")
    ids = []
    for pk, text in rows:
        properties = _decode(text) if text else {}
        if properties.pop(name, None) is not None:
            Interaction.objects.filter(pk=pk).update(properties=_encode(properties).decode() if properties else None)
            ids.append(pk)
    if ids:
        _note(f"{RULE}links", Redaction.Loss.TEXTS, ids)


def begin_removal(*, cause: str, ids: Collection[int]) -> None:
    """Say that these interactions go whole: the lake lets go of them first, then `end_removal` deletes them."""
    _note(cause, Redaction.Loss.WHOLE, ids)


def end_removal(*, redaction: Redaction) -> None:
    """Delete what the lake has let go of, in the caller's transaction."""
    delete_perceptions(redaction.ids)
    DeadLetter.objects.filter(interaction_id__in=redaction.ids).delete()
    Interaction.objects.filter(pk__in=redaction.ids).delete()
    redaction.delete()


def part_all(*, cause: str, key: bytes, identities: Collection[int]) -> Iterator[list[int]]:
    """Part everything that came by these identities, chunk by chunk in transactions of their own; yields the integers."""
    while True:
        with transaction.atomic():
            ids = list(Interaction.objects.filter(identity__in=identities).values_list("pk", flat=True)[:CHUNK])
            if ids:
                part(cause=cause, key=key, ids=ids)
        if not ids:
            return
        yield ids


def parted(cause: str) -> list[int]:
    """The integers of all interactions that were parted for a cause."""
    return [interaction for ids in Redaction.objects.filter(cause=cause).values_list("ids", flat=True) for interaction in ids]


def settle_redactions(cause: str) -> bool:
    """Forget what was noted for a cause once the lake has followed all of it; False while it has not."""
    if Redaction.objects.filter(cause=cause, in_lake=False).exists():
        return False
    Redaction.objects.filter(cause=cause).delete()
    return True


def forget_followed() -> None:
    """Forget what was noted for rules and the lake has followed; what goes whole still waits for `end_removal`."""
    Redaction.objects.filter(cause__startswith=RULE, in_lake=True).exclude(loss=Redaction.Loss.WHOLE).delete()


def rename_batches(*, ids: Collection[int], label: str) -> None:
    """Give batches another label: theirs named a file after a person."""
    Batch.objects.filter(pk__in=ids).update(label=label)


def kept_properties(kind: Kind | None, text: str | None, named_by: Collection[int] | None = None) -> str | None:
    """What may stay of properties: truths, numbers too small to name anybody, and codes of ours.

    `named_by` are numbers of the subject and of the sender of an interaction that is parted from its person (None: it is not): they
    go, as do those of rows of ours, which lead to the person.
    """
    if not text:
        return None
    declared = set(kind.payload.__struct_fields__) if kind is not None else set()
    codes, rows = (kind.codes, kind.rows) if kind is not None else ((), ())
    kept = {name: value for name, value in _decode(text).items() if _may_stay(value, is_code=name in codes, is_declared=name in declared)}
    if named_by is not None:
        kept = {name: value for name, value in kept.items() if name not in rows and (isinstance(value, list) or value not in named_by)}
    return _encode(kept).decode() if kept else None


def _numbers_in(*names: str | None) -> frozenset[int]:
    """The numbers of three digits and more in a subject's id and a sender's."""
    return frozenset(int(number[:LONGEST]) for name in names if name for number in NUMBER.findall(name))


def _may_stay(value: Any, *, is_code: bool, is_declared: bool) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return abs(value) < (LARGEST if is_declared else LARGEST_FREE)
    if is_code and isinstance(value, list):
        return all(_is_code(inner) for inner in value)
    return is_code and _is_code(value)


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None and DIGITS.search(value) is None


def _pseudonym(key: bytes, kind: int | None, subject: str | None) -> str | None:
    if subject is None:
        return None
    return hashlib.blake2b(f"{kind}|{subject}".encode(), key=key, digest_size=12).hexdigest()


def _forget_words(ids: Collection[int]) -> None:
    wanted = list(ids)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"UPDATE timeline_perception t SET text = NULL FROM {PERCEIVED} WHERE t.id = p.id AND t.text IS NOT NULL",
                [wanted],
            )
        else:
            cursor.execute(
                "UPDATE timeline_perception SET text = NULL WHERE text IS NOT NULL AND id IN (SELECT p.id FROM json_each(%s) w "
                "CROSS JOIN timeline_perception p ON p.id >= w.value << 6 AND p.id < (w.value + 1) << 6)",
                [as_json_array(wanted)],
            )


def _note(cause: str, loss: Redaction.Loss, ids: Collection[int]) -> None:
    Redaction.objects.create(cause=cause, loss=loss, ids=sorted(ids))
