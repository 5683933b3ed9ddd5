"""The account a message leaves from: the workspace's own channel, else the installation's."""

from peyvand.channels.models import Channel
from peyvand.channels.types import Account
from peyvand.core.vault import unseal
from peyvand.workspaces.models import Workspace


def channel_of(workspace: Workspace, kind: str) -> Channel | None:
    """The active channel of a kind that a workspace set up itself."""
    return Channel.objects.filter(workspace=workspace, kind=kind, is_active=True).order_by("id").first()


def account_of(workspace: Workspace, kind: str, language: str = "") -> Account:
    """What an adapter sends with; empty settings mean the installation's own. Raises SealBroken.

    The brand stands as sender by its name in the message's language; a name of its own choosing (“Mina of Sofalineh”) stays as it is.
    """
    names = workspace.names
    brand = str(names.get(language) or workspace.name_in(workspace.default_language))
    channel = channel_of(workspace, kind)
    if channel is None:
        return Account(brand, {})
    name = brand if channel.name in {str(one).strip() for one in names.values()} else channel.name
    return Account(name, channel.settings, unseal(channel.sealed))
