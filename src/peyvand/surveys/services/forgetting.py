"""What somebody who was erased had been asked, and had said. Called by the app's privacy.py."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q

from peyvand.core.privacy import Person
from peyvand.surveys.models import Answer, Invitation

CHUNK: Final = 400


def forget_asked(person: Person) -> None:
    """Delete invitations with their answers, and part the list of answers from them."""
    Invitation.objects.filter(customer__in=person.customers).delete()
    for piece in _pieces(sorted(person.identities)):
        _part(Q(identity__in=piece))
    for piece in _pieces(sorted(person.interactions)):
        _part(Q(interaction__in=piece))


def forget_words(interactions: Sequence[int]) -> None:
    """Take the words of these interactions out of the list of answers."""
    for piece in _pieces(interactions):
        Answer.objects.filter(interaction__in=piece).exclude(words="").update(words="", search_key="", has_words=False)


def _part(whose: Q) -> None:
    while ids := list(Answer.objects.filter(whose & (~Q(words="") | Q(identity__isnull=False))).values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            Answer.objects.filter(pk__in=ids).update(words="", search_key="", has_words=False, identity=None)


def _pieces(ids: Sequence[int]) -> Sequence[Sequence[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
