"""What other systems answered when they were told of somebody who was erased. Called by the app's privacy.py."""

from peyvand.core.privacy import Person
from peyvand.webhooks.models import Endpoint, Telling

CHUNK = 400


def forget_tellings(person: Person) -> None:
    """Empty what was answered about the interactions of a person; what is told is made from the timeline, which names them no more."""
    ids, ours = sorted(person.interactions), list(Endpoint.objects.filter(workspace=person.workspace_id).values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        mine = Telling.objects.filter(endpoint__in=ours, interaction_id__in=ids[start : start + CHUNK])
        mine.exclude(error="").update(error="")
