"""Letters to the team by the brand's own mail server. Found by name by workspaces.team_post."""

from peyvand.channels.accounts import account_of, channel_of
from peyvand.channels.registry import adapters
from peyvand.channels.types import Envelope, Message
from peyvand.workspaces.models import Workspace

KIND = "email"


class LetterRefused(Exception):
    """The server did not take the letter; the message is its words."""


class BrandPost:
    """The server entered in Settings, E-mail."""

    def ready(self, workspace: Workspace) -> bool:
        """Whether the brand entered a server of its own."""
        return channel_of(workspace, KIND) is not None

    def send(self, workspace: Workspace, *, to: str, subject: str, text: str, key: str) -> None:
        """Send one letter, never twice where the server may have it. Raises LetterRefused, SealBroken."""
        message = Message(text=text, subject=subject, language=workspace.default_language)
        delivery = adapters()[KIND].send(account_of(workspace, KIND, message.language), Envelope(to, message, key))
        if not delivery.sent and not delivery.unsure:
            raise LetterRefused(delivery.error)


POST = BrandPost()
