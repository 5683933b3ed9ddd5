"""What was written to a person, and which of their addresses refuse it. Found by name by the privacy app."""

from peyvand.channels.models import Outgoing, RefusedAddress
from peyvand.channels.services.forgetting import forget_messages
from peyvand.channels.services.moving import move_messages
from peyvand.core.privacy import Person, Sections

moved = move_messages
COVERS = ("channels.Outgoing", "channels.RefusedAddress", "channels.Channel")
SAID = ("channel_kind", "purpose", "address", "subject", "text", "state", "error", "created_at", "sent_at")


def export(person: Person) -> Sections:
    """Every message with its text and what became of it, and every address that takes none."""
    refused = RefusedAddress.objects.filter(identity__in=person.identities).order_by("pk")
    return {
        "messages": list(Outgoing.objects.filter(customer__in=person.customers).order_by("pk").values(*SAID)),
        "refused_addresses": list(refused.values("channel_kind", "identity__value", "reason", "at")),
    }


def erase(person: Person) -> None:
    """Forget every message, also one that waits to be sent."""
    forget_messages(person)
