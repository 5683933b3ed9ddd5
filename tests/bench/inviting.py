"""Makes customers with open survey invitations on a store and prints their links' tokens: `python -m tests.bench.inviting SLUG COUNT`."""

import json
import sys

import django

django.setup()

from peyvand.core import clock  # noqa: E402
from peyvand.identities.models import Customer  # noqa: E402
from peyvand.surveys.models import Invitation  # noqa: E402
from peyvand.surveys.services.answering import link_token  # noqa: E402
from peyvand.surveys.types import InvitationState  # noqa: E402
from peyvand.timeline.services import record_many  # noqa: E402
from peyvand.timeline.types import CustomerIn, IdentityIn, Item  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402

GROUP = 500


def invited(workspace: Workspace, count: int) -> list[str]:
    """So many customers who got the ready survey, each with a token to answer by."""
    now = clock.now()
    for first in range(0, count, GROUP):
        known = ([IdentityIn("own_id", f"asked-{n}")] for n in range(first, min(first + GROUP, count)))
        record_many(workspace.pk, [Item(kind="site.visited", occurred_at=now, customer=CustomerIn(identities=one)) for one in known])
    survey = workspace.surveys.earliest("pk")
    asked = Customer.objects.filter(workspace=workspace).order_by("-pk")[:count]
    sent = {"workspace": workspace, "survey": survey, "send_at": now, "sent_at": now, "state": InvitationState.SENT}
    made = [Invitation(customer=customer, nonce=f"soak-{customer.pk}", **sent) for customer in asked]
    Invitation.objects.bulk_create(made, batch_size=GROUP)
    return [link_token(invitation) for invitation in made]


if __name__ == "__main__":
    print(json.dumps(invited(Workspace.objects.get(slug=sys.argv[1]), int(sys.argv[2]))))
