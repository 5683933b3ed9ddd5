"""What other systems answered when they were told of a person. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import Goes
from peyvand.timeline.models import Interaction
from peyvand.webhooks.models import Telling
from peyvand.webhooks.services.forgetting import forget_tellings
from peyvand.webhooks.types import KEEP_DEAD, KEEP_TOLD

COVERS = ("webhooks.Telling",)
GOES = (
    Goes(_("What webhooks told other systems"), KEEP_TOLD),
    Goes(_("What webhooks could not tell"), KEEP_DEAD),
)


def export(person: Person) -> Sections:
    """To whom what happened was told, and when."""
    mine = Interaction.objects.filter(identity__in=person.identities).values("pk")
    rows = Telling.objects.filter(interaction_id__in=mine).order_by("pk")
    return {"tellings": list(rows.values("endpoint__name", "kind", "state", "ended_at"))}


def erase(person: Person) -> None:
    """Nothing waits to be told of them any more, and no answer quotes them."""
    forget_tellings(person)
