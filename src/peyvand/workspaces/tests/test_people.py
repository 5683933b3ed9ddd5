"""Members, invitations and roles, with what an attacker would try."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from peyvand.core import clock
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import AuditEntry, Invitation, Member, User
from peyvand.workspaces.services import create_owner, invite
from peyvand.workspaces.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def invited(narenj, alice, email="carol@example.com", role="agent"):
    return invite(workspace=narenj, email=email, role=role, actor=alice)[1]


def test_an_invitation_shows_its_link_once_and_lets_a_new_person_in(window, alice, narenj):
    page = window(alice).post("/w/narenj/settings/members/", {"email": "Carol@Example.com", "role": "analyst"}).content.decode()
    token = re.search(r"/invitation/([a-z2-7]{32})/", page)[1]
    assert token not in window(alice).get("/w/narenj/settings/members/").content.decode()
    newcomer = Client(headers={"accept-language": "en"})
    assert newcomer.get(f"/invitation/{token}/").status_code == 200
    answer = newcomer.post(f"/invitation/{token}/", {"name": "Carol", "password": PASSWORD})
    assert answer["Location"] == "/w/narenj/"
    assert newcomer.get("/w/narenj/settings/").status_code == 200
    assert Member.objects.get(user__email="carol@example.com").role == "analyst"
    assert "<b>Carol</b> joined <small>" in " ".join(window(alice).get("/w/narenj/settings/audit/").content.decode().split())


def test_looking_at_an_invitation_records_nothing(narenj, alice):
    token = invited(narenj, alice)
    before = AuditEntry.objects.count()
    Client().get(f"/invitation/{token}/")
    assert Invitation.objects.get().accepted_at is None
    assert AuditEntry.objects.count() == before


def test_a_used_revoked_expired_or_unknown_invitation_is_closed_in_the_same_words(window, narenj, alice):
    used, revoked, late = (invited(narenj, alice, email=f"{name}@example.com") for name in ("used", "revoked", "late"))
    Client().post(f"/invitation/{used}/", {"name": "U", "password": PASSWORD})
    row = Invitation.objects.get(email="revoked@example.com")
    window(alice).post(f"/w/narenj/settings/invitations/{pid_of(narenj, row)}/revoke/")
    Invitation.objects.filter(email="late@example.com").update(expires_at=clock.now() - timedelta(seconds=1))
    for token in (used, revoked, late, "a" * 32):
        answer = Client().post(f"/invitation/{token}/", {"name": "Eve", "password": PASSWORD})
        assert answer.status_code == 410
    assert not User.objects.filter(email__in=["revoked@example.com", "late@example.com"]).exists()


def test_an_invitation_of_somebody_else_does_not_let_me_in(window, narenj, alice, twin):
    mallory = User.objects.get(email="mallory@example.com")
    token = invited(narenj, alice)
    page = window(mallory).post(f"/invitation/{token}/")
    assert "for another address" in page.content.decode()
    assert not Member.objects.filter(workspace=narenj, user=mallory).exists()


def test_whoever_has_an_account_signs_in_first(narenj, alice, twin):
    token = invited(narenj, alice, email="mallory@example.com")
    stranger = Client(headers={"accept-language": "en"})
    assert f"next=/invitation/{token}/" in stranger.get(f"/invitation/{token}/").content.decode()
    stranger.post(f"/invitation/{token}/", {"name": "X", "password": "another long phrase"})
    assert User.objects.get(email="mallory@example.com").check_password(PASSWORD)
    assert not Member.objects.filter(workspace=narenj, user__email="mallory@example.com").exists()


def test_a_member_gets_another_role_and_loses_access(window, narenj, alice, bob):
    row = Member.objects.get(user=bob)
    address = f"/w/narenj/settings/members/{pid_of(narenj, row)}/"
    window(alice).post(address, {"role": "lead"})
    row.refresh_from_db()
    assert row.role == "lead"
    his = window(bob)
    assert his.get("/w/narenj/settings/").status_code == 200
    window(alice).post(address, {"remove": "1"})
    assert his.get("/w/narenj/settings/").status_code == 404


def test_the_last_owner_stays(window, narenj, alice):
    row = Member.objects.get(user=alice)
    for change in ({"role": "viewer"}, {"remove": "1"}):
        window(alice).post(f"/w/narenj/settings/members/{pid_of(narenj, row)}/", change)
    row.refresh_from_db()
    assert (row.role, row.is_active) == ("owner", True)


@pytest.mark.parametrize("path", ["members/", "keys/", "brand/", "audit/", "holidays/"])
def test_an_agent_opens_no_page_of_the_owner(window, bob, path):
    assert window(bob).get(f"/w/narenj/settings/{path}").status_code == 403


def test_nobody_raises_their_own_role(window, narenj, alice, bob):
    row = Member.objects.get(user=bob)
    assert window(bob).post(f"/w/narenj/settings/members/{pid_of(narenj, row)}/", {"role": "owner"}).status_code == 403
    row.refresh_from_db()
    assert row.role == "agent"


def test_a_member_of_another_brand_is_as_unknown_as_nobody(window, narenj, alice, twin):
    foreign = Member.objects.get(workspace=twin)
    hers = window(alice)
    for pid in (pid_of(twin, foreign), pid_of(narenj, foreign), "0000000000000"):
        assert hers.post(f"/w/narenj/settings/members/{pid}/", {"remove": "1"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.is_active


def test_one_of_two_owners_may_go(window, narenj, alice):
    second = create_owner(workspace=narenj, email="dana@example.com", password=PASSWORD)
    window(alice).post(f"/w/narenj/settings/members/{pid_of(narenj, second)}/", {"remove": "1"})
    second.refresh_from_db()
    assert not second.is_active


def test_an_older_invitation_takes_nothing_from_who_became_a_member_meanwhile(window, narenj, alice):
    token = invited(narenj, alice, role="viewer")
    carol = create_owner(workspace=narenj, email="carol@example.com", password=PASSWORD).user
    assert window(carol).post(f"/invitation/{token}/").status_code == 302
    assert Member.objects.get(user=carol).role == "owner"
    assert Invitation.objects.get().accepted_at is not None


@pytest.mark.parametrize("change", [{"remove": "1"}, {"role": "viewer"}])
def test_who_leaves_leaves_no_door_open_behind_them(window, narenj, alice, change):
    carol = create_owner(workspace=narenj, email="carol@example.com", password=PASSWORD)
    token = invited(narenj, carol.user, email="carols.other@example.com", role="owner")
    mine = invited(narenj, alice, email="dave@example.com")
    window(alice).post(f"/w/narenj/settings/members/{pid_of(narenj, carol)}/", change)
    assert Client().get(f"/invitation/{token}/").status_code == 410
    assert Client().get(f"/invitation/{mine}/").status_code == 200
    assert AuditEntry.objects.filter(action="invitation.revoked", actor=alice).count() == 1
