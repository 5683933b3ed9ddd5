"""Every address that opens without a membership and finds a workspace goes inside its wall: a new one joins by being there."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from peyvand.channels.services import set_channel
from peyvand.core import clock, walls
from peyvand.edge.doors import doors
from peyvand.identities.models import Customer
from peyvand.surveys.models import Invitation, Survey
from peyvand.surveys.services.answering import link_token
from peyvand.surveys.services.declining import unsubscribe_token
from peyvand.surveys.types import InvitationState
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import SignOnIdentity, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, invite
from peyvand.workspaces.services.founding import begin_workspace
from peyvand.workspaces.services.single_sign_on import set_sign_on
from peyvand.workspaces.tests.provider import CLIENT, SECRET, Provider
from tests.architecture import addresses

pytestmark = pytest.mark.django_db
Visit = Callable[[Workspace], None]
WITHOUT_MEMBERSHIP: Final = ("public", "signed in", "library")
OUTSIDE: Final = {
    "api/docs/": "names no workspace",
    "api/openapi.json": "names no workspace",
    "api/v1/": "lists what the API has; names no workspace",
    "language/": "a cookie",
    "setup/": "there is no workspace yet",
    "workspaces/new/": "makes one",
    "workspaces/none/": "for a person who belongs to none",
    "accounts/": "a person, in all their brands",
}
EDGE_OUTSIDE: Final = {"/snippet.js": "a file", "/metrics": "of the whole installation"}
EDGE_INSIDE: Final = {"/api/v1/interactions", "/api/v1/snippet"}  # by edge.writing, whose groups tests/e2e/test_walls.py looks at


@pytest.fixture
def narenj(db) -> Iterator[Workspace]:
    """A brand with one customer, beside another one."""
    cache.clear()
    create_workspace(name="Twin", slug="twin", language="en")
    brand = create_workspace(name="Narenj", slug="narenj", language="en", colour="#b4532f")
    begin_workspace(workspace=brand)
    create_owner(workspace=brand, email="alice@narenj.example", password=None)
    known = CustomerIn(identities=[IdentityIn("email", "negar@post.example")], name="Negar")
    record(brand.pk, Item(kind="order.delivered", occurred_at=clock.now() - timedelta(days=3), customer=known, source="shop"))
    yield brand
    cache.clear()


def asked(brand: Workspace) -> Invitation:
    survey, customer = Survey.objects.filter(workspace=brand)[0], Customer.objects.get(workspace=brand)
    sent = {"state": InvitationState.SENT, "send_at": clock.now(), "sent_at": clock.now(), "nonce": clock.token(12)}
    return Invitation.objects.create(workspace=brand, survey=survey, customer=customer, language="en", **sent)


def answers(brand: Workspace) -> None:
    link, client = f"/s/{link_token(asked(brand))}/", Client()
    assert watched(brand, lambda: client.get(link)) == 200
    assert watched(brand, lambda: client.post(link, {"score": "7"})) == 303
    assert watched(brand, lambda: client.get(f"{link}why/")) == 200
    assert watched(brand, lambda: client.post(f"{link}why/", {"words": "late"})) == 303
    assert watched(brand, lambda: client.get(f"{link}thanks/")) == 200


def declines(brand: Workspace) -> None:
    link, client = f"/u/{unsubscribe_token(asked(brand))}/", Client()
    assert [watched(brand, lambda: client.get(link)), watched(brand, lambda: client.post(link))] == [200, 200]
    assert watched(brand, lambda: client.post(link, {"again": "1"})) == 200


def calls(brand: Workspace) -> None:
    shop = set_channel(workspace=brand, kind="woocommerce", name="Shop", values={"secret": SECRET})
    body = json.dumps({"id": 42, "date_created_gmt": "2026-06-15T09:30:00", "email": "sara@post.example", "first_name": "Sara"}).encode()
    signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
    sent = {"x-wc-webhook-topic": "customer.created", "x-wc-webhook-signature": signature}
    link = f"/hooks/woocommerce/{shop.address_token}/"
    assert watched(brand, lambda: Client().post(link, body, content_type="application/json", headers=sent)) == 200


def joins(brand: Workspace) -> None:
    owner = brand.members.get(role="owner").user
    _invitation, token = invite(workspace=brand, email="bob@narenj.example", role="agent", actor=owner)
    link, client = f"/invitation/{token}/", Client()
    assert watched(brand, lambda: client.get(link)) == 200
    assert watched(brand, lambda: client.post(link, {"name": "Bob", "password": "four walnut trees stand"})) == 302


def signs_on(brand: Workspace) -> None:
    provider, client = Provider(), Client()
    usual = {"name": "Company", "issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET, "domains": ["narenj.example"]}
    rest = {"role": "agent", "makes_members": True, "passwords_allowed": True}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.PEYVAND_INTERNAL_HOSTS", [provider.host])
        set_sign_on(workspace=brand, actor=brand.members.get(role="owner").user, **usual, **rest)
        assert watched(brand, lambda: client.get("/sso/narenj/")) == 302
        back = urlsplit(provider.visit(client.get("/sso/narenj/")["Location"]))
        assert watched(brand, lambda: client.get(f"{back.path}?{back.query}")) == 302
    provider.stop()
    assert SignOnIdentity.objects.filter(workspace=brand).count() == 1


def wears_colours(brand: Workspace) -> None:
    assert watched(brand, lambda: Client().get("/brand/narenj/b4532f.css")) == 200
    assert watched(brand, lambda: Client().get(f"/brand/narenj/logo/{'0' * 20}.png")) == 404


INSIDE: Final[dict[str, Visit]] = {
    "s/<str:token>/": answers,
    "s/<str:token>/why/": answers,
    "s/<str:token>/thanks/": answers,
    "u/<str:token>/": declines,
    "hooks/<slug:kind>/<slug:token>/": calls,
    "invitation/<slug:token>/": joins,
    "sso/<slug:slug>/": signs_on,
    "sso/<slug:slug>/back/": signs_on,
    "brand/<slug:slug>/<str:colour>.css": wears_colours,
    r"^brand/(?P<slug>[a-z0-9-]{1,40})/logo/(?P<name>[0-9a-f]{20})\.png$": wears_colours,
}


def watched(brand: Workspace, call: Callable[[], object]) -> int:
    """Make a call; of tables with a wall nothing is asked outside but what finds the workspace, by one statement."""
    with standings() as seen:
        answer = call()
    assert [sql for sql, where in seen if where is None][1:] == []
    assert {where for _sql, where in seen} <= {None, brand.pk}
    return answer.status_code


@contextmanager
def standings() -> Iterator[list[tuple[str, int | None]]]:
    """Every statement of a block that names a table with a wall, and the workspace inside which it was asked."""
    seen: list[tuple[str, int | None]] = []
    named = re.compile(rf"\b({'|'.join(walls.policies())})\b")

    def note(execute, sql, params, many, context):
        if named.search(sql):
            seen.append((sql, walls.present()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def test_every_address_that_opens_without_a_membership_is_visited_here_or_says_why_it_stands_outside():
    open_to_others = {address for address, access in addresses.found().items() if access.startswith(WITHOUT_MEMBERSHIP)}
    excused = {address for address in open_to_others if address in OUTSIDE or address.startswith("accounts/")}
    assert open_to_others - excused == INSIDE.keys()
    assert all(any(address.startswith(known) for address in excused) for known in OUTSIDE)
    assert {path for door in doors() for path in door.paths} == EDGE_INSIDE | EDGE_OUTSIDE.keys()


@pytest.mark.parametrize("visit", dict.fromkeys(INSIDE.values()))
def test_once_the_workspace_is_known_all_is_asked_inside_its_wall(narenj, visit):
    visit(narenj)


def test_a_door_that_stays_outside_is_noticed(narenj, monkeypatch):
    monkeypatch.setattr("peyvand.surveys.views.answering.walls.inside", lambda _workspace_id: walls.across())
    with pytest.raises(AssertionError):
        answers(narenj)


def test_a_file_that_is_read_while_it_is_sent_is_read_inside(narenj):
    client = Client()
    client.force_login(narenj.members.get(role="owner").user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/w/narenj/customers/export/")
    with standings() as seen:
        assert b"".join(answer.streaming_content)
    assert {where for _sql, where in seen} == {narenj.pk}
