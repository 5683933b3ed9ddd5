"""A brand whose every name, note, title, number and word holds a contact, looked at by those who may not see one: none is shown anywhere.

A page joins by its permission, an operation by its scope; a page that is linked from another is found by itself.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain
from urllib.parse import urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from peyvand.cases.services import add_note, open_by_hand, promise
from peyvand.catalogue.services import lay_defaults
from peyvand.channels.models import Outgoing, RefusedAddress
from peyvand.core import clock
from peyvand.core.ids import PATTERN
from peyvand.core.models import Job, JobState
from peyvand.core.persian import to_latin_digits
from peyvand.customers.services.attributes import add_attribute
from peyvand.customers.services.companies import add_company
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.moments import write_note
from peyvand.customers.services.people import rename, save_preferences
from peyvand.customers.services.suggesting import look_alike
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer, Identity
from peyvand.identities.services import share
from peyvand.identities.types import IdentityType
from peyvand.insights import counting
from peyvand.insights.tests.conftest import keep
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.answering import keep_score, submit
from peyvand.surveys.services.editing import lay_default_survey
from peyvand.surveys.types import InvitationState
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import declare_kind, note_failure
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn, Subject
from peyvand.workspaces.models import Member
from peyvand.workspaces.services import create_key, create_owner, create_role, create_workspace, put_member
from peyvand.workspaces.types import Permission, Scope
from tests.e2e.test_api_matrix import PLACE, operations
from tests.e2e.test_permission_matrix import addresses, path, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PHONE, MAIL = "09127731846", "zebrafink@kanarie.ir"
BOTH = f"{PHONE} {MAIL}"
NAME = f"Sara {BOTH}"
LOOK = re.compile(r".{0,60}(?:9127731846|zebrafink@).{0,20}")
MARKS = re.compile(r"[\u200b-\u200f\u2060-\u2069\xa0]|(?<=\d)[ \u202f](?=\d)")
BASE = "/w/narenj/"
# They need the permission, or say beside its name that files show what is in them.
UNMASKED = {Permission.CONTACTS_SEE, Permission.PRIVACY, Permission.IMPORTS_MANAGE}
ALIKE = 6  # pages of one route
CUTS = ("repair.finished:callback", "call.ended:note", "call.ended:reason", "subject")


@pytest.fixture
def owner(transactional_db) -> Iterator[Member]:
    counting.forget()
    workspace = create_workspace(name="Narenj", slug="narenj")
    lay_defaults(workspace=workspace)
    owner = create_owner(workspace=workspace, email="alice@narenj.example", password=None, name="Alice")
    happened(owner)
    follow()
    for customer in Customer.objects.filter(workspace=workspace).order_by("pk"):
        known(customer, owner)
    look_alike()
    share(workspace=workspace, type_name="phone", value="09127731847", note=BOTH, actor=owner.user)
    follow()
    yield owner
    counting.forget()


def happened(owner: Member) -> None:
    """Orders, repairs and calls of three customers, two of whom look alike."""
    workspace, now = owner.workspace, clock.now()
    add_attribute(workspace=workspace, actor=owner.user, code="second", names={"en": "Second"}, type_name="text")
    declare_kind(workspace=workspace, code="repair.finished", names={"en": "Repair"}, fields={"callback": "text"}, actor=owner.user)
    felt = [PerceptionIn(measure=measure, value=2, text=BOTH) for measure in ("nps", "csat")]
    items = []
    for n, way in enumerate((("phone", PHONE), ("email", MAIL), ("phone", "09127731847"))):
        who = CustomerIn(
            identities=[IdentityIn(*way), IdentityIn("own_id", f"{PHONE}-{n}" if n else PHONE)],
            name=NAME,
            attributes={"second": BOTH},
        )
        about = Subject("order", f"{PHONE}/{n}" if n else PHONE)
        told = (("repair.finished", {"callback": BOTH}), ("call.ended", {"note": BOTH, "reason": BOTH}), ("order.delivered", {}))
        items += [
            Item(
                kind=kind,
                occurred_at=now - timedelta(days=1, hours=3 * n + hour),
                customer=who,
                subject=about,
                properties=properties,
                perceptions=felt if kind == "order.delivered" else [],
                source="shop",
                external_id=f"{kind}-{n}",
                channel="sms",
            )
            for hour, (kind, properties) in enumerate(told)
        ]
    keep(workspace, items)
    note_failure("nobody", workspace.pk, Interaction.objects.earliest("pk").pk, ValueError(BOTH))
    Job.objects.create(name="nobody", workspace_id=workspace.pk, state=JobState.DEAD, error=BOTH, failed_at=now)


def known(customer: Customer, owner: Member) -> None:
    """What people write down about a customer, and what is sent and said."""
    workspace, actor, now = owner.workspace, owner.user, clock.now()
    rename(customer=customer, name=f"{NAME} {customer.pk}", actor=actor)
    save_preferences(customer=customer, channel="sms", hour="", note=BOTH, actor=actor)
    set_consent(customer=customer, purpose="marketing", channel="sms", granted=False, source="phone", note=BOTH, actor=actor)
    write_note(customer=customer, text=BOTH, actor=actor)
    case = open_by_hand(workspace=workspace, customer=customer, words=BOTH, reason="", actor=owner)
    promise(case=case, actor=owner, text=BOTH, due_at=now + timedelta(days=1))
    add_note(case=case, actor=owner, text=BOTH)
    Outgoing.objects.create(
        workspace=workspace,
        channel_kind="email",
        purpose="service",
        customer=customer,
        address=MAIL,
        subject=BOTH,
        text=BOTH,
        key=f"k{customer.pk}",
        state="failed",
        error=BOTH,
    )
    for address in Identity.objects.filter(customer=customer, type=IdentityType.EMAIL):
        RefusedAddress.objects.create(identity=address, channel_kind="email", reason=BOTH)
    survey = workspace.surveys.first() or lay_default_survey(workspace, actor)
    asked = {"workspace": workspace, "survey": survey, "customer": customer, "nonce": f"n{customer.pk}"}
    invitation = Invitation.objects.create(**asked, send_at=now, sent_at=now, state=InvitationState.SENT)
    keep_score(invitation=invitation, score=3, language="fa")
    submit(invitation=invitation, reasons=[], words=BOTH)
    add_company(workspace=workspace, name=f"Company {customer.pk}", actor=actor, note=BOTH)


def shown(answer: HttpResponse) -> list[str]:
    """Contacts in an answer, with what stands around them; digits of any script, however grouped."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return LOOK.findall(MARKS.sub("", to_latin_digits(html.unescape(body.decode("utf-8", "replace")))))


def eve(owner: Member, language: str) -> Client:
    """Somebody who may do everything else."""
    role = create_role(workspace=owner.workspace, names={"en": "No contacts"}, permissions=set(Permission) - UNMASKED, actor=owner.user)
    user = put_member(workspace=owner.workspace, email="eve@narenj.example", name="Eve", role=role, actor=owner.user).user
    user.language = language
    user.save()
    return signed_in(user)


class Walk:
    """A walk over the console from page to page: every route, and of each a few of a kind."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.routes: Counter[str] = Counter()
        self.found: dict[str, list[str]] = {}
        self._met: Counter[str] = Counter()
        self._seen: set[str] = set()

    def over(self, beginnings: Iterable[str]) -> None:
        """Look at these, and at all they lead to."""
        waiting = list(beginnings)
        while waiting:
            where = waiting.pop(0)
            if where in self._seen or not where.startswith(BASE):
                continue
            self._seen.add(where)
            if self._is_new(where):
                waiting += self._looked_at(where)

    def _is_new(self, where: str) -> bool:
        route = _route(urlsplit(where).path)
        self._met[route] += 1
        return self._met[route] <= ALIKE

    def _looked_at(self, where: str) -> list[str]:
        answer = self.client.get(where)
        assert answer.status_code < 500, where
        if "Location" in answer:
            return [answer["Location"]]
        if answer.status_code == 200:
            self.routes[_route(urlsplit(where).path)] += 1
        if contacts := shown(answer):
            self.found[where] = contacts[:2]
        if answer.streaming or "html" not in answer["Content-Type"]:
            return []
        links = re.findall(r'(?:href|action|hx-get|data-[a-z-]+)="([^"#\s]+)', answer.content.decode())
        return [urlsplit(where).path + link if link.startswith("?") else link for link in map(html.unescape, links)]


def _route(page: str) -> str:
    return resolve(f"/{page.removeprefix(BASE)}").route


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_page_and_no_file_of_the_console_shows_a_contact(owner, language):
    walk = Walk(eve(owner, language))
    plain = [path("narenj", route, "") for route, _permission in addresses() if "<" not in route]
    cut = [f"{BASE}pulse/nps/?{urlencode({'by': by, 'time': 'all'})}" for by in CUTS]
    named = [f"{BASE}{page}?q=Sara" for page in ("customers/", "find/", "follow-up/new/")]
    walk.over(chain(plain, cut, named))
    for route in (route for route, _permission in addresses() if route.endswith("export/") and "<" not in route):
        answer = walk.client.post(path("narenj", route, ""))
        if contacts := shown(answer):
            walk.found[f"post {route}"] = contacts[:2]
    assert walk.found == {}
    assert len(walk.routes) > 40, sorted(walk.routes)


class Reading:
    """A program that reads every operation, with the ids that lists of the same kind gave it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.answered: set[str] = set()
        self.found: dict[str, list[str]] = {}
        self._ids: dict[str, list[str]] = {}

    def every(self, operations: Iterable[str]) -> None:
        """Lists first, then what each of their ids opens."""
        for where in sorted(operations, key=lambda one: one.count("<")):
            place = where.replace("<measure>", "nps")
            before, has_id, _rest = place.partition("<")
            for pid in self._known(before) if has_id else ("",):
                here = PLACE.sub(pid, place)
                for question in ("", *(f"?{urlencode({'by': by})}" for by in CUTS if here.endswith("/measures/nps"))):
                    self._read(where, here + question)

    def _known(self, collection: str) -> list[str]:
        return self._ids.get(collection.rstrip("/")) or list(dict.fromkeys(chain.from_iterable(self._ids.values())))

    def _read(self, where: str, here: str) -> None:
        answer = self.client.get(here)
        assert answer.status_code < 500, here
        if contacts := shown(answer):
            self.found[here] = contacts[:2]
        if answer.status_code == 200:
            self.answered.add(where)
            self._ids.setdefault(here, re.findall(rf'"id": ?"({PATTERN})"', "" if answer.streaming else answer.content.decode()))


def test_no_operation_of_the_api_tells_a_contact(owner, settings):
    settings.PEYVAND_API_A_MINUTE = 1_000_000
    scopes = [scope for scope in Scope if scope.permission not in UNMASKED and scope is not Scope.SNIPPET]
    _row, secret = create_key(workspace=owner.workspace, name="no contacts", scopes=scopes, actor=owner.user)
    reading = Reading(Client(headers={"authorization": f"Bearer {secret}"}))
    reading.every(where for method, where, scope in operations() if method == "get" and scope in scopes)
    assert reading.found == {}
    assert len(reading.answered) > 40, sorted(reading.answered)
