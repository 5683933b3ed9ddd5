"""What the doors remember of a person: answers given under an Idempotency-Key, for a day. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import Goes
from peyvand.edge.services import KEPT_FOR, forget_answers_to

COVERS = ("edge.GivenAnswer",)
GOES = (Goes(_("Answers to programs, kept for a request that comes again"), KEPT_FOR),)


def export(person: Person) -> Sections:  # noqa: ARG001 - the protocol's
    """An answer says what became of a request; the request itself is on the timeline."""
    return {}


def erase(person: Person) -> None:
    """Forget the answers that name them or what they took part in."""
    forget_answers_to(person)
