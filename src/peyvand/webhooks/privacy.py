"""What other systems answered when they were told of a person. Found by name by the privacy app."""

from peyvand.core.privacy import Person, Sections
from peyvand.timeline.models import Interaction
from peyvand.webhooks.models import Telling
from peyvand.webhooks.services.forgetting import forget_tellings

COVERS = ("webhooks.Telling",)


def export(person: Person) -> Sections:
    """To whom what happened was told, and when."""
    mine = Interaction.objects.filter(identity__in=person.identities).values("pk")
    rows = Telling.objects.filter(interaction_id__in=mine).order_by("pk")
    return {"tellings": list(rows.values("endpoint__name", "kind", "state", "ended_at"))}


def erase(person: Person) -> None:
    """Nothing waits to be told of them any more, and no answer quotes them."""
    forget_tellings(person)
