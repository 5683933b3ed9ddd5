"""A brand to break the store of: what stands in it is made by the services, and read afresh each time it is asked for.

Called by commands.
"""

import base64
import datetime as dt
import hashlib
import hmac
from functools import cached_property
from pathlib import Path

from peyvand.cases import services as cases
from peyvand.cases.models import Case
from peyvand.cases.services.reacting import plan as react_to
from peyvand.cases.types import Outcome
from peyvand.channels import services as channels
from peyvand.channels.models import Channel, Outgoing
from peyvand.channels.types import Incoming, Message, Purpose
from peyvand.core import clock
from peyvand.customers.services import merging
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.identities.services import deciding
from peyvand.imports import services as imports
from peyvand.imports.models import Import
from peyvand.surveys import services as surveys
from peyvand.surveys.models import Invitation, Response, Survey
from peyvand.surveys.services import sending
from peyvand.surveys.services.planning import plan_after
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import Page, events, read_ids
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.webhooks import services as webhooks
from peyvand.webhooks.models import Endpoint
from peyvand.workspaces import services as workspaces
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.services.founding import begin_workspace

SECRET = "what the shop and we know"
ORDER = Path(__file__).parents[2] / "src/peyvand/connectors/woocommerce/tests/fixtures/order.json"
TABLE = b"date,phone,stars\n2026-06-01,09120000071,3\n2026-06-02,09120000072,5\n"
MAP = (
    'source = "x"\n[customer]\nidentities = { phone = "phone" }\n[[interactions]]\nkind = "review.written"\noccurred_at = "date"\n'
    'perceptions = [{ measure = "rating", value = "stars" }]\n'
)
HOUR = dt.timedelta(hours=1)


class Brand:
    """A brand that asks, follows up and tells others, with two customers. What is asked of it is read from the store each time."""

    def __init__(self) -> None:
        self.pk = self._found()

    @staticmethod
    def _found() -> int:
        made = workspaces.create_workspace(name="سفالینه", slug="sofal", language="fa")
        workspaces.create_owner(workspace=made, email="me@sofal.example", password="a long enough phrase", name="پویا")
        begin_workspace(workspace=made)
        workspaces.put_member(workspace=made, email="alice@sofal.example", name="Alice", role="agent")
        return made.pk

    @property
    def workspace(self) -> Workspace:
        return Workspace.objects.get(pk=self.pk)

    @property
    def owner(self) -> User:
        return User.objects.get(email="me@sofal.example")

    @property
    def alice(self) -> Member:
        return Member.objects.select_related("workspace", "user").get(user__email="alice@sofal.example")

    @cached_property
    def negar_id(self) -> int:
        return self.tells("order.delivered", phone="09120000012", email="negar@post.example", name="نگار") or 0

    @cached_property
    def omid_id(self) -> int:
        return self.tells("order.placed", phone="09120000013", email="omid@post.example", name="امید") or 0

    @property
    def negar(self) -> Customer:
        return Customer.objects.get(pk=self.negar_id)

    @property
    def omid(self) -> Customer:
        return Customer.objects.get(pk=self.omid_id)

    def tells(self, kind: str, *, score: float | None = None, name: str = "", **known: str) -> int | None:
        """Something happens to somebody; gives the customer."""
        identities = [IdentityIn(kind_of, value) for kind_of, value in known.items()]
        felt = [PerceptionIn("nps", score, text="دیر رسید.")] if score is not None else []
        item = Item(
            kind=kind,
            occurred_at=clock.now() - HOUR,
            customer=CustomerIn(identities=identities, name=name),
            subject=Subject("order", "5218"),
            perceptions=felt,
            source="shop",
        )
        customer = record(self.pk, item).customer_id
        follow()
        return customer

    def queued(self) -> int:
        """A message in the outbox."""
        return channels.send(
            workspace=self.workspace, customer=self.negar, purpose=Purpose.SERVICE, message=Message("سلام", "سلام"), key="one"
        ).pk

    def case(self) -> Case:
        return Case.objects.select_related("workspace", "owner").get()

    def unhappy(self) -> None:
        """Somebody was unhappy, and a case came of it."""
        self.tells("review.written", score=2, phone="09120000012", email="negar@post.example")
        react_to(self.page())()

    def nobodys(self) -> None:
        """A case that waits until somebody takes it."""
        self.unhappy()
        cases.assign(case=self.case(), owner=None, actor=self.alice)

    def taken(self) -> None:
        self.unhappy()
        cases.take(case=self.case(), actor=self.alice)

    def promised(self) -> None:
        self.taken()
        cases.promise(case=self.case(), actor=self.alice, text="پول برمی‌گردد", due_at=clock.now() + 30 * HOUR)

    def closed(self) -> None:
        self.taken()
        cases.close(case=self.case(), actor=self.alice, outcome=Outcome.SOLVED)

    def page(self) -> Page:
        """All that was recorded, as a subscription reads it."""
        return Page(read_ids(list(Interaction.objects.order_by("pk").values_list("id", flat=True))))

    def survey(self) -> Survey:
        return Survey.objects.select_related("workspace").get()

    def asking(self) -> None:
        survey = Survey.objects.filter(workspace=self.pk).first() or surveys.lay_default_survey(self.workspace)
        surveys.set_active(survey=survey, active=True, actor=None)
        assert self.negar_id

    def planned(self) -> None:
        """Negar is to be asked."""
        self.asking()
        plan_after(events(read_ids(list(Interaction.objects.values_list("id", flat=True)))))
        Invitation.objects.update(send_at=clock.now() - HOUR)

    def asked(self) -> None:
        """Negar was asked."""
        self.planned()
        sending.send_one(self.invitation().pk)

    def scored(self) -> None:
        self.asked()
        surveys.keep_score(invitation=self.invitation(), score=3, language="fa")

    def left(self) -> None:
        """The mail left."""
        self.asked()
        Outgoing.objects.update(state=Outgoing.State.SENT, sent_at=clock.now())

    def left_half_way(self) -> None:
        """A score was given an hour ago, and nothing more."""
        self.scored()
        Response.objects.update(changed_at=clock.now() - HOUR)

    def declined(self) -> None:
        self.asked()
        surveys.decline(invitation=self.invitation())

    def invitation(self) -> Invitation:
        return Invitation.objects.select_related("survey", "workspace", "customer", "response").get()

    def alike(self) -> None:
        """Two customers who may be one."""
        assert self.negar_id
        assert self.omid_id
        deciding.pair_up(kept=self.negar, other=self.omid)

    def pair(self) -> LinkConflict:
        return LinkConflict.objects.get(kept=self.negar_id, other=self.omid_id)

    def merged(self) -> None:
        self.alike()
        merging.merge(conflict=self.pair(), actor=self.owner)

    def hooked(self) -> None:
        """A webhook, and something it waits to hear."""
        self.heard()
        webhooks.plan(self.page())()

    def heard(self) -> None:
        """A webhook, and something that happened since."""
        webhooks.make_endpoint(workspace=self.workspace, name="books", url="https://books.example/x", actor=self.owner)
        assert self.negar_id

    def hook(self) -> Endpoint:
        return Endpoint.objects.select_related("workspace").get()

    def shop(self) -> None:
        channels.set_channel(workspace=self.workspace, kind="woocommerce", name="WooCommerce", values={"secret": SECRET})

    def file(self) -> None:
        """A file and its map."""
        one = imports.store(workspace=self.workspace, name="a.csv", files={"main": ("a.csv", [TABLE])}, actor=self.owner)
        imports.set_map(one=one, text=MAP)

    def running(self) -> None:
        self.file()
        imports.start(one=self.importing(), actor=self.owner, here=True)

    def stuck(self) -> None:
        """An import that stopped."""
        self.running()
        Import.objects.update(state="failed")

    def imported(self) -> None:
        self.running()
        imports.run(self.importing().pk)
        assert self.importing().recorded == 2

    def undoing(self) -> None:
        self.imported()
        imports.undo(one=self.importing(), actor=self.owner)
        batch = self.importing().batch
        assert batch is not None
        type(batch).objects.update(out_of_lake=True)

    def importing(self) -> Import:
        return Import.objects.select_related("workspace", "batch").get()

    def outgoing(self) -> Outgoing:
        return Outgoing.objects.select_related("workspace", "customer").get()

    def failed(self) -> None:
        """A message that could not be delivered."""
        Outgoing.objects.filter(pk=self.queued()).update(state=Outgoing.State.FAILED)

    def channel(self) -> Channel:
        return Channel.objects.select_related("workspace").get(kind="woocommerce")

    def identity(self, value: str) -> Identity:
        return Identity.objects.select_related("workspace", "customer").get(value=value)


def called() -> Incoming:
    """A call of the shop, signed."""
    body = ORDER.read_bytes()
    mark = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    return Incoming({"x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": mark}, body)
