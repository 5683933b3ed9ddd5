"""The body of a telling, made from the timeline as it is now, so that nothing of a forgotten person is told later."""

from typing import Any

from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.core.masking import without_contacts_within
from peyvand.identities.models import Customer, Identity
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.telling import told
from peyvand.timeline.types import Event
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.workspaces.models import Workspace


def content(endpoint: Endpoint, telling: Telling) -> dict[str, Any] | None:
    """What is told, as plain values for JSON; None where the interaction is gone.

    Without `personal`, phone numbers and e-mail addresses are hidden wherever they stand, and the customer is an id alone.
    """
    workspace = endpoint.workspace
    body: dict[str, Any] = {
        "id": public_id(bytes(workspace.id_key), telling.pk),
        "kind": telling.kind,
        "workspace": workspace.slug,
        "told_at": clock.now(),
    }
    if telling.interaction_id is None:
        return body | {"interaction": None}
    found = events(read_ids([telling.interaction_id]))
    if not found:
        return None
    interaction = told(workspace, found[0])
    if endpoint.personal:
        interaction["person"] = _person(workspace, found[0])
    else:
        interaction = without_contacts_within(interaction)
    return body | {"interaction": interaction}


def _person(workspace: Workspace, event: Event) -> dict[str, Any] | None:
    customer = Customer.objects.filter(workspace=workspace, pk=event.customer_id).first() if event.customer_id is not None else None
    if customer is None:
        return None
    identities = Identity.objects.filter(customer=customer).order_by("pk")
    return {"name": customer.name, "identities": [{"type": one.get_type_display(), "value": one.value} for one in identities]}
