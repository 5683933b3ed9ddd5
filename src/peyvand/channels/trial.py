"""The mail by which somebody tries whether the brand's mail leaves, and what it came to. Called by pages and the API that send a test."""

from django.utils.translation import gettext as _

from peyvand.channels.services.sending import BROKE_OFF
from peyvand.channels.types import Delivery, Message
from peyvand.workspaces.models import Workspace


def trial_mail(workspace: Workspace) -> Message:
    """A test in the language of whoever asks for it."""
    words = {"brand": workspace.name}
    return Message(
        subject=_("A test from %(brand)s") % words,
        text=_("This mail shows that %(brand)s can write to its customers. You need do nothing.") % words + "\n",
    )


def why_not(delivery: Delivery) -> str:
    """What a person is told of a test that did not leave, or of which nobody knows."""
    if delivery.unsure:
        return _(BROKE_OFF)
    return _("The test did not leave. %(error)s") % {"error": _(delivery.error)}
