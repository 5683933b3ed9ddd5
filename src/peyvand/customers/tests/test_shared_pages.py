"""The list of values that many people share, in the settings."""

import pytest
from django.test import Client

from peyvand.customers.services.suggesting import look_alike
from peyvand.customers.tests.telling import order, who
from peyvand.identities.models import SharedValue
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.services import create_role, put_member
from peyvand.workspaces.services.founding import create_owner
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db
PAGE = "/w/sofalineh/settings/shared/"


def client_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_value_is_marked_listed_with_whom_it_linked_and_taken_away(alice, workspace, tell):
    tell(order(who("09120000009", name="سارا")))
    hers = client_of(alice)
    assert "Nothing is shared yet" in hers.get(PAGE).content.decode()
    assert hers.post(PAGE, {"type": "phone", "value": "۰۹۱۲ ۰۰۰ ۰۰۰۹", "note": "صندوق تهران"}).status_code == 302
    shown = hers.get(PAGE).content.decode()
    for part in ("صندوق تهران", "سارا", "+98 912 000 0009"):
        assert part in shown, part
    shared = SharedValue.objects.get()
    assert hers.post(f"{PAGE}{pid_of(workspace, shared)}/personal/").status_code == 302
    assert SharedValue.objects.get().state == "personal"
    assert "صندوق تهران" not in hers.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("given", "why"), [({"type": "phone", "value": "12"}, "12"), ({"type": "own_id", "value": "c-1"}, "Select a valid choice")]
)
def test_what_cannot_be_shared_is_refused_beside_its_input(alice, given, why):
    answer = client_of(alice).post(PAGE, given)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not SharedValue.objects.exists()


def test_what_was_found_by_itself_is_decided_here(alice, workspace, tell):
    tell(*[order(who("09120000009", own_id=f"c-{n}", name=f"N{n}")) for n in range(4)])
    look_alike()
    hers = client_of(alice)
    assert "came with 4 own ids" in hers.get(PAGE).content.decode()
    address = f"{PAGE}{pid_of(workspace, SharedValue.objects.get())}"
    assert hers.post(f"{address}/married/").status_code == 404
    assert hers.get(f"{address}/shared/").status_code == 405
    assert hers.post(f"{address}/shared/").status_code == 302
    assert SharedValue.objects.get().state == "shared"


def test_other_brands_and_other_roles_stay_out(alice, workspace, other_workspace):
    create_owner(workspace=other_workspace, email="owner@rival.example", password=None, name="R")
    theirs = SharedValue.objects.create(workspace=other_workspace, type=2, value="+989120000009")
    assert client_of(alice).post(f"{PAGE}{pid_of(workspace, theirs)}/personal/").status_code == 404
    agent = put_member(workspace=workspace, email="bob@example.com", name="Bob", role="agent", actor=alice).user
    assert client_of(agent).get(PAGE).status_code == 403
    assert SharedValue.objects.get().state == "shared"


def test_who_sees_no_contacts_reads_none_here(alice, workspace, tell):
    tell(order(who("09120000009", name="09120000009")), order(who(email="till@mail.example", name="سارا")))
    hers = client_of(alice)
    for kind, value in (("phone", "09120000009"), ("email", "till@mail.example"), ("messenger", "telegram:shop9")):
        assert hers.post(PAGE, {"type": kind, "value": value, "note": f"{kind}: 09120000008"}).status_code == 302
    role = create_role(workspace=workspace, names={"en": "Rules"}, permissions={Permission.SETTINGS_MANAGE}, actor=alice)
    bob = put_member(workspace=workspace, email="bob@example.com", name="Bob", role=role, actor=alice).user
    shown = client_of(bob).get(PAGE).content.decode()
    for part in ("0000009", "000 0009", "till@", "shop9", "09120000008"):
        assert part not in shown, part
    for part in ("phone: 0912•••••08", "t•••@mail.example"):
        assert part in shown, part
