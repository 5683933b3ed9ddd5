"""Parting interactions from their person: the fact stays countable, and whoever it was is gone. Called by the privacy app.

Each chunk is one transaction with a Redaction that the lake follows (lake/redacting.py), so a kill at any line loses nothing.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from peyvand.catalogue.queries import term_names
from peyvand.core.sets import as_json_array
from peyvand.timeline.kinds import Kind, kinds
from peyvand.timeline.models import Batch, DeadLetter, Interaction, Redaction
from peyvand.timeline.services.batches import delete_perceptions

CHUNK: Final = 200
LARGEST: Final = 10**9  # a number of a declared field that is no phone number or id
LARGEST_FREE: Final = 100_000  # the same of one that nobody declared
CODE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
DIGITS: Final = re.compile(r"\d{5}")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
Change = Callable[[Sequence[int]], None]


def part(*, cause: str, key: bytes, ids: Collection[int]) -> None:
    """Take person and words away from these interactions, in the caller's transaction.

    `key` makes the subjects' new names: what belonged together still does, and nobody who lost the key can tell to which order.
    """
    rows = Interaction.objects.filter(pk__in=ids).values_list("pk", "kind", "subject_type", "subject_id", "properties")
    found = list(rows)
    known = {term_id: kinds().get(name.code) for term_id, name in term_names({row[1] for row in found}).items()}
    values = [(_pseudonym(key, row[2], row[3]), kept_properties(known.get(row[1]), row[4]), row[0]) for row in found]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE timeline_interaction SET identity_id = NULL, external_id = NULL, subject_id = %s, properties = %s WHERE id = %s", values
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


def forget_followed(prefix: str) -> None:
    """Forget what was noted for causes of this beginning and the lake has followed; what goes whole still waits for `end_removal`."""
    Redaction.objects.filter(cause__startswith=prefix, in_lake=True).exclude(loss=Redaction.Loss.WHOLE).delete()


def rename_batches(*, ids: Collection[int], label: str) -> None:
    """Give batches another label: theirs named a file after a person."""
    Batch.objects.filter(pk__in=ids).update(label=label)


def kept_properties(kind: Kind | None, text: str | None) -> str | None:
    """What may stay of properties: truths, numbers too small to name anybody, and codes of ours."""
    if not text:
        return None
    properties = _decode(text)
    declared = set(kind.payload.__struct_fields__) if kind is not None else set()
    codes = kind.codes if kind is not None else ()
    kept = {name: value for name, value in properties.items() if _may_stay(value, is_code=name in codes, is_declared=name in declared)}
    return _encode(kept).decode() if kept else None


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
                "UPDATE timeline_perception p SET text = NULL FROM unnest(%s::bigint[]) w CROSS JOIN LATERAL "
                "(SELECT id FROM timeline_perception WHERE id >= w << 6 AND id < (w + 1) << 6 LIMIT 64) f "
                "WHERE p.id = f.id AND p.text IS NOT NULL",
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
