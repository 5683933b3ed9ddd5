"""What was written to a person, and which of their addresses refuse it. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.channels.models import Outgoing, RefusedAddress
from peyvand.channels.services.forgetting import forget_messages
from peyvand.channels.services.moving import move_messages
from peyvand.channels.services.retaining import let_go_of_messages, old_messages
from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import TEXTS, WHOLE, Kept

moved = move_messages
COVERS = ("channels.Outgoing", "channels.RefusedAddress", "channels.Channel")
KEEPS = (
    Kept(
        code="messages",
        label=_("Messages to customers"),
        losses={
            TEXTS: _("Subject and text go; that it was sent, when, and what became of it stays in the outbox."),
            WHOLE: _("The message goes from the outbox; that a survey was sent stays on the timeline."),
        },
        usual=24,
        old=old_messages,
        forget=let_go_of_messages,
        piece=10,  # a mail is long, and SQLite writes over what it lets go
    ),
)
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
