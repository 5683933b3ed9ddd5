"""The account a message leaves from: the workspace's own channel, else the installation's."""

from peyvand.channels.models import Channel
from peyvand.channels.types import Account
from peyvand.core.vault import unseal
from peyvand.workspaces.models import Workspace


def channel_of(workspace: Workspace, kind: str) -> Channel | None:
    """The active channel of a kind that a workspace set up itself."""
    return Channel.objects.filter(workspace=workspace, kind=kind, is_active=True).order_by("id").first()


def account_of(workspace: Workspace, kind: str) -> Account:
    """What an adapter sends with; empty settings mean the installation's own. Raises SealBroken."""
    channel = channel_of(workspace, kind)
    if channel is None:
        return Account(workspace.name_in(workspace.default_language), {})
    return Account(channel.name, channel.settings, unseal(channel.sealed))
