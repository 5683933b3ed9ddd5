"""What a channel calls us with: verified by its adapter, recorded whole in one transaction, and on disk before the answer."""

from collections.abc import Sequence
from typing import Final

import msgspec
from django.db import transaction

from peyvand.channels.models import Channel
from peyvand.channels.registry import adapters
from peyvand.channels.types import Account, Forged, Incoming
from peyvand.core import clock
from peyvand.core.vault import SealBroken, unseal
from peyvand.timeline.services import record_many
from peyvand.timeline.types import CustomerIn, Item, Outcome, Status

IDENTITY: Final = "customer.identities["


def receive(*, channel: Channel, call: Incoming) -> list[Outcome]:
    """Record what a call tells; of one that is not signed nothing is written. Raises Forged or Unreadable, and then nothing is written.

    An identity that is none (a phone number mistyped in the shop) is left out rather than the order.
    """
    try:
        secrets = unseal(channel.sealed)
    except SealBroken as broken:
        raise Forged(str(broken)) from None
    items = adapters()[channel.kind].receive(Account(channel.name, channel.settings, secrets), call)
    if items is None:
        return []
    with transaction.atomic():
        outcomes = _record(channel.workspace_id, items)
        rejected = next((one for one in outcomes if one.status is Status.REJECTED), None)
        error = f"{rejected.field}: {rejected.reason}"[:300] if rejected else ""
        Channel.objects.filter(pk=channel.pk).update(last_heard_at=clock.now(), last_error=error)
    return outcomes


def _record(workspace_id: int, items: Sequence[Item]) -> list[Outcome]:
    outcomes = record_many(workspace_id, items)
    for n, outcome in enumerate(outcomes):
        item = items[n]
        while outcome.status is Status.REJECTED and outcome.field.startswith(IDENTITY) and item.customer is not None:
            item = _without(item, item.customer, int(outcome.field.removeprefix(IDENTITY).rstrip("]")))
            outcome = outcomes[n] = record_many(workspace_id, [item])[0]  # noqa: PLW2901 - the same item, tried again
    return outcomes


def _without(item: Item, customer: CustomerIn, place: int) -> Item:
    identities = [identity for n, identity in enumerate(customer.identities) if n != place]
    return msgspec.structs.replace(item, customer=msgspec.structs.replace(customer, identities=identities))
