"""What a person took part in and how it felt. Found by name by the privacy app."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import Goes
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids, undone_batches
from peyvand.timeline.services.letters import KEPT_FOR, hide_person
from peyvand.timeline.types import Event

COVERS = ("timeline.Interaction", "timeline.Perception", "timeline.DeadLetter")
GOES = (Goes(_("Dead letters that were settled, and what jobs that were given up said of it"), KEPT_FOR),)
CHUNK: Final = 500


def export(person: Person) -> Sections:
    """Every interaction in its order, with its perceptions; codes instead of integers."""
    return {"interactions": list(_told(person))}


def _told(person: Person) -> Iterator[Mapping[str, Any]]:
    undone, last = undone_batches(person.workspace_id), 0
    mine = Interaction.objects.filter(identity__in=person.identities).exclude(batch__in=undone).order_by("pk")
    while ids := list(mine.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        yield from map(_row, events(read_ids(ids)))
        last = ids[-1]


def _row(event: Event) -> dict[str, Any]:
    said = {
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        **event.codes,
        "subject": {"type": event.subject.type, "id": event.subject.id} if event.subject else None,
        "amount": event.amount,
        "currency": event.currency,
        "duration_s": event.duration_s,
        "response_s": event.response_s,
        "properties": event.properties,
        "source": event.source,
        "external_id": event.external_id,
        "perceptions": [
            {"measure": felt.measure, "item": felt.item, "value": felt.value, "low": felt.low, "high": felt.high, "text": felt.text}
            for felt in event.perceptions
        ],
    }
    return {name: value for name, value in said.items() if value not in (None, "", [], {})}


def erase(person: Person) -> None:
    """Hide them in what readers of the timeline complained of. The erasure itself parts interactions (services.part_all)."""
    hide_person(person)
