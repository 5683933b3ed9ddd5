"""What somebody who was erased had been asked, and had said. Called by the app's privacy.py."""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import F, Q

from peyvand.core.privacy import Person
from peyvand.surveys.models import Answer, Invitation, Response
from peyvand.surveys.services.answering import SOURCE, completing_id
from peyvand.timeline.services.redacting import ABOUT, unlink

CHUNK: Final = 400
OF_TRIGGER: Final = ("occurred_at", "subject_type", "subject_id")


def forget_asked(person: Person) -> None:
    """Delete invitations with their answers, and part the list of answers from them.

    Of an interaction that is parted alone, what was answered beside it goes too; that somebody was asked and answered stays.
    """
    Invitation.objects.filter(customer__in=person.customers).delete()
    for piece in _pieces(sorted(person.identities)):
        _part(Q(identity__in=piece))
    for piece in _pieces(sorted(person.interactions)):
        _forget_answered(person.workspace_id, piece)
        _forget_triggers(piece)
        _part(Q(interaction__in=piece))


def forget_words(interactions: Sequence[int]) -> None:
    """Take the words of these interactions out of what was answered and of the list of answers."""
    for piece in _pieces(interactions):
        said = list(Response.objects.filter(interaction__in=piece).exclude(words="").values_list("pk", flat=True))
        Response.objects.filter(pk__in=said).update(words="")
        Answer.objects.filter(interaction__in=piece).exclude(words="").update(words="", search_key="", has_words=False)


def _forget_answered(workspace_id: int, interactions: Sequence[int]) -> None:
    """Delete what was answered by a link: it names the customer. What completed it later does not point to it any more."""
    answered = Response.objects.filter(interaction__in=interactions)
    if asked := list(answered.values_list("invitation", flat=True)):
        unlink(workspace_id=workspace_id, source=SOURCE, external_ids=[completing_id(one) for one in asked], name="completes")
        answered.delete()


@transaction.atomic
def _forget_triggers(interactions: Sequence[int]) -> None:
    for one in Invitation.objects.select_for_update().filter(trigger__in=interactions):
        one.trigger = None
        one.slices = {name: told for name, told in one.slices.items() if name not in OF_TRIGGER}
        one.save(update_fields=["trigger", "slices"])


def _part(whose: Q) -> None:
    while ids := list(Answer.objects.filter(whose & (~Q(words="") | Q(identity__isnull=False))).values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            mine = Answer.objects.filter(pk__in=ids)
            mine.update(words="", search_key="", has_words=False, identity=None, occurred_at=F("occurred_at") - F("occurred_at") % ABOUT)


def _pieces(ids: Sequence[int]) -> Sequence[Sequence[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
