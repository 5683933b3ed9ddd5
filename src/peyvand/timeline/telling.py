"""One interaction as programs are told of it, in the words in which it is recorded. Called by the API and by webhooks."""

from typing import Any, Final

from peyvand.core.ids import public_id
from peyvand.core.masking import without_contacts_within
from peyvand.timeline.reading import CODED
from peyvand.timeline.types import Event, Felt
from peyvand.workspaces.models import Workspace

PLAIN: Final = (
    "kind",
    "occurred_at",
    "recorded_at",
    "amount",
    "currency",
    "duration_s",
    "response_s",
    "properties",
    "source",
    "external_id",
)


def told(workspace: Workspace, event: Event) -> dict[str, Any]:
    """The interaction with public ids; amounts in minor units, durations in seconds, codes empty where nothing was said."""
    key = bytes(workspace.id_key)
    words: dict[str, Any] = {name: event.codes.get(name, "") for name in CODED}
    words |= {name: getattr(event, name) for name in PLAIN}
    words["id"] = public_id(key, event.id)
    words["customer"] = public_id(key, event.customer_id) if event.customer_id is not None else None
    words["subject"] = {"type": event.subject.type, "id": event.subject.id} if event.subject is not None else None
    words["perceptions"] = [_felt(felt) for felt in event.perceptions]
    return words


def without_numbers(words: dict[str, Any]) -> dict[str, Any]:
    """A told interaction for those who see no contacts: as in a person's history, none stands in what was written or sent along."""
    subject = words["subject"]
    return words | {
        "external_id": without_contacts_within(words["external_id"]),
        "properties": without_contacts_within(words["properties"]),
        "subject": subject and subject | {"id": without_contacts_within(subject["id"])},
        "perceptions": [felt | {"text": without_contacts_within(felt["text"])} for felt in words["perceptions"]],
    }


def _felt(felt: Felt) -> dict[str, Any]:
    scale = (felt.low, felt.high) if felt.low is not None and felt.high is not None else None
    return {"measure": felt.measure, "value": felt.value, "scale": scale, "item": felt.item, "text": felt.text, "sentiment": felt.sentiment}
