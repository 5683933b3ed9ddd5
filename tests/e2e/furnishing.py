"""Fills a brand so that every page of the console has something on it: `python -m tests.e2e.furnishing SLUG`, on a site's data.

Prints as JSON what no page links to: the personal links a customer or a new colleague gets.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from peyvand.channels.services.approving import APPROVE_ABOVE, may_write_to  # noqa: E402
from peyvand.channels.services.stopping import stop_sending  # noqa: E402
from peyvand.core import clock  # noqa: E402
from peyvand.customers.services.attributes import add_attribute  # noqa: E402
from peyvand.customers.services.companies import add_company  # noqa: E402
from peyvand.identities.models import Customer  # noqa: E402
from peyvand.privacy.services.rules import keep_for  # noqa: E402
from peyvand.surveys.models import Invitation  # noqa: E402
from peyvand.surveys.services.answering import keep_score, link_token  # noqa: E402
from peyvand.surveys.services.declining import unsubscribe_token  # noqa: E402
from peyvand.surveys.types import InvitationState  # noqa: E402
from peyvand.timeline.services import note_failure, record  # noqa: E402
from peyvand.timeline.services.kinds import declare_kind  # noqa: E402
from peyvand.timeline.types import CompanyIn, CustomerIn, IdentityIn, Item, PerceptionIn, Subject  # noqa: E402
from peyvand.webhooks.services.endpoints import make_endpoint  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402
from peyvand.workspaces.services import create_key, create_role, invite, put_holiday  # noqa: E402
from peyvand.workspaces.services.settings import set_preference  # noqa: E402
from peyvand.workspaces.types import Permission  # noqa: E402

WORDS = "فنجان شکسته رسید و کسی خبر نداد."


def visits(workspace: Workspace) -> int:
    """Three customers with their orders and opinions, and one claim two of them share; the last interaction's id."""
    last = 0
    for n, (name, score) in enumerate((("نگار صبوری", 2), ("Sara Doe", 10), ("امید راستین", 8))):
        known = [IdentityIn("phone", f"0912000001{n}"), IdentityIn("own_id", f"C-{n}"), IdentityIn("email", f"c{n}@post.example")]
        item = Item(
            kind="order.delivered",
            occurred_at=clock.now() - timedelta(days=9 * n + 1),
            customer=CustomerIn(identities=known, name=name, company=CompanyIn(own_id="B-1042", name="بازرگانی گلستان")),
            subject=Subject("order", str(521 + n)),
            perceptions=[PerceptionIn(measure=measure, value=score * top // 10, text=WORDS) for measure, top in (("nps", 10), ("csat", 5))],
            branch="ونک",
            touchpoint="Delivery",
            product="Cup",
            channel="sms",
            source="e2e",
            external_id=f"furnished-{n}",
        )
        last = record(workspace.pk, item).interaction_id or last
    shared = CustomerIn(identities=[IdentityIn("own_id", "C-0"), IdentityIn("phone", "09120000011")])
    record(workspace.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=shared, source="e2e", external_id="shared"))
    return last


def asked(workspace: Workspace, customer: Customer) -> Invitation:
    """Somebody who got a survey."""
    now, survey = clock.now(), workspace.surveys.earliest("pk")
    return Invitation.objects.create(
        workspace=workspace, survey=survey, customer=customer, nonce="e2e", send_at=now, sent_at=now, state=InvitationState.SENT
    )


def furnish(workspace: Workspace) -> list[str]:
    """Put a row wherever a page lists some; the addresses behind personal links."""
    owner = workspace.members.select_related("user").get().user
    note_failure("nobody", workspace.pk, visits(workspace), ValueError("a fault"))
    put_holiday(workspace=workspace, date=clock.today("UTC") + timedelta(days=9), names={"en": "Nowruz"}, off=True, actor=owner)
    add_attribute(workspace=workspace, actor=owner, code="city", names={"en": "City"}, type_name="text")
    create_key(workspace=workspace, name="Shop", scopes=["ingest"], actor=owner)
    add_company(workspace=workspace, name="Golestan Trading", actor=owner)
    create_role(workspace=workspace, names={"en": "Night shift"}, permissions={Permission.CASES_WORK}, actor=owner)
    declare_kind(workspace=workspace, code="repair.finished", names={"en": "Repair finished"}, fields={"cost": "number"}, actor=owner)
    keep_for(workspace=workspace, kind=None, months=36, loss="person", actor=owner)
    set_preference(workspace=workspace, name=APPROVE_ABOVE, value=100)
    may_write_to(
        workspace=Workspace.objects.get(pk=workspace.pk), subject="e2e", recipients=12_840, sent=lambda _since: 0, label="After delivery"
    )
    stop_sending(workspace=workspace, reason="Twice the same message", actor=owner)
    make_endpoint(workspace=workspace, name="Books", url="https://books.example/hook", kinds=["order.placed"], personal=False, actor=owner)
    _row, token = invite(workspace=workspace, email="babak@example.com", role="agent", actor=owner)
    untouched, begun = (asked(workspace, customer) for customer in Customer.objects.filter(workspace=workspace).order_by("pk")[:2])
    keep_score(invitation=begun, score=3, language="fa")
    done = f"/s/{link_token(begun)}/"
    return [f"/s/{link_token(untouched)}/", f"{done}why/", f"/u/{unsubscribe_token(untouched)}/", f"/invitation/{token}/"]


if __name__ == "__main__":
    print(json.dumps(furnish(Workspace.objects.get(slug=sys.argv[1]))))
