"""What a person was asked and answered. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import WHOLE, Kept
from peyvand.surveys.models import Answer, Invitation, Response
from peyvand.surveys.services.forgetting import forget_asked, forget_words
from peyvand.surveys.services.moving import move_invitations
from peyvand.surveys.services.retaining import let_go_of_invitations, old_invitations

moved = move_invitations
__all__ = ["COVERS", "erase", "export", "forget_words", "moved"]
COVERS = ("surveys.Invitation", "surveys.Response", "surveys.Answer")
KEEPS = (
    Kept(
        code="invitations",
        label=_("Invitations to surveys that are over"),
        losses={WHOLE: _("Who was asked when goes, and the link in the mail ends, also the one that stops surveys; answers stay.")},
        usual=24,
        old=old_invitations,
        forget=let_go_of_invitations,
        least=12,  # whoever finds an old mail may still say no by its link; and longer than anybody rests between two questions
    ),
)
ASKED = ("survey__code", "language", "state", "reason", "send_at", "sent_at", "created_at")
SAID = ("invitation__survey__code", "score", "reasons", "words", "language", "started_at", "submitted_at", "partial")


def export(person: Person) -> Sections:
    """Every invitation, and every answer from its first tap on. `answers` are scores and words, whoever recorded them."""
    answers = Answer.objects.filter(identity__in=person.identities).order_by("pk")
    return {
        "invitations": list(Invitation.objects.filter(customer__in=person.customers).order_by("pk").values(*ASKED)),
        "responses": list(Response.objects.filter(invitation__customer__in=person.customers).order_by("pk").values(*SAID)),
        "answers": list(answers.values("occurred_at", "survey", "measure", "value", "low", "high", "words")),
    }


def erase(person: Person) -> None:
    """Forget invitations and their answers; in the list of answers the score stays, without words or whoever gave it."""
    forget_asked(person)
