"""Addresses that refused a message for good: kept, asked before anything is sent, and lifted by a person."""

from django.db import transaction

from peyvand.channels.models import Outgoing, RefusedAddress
from peyvand.channels.registry import adapters
from peyvand.core import clock
from peyvand.identities.models import Identity
from peyvand.identities.types import TYPE_NAMES
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit


def identity_at(workspace_id: int, channel_kind: str, address: str) -> Identity | None:
    """The identity a message to this address goes to."""
    adapter = adapters().get(channel_kind)
    if adapter is None or not address:
        return None
    return Identity.objects.filter(workspace=workspace_id, type=TYPE_NAMES[adapter.identity], value=address).first()


def is_refused(workspace_id: int, channel_kind: str, address: str) -> bool:
    """Whether nothing is sent to this address."""
    identity = identity_at(workspace_id, channel_kind, address)
    return identity is not None and RefusedAddress.objects.filter(identity=identity, channel_kind=channel_kind).exists()


def note_refusal(*, outgoing: Outgoing, reason: str) -> None:
    """Keep that nobody takes messages where this one was to go; the last reason stands."""
    identity = identity_at(outgoing.workspace_id, outgoing.channel_kind, outgoing.address)
    if identity is not None:
        said = {"reason": reason[:500], "at": clock.now()}
        RefusedAddress.objects.update_or_create(identity=identity, channel_kind=outgoing.channel_kind, defaults=said)


@transaction.atomic
def lift_refusal(*, identity: Identity, channel_kind: str, actor: User) -> bool:
    """Let messages go to an address again; False where nothing stood against it."""
    gone, _by_model = RefusedAddress.objects.filter(identity=identity, channel_kind=channel_kind).delete()
    if gone:
        detail = {"channel": channel_kind}
        audit(workspace=identity.workspace, actor=actor, action="address.lifted", target=identity.customer, detail=detail)
    return bool(gone)
