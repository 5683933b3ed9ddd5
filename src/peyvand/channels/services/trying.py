"""A mail to somebody of the team: test mails of the editor and of the settings. Not in the outbox, since no customer gets it."""

from peyvand.channels.accounts import account_of
from peyvand.channels.registry import adapters
from peyvand.channels.types import Delivery, Envelope, Message
from peyvand.core import clock
from peyvand.core.vault import SealBroken
from peyvand.workspaces.models import User, Workspace


def send_to_member(*, workspace: Workspace, member: User, message: Message, channel_kind: str = "email") -> Delivery:
    """Send a message to a person's own sign-in address at once, and say what the server said."""
    try:
        account = account_of(workspace, channel_kind)
    except SealBroken as broken:
        return Delivery(sent=False, error=str(broken))
    key = f"{workspace.slug}.test.{clock.token(9)}"
    return adapters()[channel_kind].send(account, Envelope(member.email, message, key))
