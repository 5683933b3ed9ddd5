"""Setting up a channel: settings in the open, secrets sealed."""

from collections.abc import Mapping

from django.db import transaction

from peyvand.channels.models import Channel
from peyvand.channels.registry import adapters
from peyvand.core import clock
from peyvand.core.vault import SealBroken, seal, unseal
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit
from peyvand.workspaces.services.authority import check_has, place_in
from peyvand.workspaces.types import Permission

LEAVING = frozenset({Permission.CONTACTS_SEE})  # what stands on every message, and whoever runs the server it leaves by may read


@transaction.atomic
def set_channel(
    *, workspace: Workspace, kind: str, name: str, values: Mapping[str, str], is_active: bool = True, actor: User | None = None
) -> Channel:
    """Create or change the workspace's channel of a kind. A secret left empty keeps the stored one, for the same host only.

    Raises WorkspaceError where messages would leave by a server of somebody who may not see to whom they go.
    """
    adapter = adapters()[kind]
    if adapter.sends and actor is not None:
        check_has(place_in(workspace, actor), LEAVING)
    channel = Channel.objects.select_for_update().filter(workspace=workspace, kind=kind).order_by("id").first()
    if channel is None:
        channel = Channel(workspace=workspace, kind=kind, address_token=clock.token(24))
    secret = {field.name for field in adapter.fields if field.secret}
    kept = _stored(channel) if channel.settings.get("host") == (values.get("host") or None) else {}
    channel.name = name.strip()[:80] or kind
    channel.settings = {field.name: values.get(field.name, "") for field in adapter.fields if not field.secret}
    told = {field: words for field in secret if (words := values.get(field) or kept.get(field))}
    channel.sealed = seal(told) if told else ""
    channel.is_active = is_active
    channel.last_error = ""
    channel.save()
    audit(workspace=workspace, actor=actor, action="channel.set", target=channel, detail={"kind": kind, "active": is_active})
    return channel


@transaction.atomic
def remove_channel(*, channel: Channel, actor: User | None = None) -> None:
    """Forget a channel with its secrets; what waits in the outbox leaves by the installation's own from now on."""
    audit(workspace=channel.workspace, actor=actor, action="channel.removed", target=channel, detail={"kind": channel.kind})
    channel.delete()


def _stored(channel: Channel) -> dict[str, str]:
    try:
        return unseal(channel.sealed)
    except SealBroken:
        return {}
