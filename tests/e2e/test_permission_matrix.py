"""Every console address × role × method, for the own brand and a stranger's: a new address joins by being there."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from peyvand.catalogue.services import lay_defaults, resolve
from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.timeline.services import note_failure, record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.models import CustomRole, Member, User, Workspace
from peyvand.workspaces.permissions import completed, permissions_of
from peyvand.workspaces.services import create_key, create_owner, create_role, create_workspace, invite, put_holiday, put_member
from peyvand.workspaces.types import CUSTOM, Permission, Role

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CANARY = "Canarybird"
# Across the presets: no preset is like it. Who may export and see nothing of people takes no list of them along.
OWN = {Permission.AUDIT_READ, Permission.CASES_WORK, Permission.MEMBERS_MANAGE, Permission.EXPORT}
CONVERTER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
REFUSED, NO_SUCH_METHOD, NOT_FOUND = 403, 405, 404


def addresses() -> list[tuple[str, tuple[Permission, ...]]]:
    """Every address that asks for permissions, as it is written in urls."""
    return sorted(_walk(get_resolver().url_patterns, ""))


def _walk(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[tuple[str, tuple[Permission, ...]]]:
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif (access := getattr(pattern.callback, "access", None)) is not None and access.kind == "permission":
            yield route, access.permissions


def path(slug: str, route: str, pid: str) -> str:
    """An address with something in each of its places."""
    return f"/w/{slug}/" + CONVERTER.sub(lambda found: {"pid": pid, "int": "1"}.get(found["kind"] or "str", "x"), route)


def furnished(slug: str, name: str) -> Workspace:
    """A brand with a row in every table that a small set of actions reaches."""
    workspace = create_workspace(name=name, slug=slug, language="en")
    owner = create_owner(workspace=workspace, email=f"owner@{slug}.example", password=None, name=name).user
    lay_defaults(workspace=workspace)
    resolve(workspace.pk, {"branch": [name], "product": [name]})
    put_holiday(workspace=workspace, date=clock.today("UTC") + timedelta(days=9), names={"en": name}, off=True, actor=owner)
    create_key(workspace=workspace, name=name, scopes=["ingest"], actor=owner)
    invite(workspace=workspace, email=f"guest@{slug}.example", role="agent", actor=owner)
    create_role(workspace=workspace, names={"en": name}, permissions=OWN, actor=owner)
    person = CustomerIn(identities=[IdentityIn("email", f"{name}@{slug}.example")], name=name)
    felt = [PerceptionIn(measure="nps", value=2, text=name)]
    item = Item(
        kind="order.placed", occurred_at=clock.now() - timedelta(days=1), customer=person, perceptions=felt, branch=name, source=slug
    )
    outcome = record(workspace.pk, item)
    note_failure("nobody", workspace.pk, outcome.interaction_id or 0, ValueError(name))
    return workspace


@pytest.fixture
def twin(db) -> Workspace:
    """Made first, so that small integers are its rows and not ours."""
    return furnished("twin", CANARY)


@pytest.fixture
def narenj(twin) -> Workspace:
    return furnished("narenj", "Narenj")


def somebody(workspace: Workspace, role: str) -> Client:
    """A signed-in member of that role, or of the workspace's own one."""
    email = f"{role}@{workspace.slug}.example"
    if role is Role.OWNER:
        user = create_owner(workspace=workspace, email=email, password=None).user
    else:
        held = CustomRole.objects.get(workspace=workspace) if role == CUSTOM else role
        user = put_member(workspace=workspace, email=email, name=role, role=held).user
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("role", [*Role, CUSTOM])
def test_a_role_opens_what_the_table_says_and_nothing_else(narenj, twin, role):
    client = somebody(narenj, role)
    unknown = public_id(bytes(narenj.id_key), 10**12)
    faults = []
    for route, permissions in addresses():
        where = path("narenj", route, unknown)
        allowed = completed(OWN).issuperset(permissions) if role == CUSTOM else permissions_of(role).issuperset(permissions)
        for method in ("get", "post") if not allowed else ("get",):
            answer = getattr(client, method)(where)
            if allowed and (answer.status_code == REFUSED or answer.status_code >= 500):
                faults.append(f"{role} {method} {where}: {answer.status_code}, though {permissions} are theirs")
            if not allowed and answer.status_code not in (REFUSED, NO_SUCH_METHOD):
                faults.append(f"{role} {method} {where}: {answer.status_code}, though {permissions} are not theirs")
    assert faults == []


def test_no_other_method_goes_round_a_permission(narenj, twin):
    client, unknown = somebody(narenj, Role.VIEWER), public_id(bytes(narenj.id_key), 10**12)
    closed = [path("narenj", route, unknown) for route, wanted in addresses() if not permissions_of(Role.VIEWER).issuperset(wanted)]
    answers = {
        (method, where): getattr(client, method)(where) for where in closed for method in ("head", "options", "put", "patch", "delete")
    }
    assert {f"{method} {where}" for (method, where), one in answers.items() if one.status_code not in (REFUSED, NO_SUCH_METHOD)} == set()
    assert len(closed) > 80


def test_foreign_ids_are_as_unknown_as_no_ids_and_no_byte_of_the_other_brand_is_seen(narenj, twin):
    client = somebody(narenj, Role.OWNER)
    keys = {"ours": bytes(narenj.id_key), "theirs": bytes(twin.id_key)}
    mine = set(Member.objects.filter(workspace=narenj).values_list("pk", flat=True))
    assert 1 not in mine
    faults = []
    for route, _permissions in addresses():
        for key in keys.values() if "<pid:" in route else (keys["ours"],):
            where = path("narenj", route, public_id(key, 1))
            for method in ("get", "post"):
                answer = getattr(client, method)(where)
                body = b"" if answer.streaming else answer.content
                if CANARY.encode() in body or answer.status_code >= 500:
                    faults.append(f"{method} {where}: {answer.status_code}, {'the canary sings' if CANARY.encode() in body else 'a fault'}")
                if "<pid:" in route and answer.status_code not in (NOT_FOUND, NO_SUCH_METHOD):
                    faults.append(f"{method} {where}: {answer.status_code} for an id that is not ours")
    assert faults == []


def test_a_stranger_finds_no_brand_behind_any_address(narenj, twin):
    stranger = signed_in(Member.objects.filter(workspace=twin)[0].user)
    pid = public_id(bytes(narenj.id_key), 1)
    faults = []
    for route, _permissions in addresses():
        for method in ("get", "post"):
            there, nowhere = (getattr(stranger, method)(path(slug, route, pid)) for slug in ("narenj", "no-such-brand"))
            same = _without_its_number(there) == _without_its_number(nowhere)
            if not same or {there.status_code, nowhere.status_code} != {NOT_FOUND}:
                faults.append(f"{method} {route}: {there.status_code} against {nowhere.status_code}")
    assert faults == []


def _without_its_number(answer: HttpResponse) -> bytes:
    """The page without what the log calls this request."""
    return answer.content.replace(answer["X-Request-ID"].encode(), b"")


def test_nobody_comes_in_without_signing_in(narenj):
    pid = public_id(bytes(narenj.id_key), 1)
    for route, _permissions in addresses():
        for method in ("get", "post"):
            assert getattr(Client(), method)(path("narenj", route, pid))["Location"].startswith("/accounts/login/")
