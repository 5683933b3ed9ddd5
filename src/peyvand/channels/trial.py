"""The mail by which somebody tries whether the brand's mail leaves. Called by the settings page and the API."""

from django.utils.translation import gettext as _

from peyvand.channels.types import Message
from peyvand.workspaces.models import Workspace


def trial_mail(workspace: Workspace) -> Message:
    """A test in the language of whoever asks for it."""
    words = {"brand": workspace.name}
    return Message(
        subject=_("A test from %(brand)s") % words,
        text=_("This mail shows that %(brand)s can write to its customers. You need do nothing.") % words + "\n",
    )
