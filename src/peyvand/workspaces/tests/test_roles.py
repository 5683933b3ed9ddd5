"""Roles of a brand's own: made, held, changed at once, and never a way to more than one has."""

import pytest
from django.utils import translation

from peyvand.workspaces.access import pid_of
from peyvand.workspaces.audit_words import action_words, detail_words
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import ApiKey, AuditEntry, CustomRole, Invitation, Member
from peyvand.workspaces.permission_words import NAMES
from peyvand.workspaces.permissions import EVERYBODYS, ROLE_PERMISSIONS, completed
from peyvand.workspaces.services import change_member, change_role, create_key, create_owner, create_role, delete_role, invite, put_member
from peyvand.workspaces.types import Permission as P
from peyvand.workspaces.types import Role

pytestmark = pytest.mark.django_db
KEEPER = {P.MEMBERS_MANAGE, P.CUSTOMERS_READ, P.CONTACTS_SEE}
ROLES = "/w/narenj/settings/roles/"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def keeper(narenj, alice) -> CustomRole:
    """A role that manages members and sees customers, and nothing else."""
    return create_role(workspace=narenj, names={"en": "Keeper", "fa": "نگهبان"}, permissions=KEEPER, actor=alice)


@pytest.fixture
def carol(narenj, keeper) -> Member:
    """Who has it."""
    return put_member(workspace=narenj, email="carol@example.com", name="Carol", role=keeper)


def test_every_permission_has_words():
    assert set(NAMES) == set(P)


def test_presets_hold_what_their_permissions_need():
    assert all(completed(permissions) == permissions for permissions in ROLE_PERMISSIONS.values())


def test_a_role_is_made_from_a_preset_and_given(window, narenj, alice, bob):
    hers = window(alice)
    page = hers.get(f"{ROLES}new/?like=analyst").content.decode()
    assert 'value="export" checked' in page
    assert 'value="cases.work" checked' not in page
    hers.post(f"{ROLES}new/", {"name_en": "Writer", "permissions": ["customers.write", "audit.read"]})
    made = CustomRole.objects.get()
    assert made.granted == {P.CUSTOMERS_WRITE, P.CUSTOMERS_READ, P.AUDIT_READ} | EVERYBODYS
    row = Member.objects.get(user=bob)
    hers.post(f"/w/narenj/settings/members/{pid_of(narenj, row)}/", {"role": pid_of(narenj, made)})
    his = window(bob)
    assert his.get("/w/narenj/settings/audit/").status_code == 200
    assert his.get("/w/narenj/follow-up/").status_code == 403
    assert "1 person" in " ".join(hers.get(ROLES).content.decode().split())
    assert "Bob" in hers.get(f"{ROLES}{pid_of(narenj, made)}/").content.decode()


def test_a_change_counts_at_the_next_request_and_is_told(window, narenj, alice, keeper, carol):
    hers = window(carol.user)
    assert hers.get("/w/narenj/customers/").status_code == 200
    change_role(role=keeper, names=keeper.names, permissions=KEEPER - {P.CUSTOMERS_READ} | {P.AUDIT_READ}, actor=alice)
    assert hers.get("/w/narenj/customers/").status_code == 403
    told = AuditEntry.objects.get(action="role.changed")
    assert told.detail == {"given": ["audit.read"], "taken": ["customers.read"]}
    assert (action_words(told.action), str(told.target_label)) == ("changed what may be done in the role", "Keeper")
    assert detail_words(told) == "may now: Read the audit trail; may no longer: See customers"


def test_a_change_that_changes_nothing_is_not_told(alice, keeper):
    change_role(role=keeper, names=keeper.names, permissions=KEEPER, actor=alice)
    assert not AuditEntry.objects.filter(action="role.changed").exists()


@pytest.mark.parametrize("role", [Role.OWNER, Role.MANAGER, Role.VIEWER])
def test_nobody_gives_a_role_that_may_do_more_than_theirs(narenj, carol, role):
    with pytest.raises(WorkspaceError, match=r"Only an owner|may not do themselves"):
        invite(workspace=narenj, email="dora@example.com", role=role, actor=carol.user)
    assert not Invitation.objects.exists()


def test_nobody_makes_a_key_that_reads_what_they_may_not(narenj, alice):
    porter = create_role(workspace=narenj, names={"en": "Porter"}, permissions={P.KEYS_MANAGE, P.FEEDBACK_READ}, actor=alice)
    eve = put_member(workspace=narenj, email="eve@example.com", name="Eve", role=porter).user
    with pytest.raises(WorkspaceError, match="no more than you may yourself"):
        create_key(workspace=narenj, name="mine", scopes=["read"], actor=eve)
    create_key(workspace=narenj, name="till", scopes=["ingest"], actor=eve)
    change_role(role=porter, names=porter.names, permissions={P.KEYS_MANAGE, P.FEEDBACK_READ, P.CUSTOMERS_READ}, actor=alice)
    create_key(workspace=narenj, name="warehouse", scopes=["read"], actor=eve)
    assert sorted(ApiKey.objects.values_list("name", flat=True)) == ["till", "warehouse"]


def test_whoever_takes_access_away_is_told_of_the_keys_that_stay(window, narenj, alice):
    carol = create_owner(workspace=narenj, email="carol@example.com", password=None, name="Carol")
    for scopes in (["read"], ["ingest", "customers.read"], ["snippet"], ["cases.read"]):
        create_key(workspace=narenj, name="hers", scopes=scopes, actor=carol.user)
    page = window(alice).post(f"/w/narenj/settings/members/{pid_of(narenj, carol)}/", {"remove": "1"}, follow=True).content.decode()
    assert "Carol has no access any more." in page
    assert "2 API keys that Carol made work on in nobody’s name." in page
    assert ApiKey.objects.filter(revoked_at=None).count() == 4


def test_nobody_puts_more_into_a_role_than_they_have(window, narenj, keeper, carol):
    before = set(keeper.permissions)
    hers = window(carol.user)
    page = hers.post(f"{ROLES}{pid_of(narenj, keeper)}/", {"name_en": "Keeper", "permissions": [*KEEPER, "settings.manage"]})
    assert "not one of the available choices" in page.content.decode()
    for act in (
        lambda: change_role(role=keeper, names=keeper.names, permissions={*KEEPER, P.EXPORT}, actor=carol.user),
        lambda: create_role(workspace=narenj, names={"en": "Mine"}, permissions={P.SETTINGS_MANAGE}, actor=carol.user),
    ):
        with pytest.raises(WorkspaceError, match="may not do themselves"):
            act()
    keeper.refresh_from_db()
    assert set(keeper.permissions) == before
    assert CustomRole.objects.count() == 1


def test_nobody_touches_whoever_may_do_more(window, narenj, alice, carol, bob):
    hers = window(carol.user)
    for person in (alice, bob):
        row = Member.objects.get(user=person)
        for change in ({"remove": "1"}, {"role": "viewer"}):
            hers.post(f"/w/narenj/settings/members/{pid_of(narenj, row)}/", change)
        row.refresh_from_db()
        assert row.is_active
        assert row.role == ("owner" if person == alice else "agent")


def test_a_role_beyond_the_readers_is_shown_but_not_changed(window, narenj, alice, carol):
    bigger = create_role(workspace=narenj, names={"en": "Bigger"}, permissions={P.SETTINGS_MANAGE, P.CUSTOMERS_READ}, actor=alice)
    hers, where = window(carol.user), f"{ROLES}{pid_of(narenj, bigger)}/"
    assert "but not change it" in hers.get(where).content.decode()
    hers.post(where, {"name_en": "Smaller", "permissions": ["customers.read"]})
    hers.post(f"{where}delete/")
    assert str(CustomRole.objects.get(pk=bigger.pk)) == "Bigger"


def test_an_invitation_beyond_the_readers_is_not_withdrawn_by_them(window, narenj, alice, carol):
    invitation, _token = invite(workspace=narenj, email="erin@example.com", role=Role.OWNER, actor=alice)
    window(carol.user).post(f"/w/narenj/settings/invitations/{pid_of(narenj, invitation)}/revoke/")
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_who_may_give_no_more_leaves_no_door_open(narenj, alice, keeper, carol):
    invite(workspace=narenj, email="dora@example.com", role=keeper, actor=carol.user)
    change_role(role=keeper, names=keeper.names, permissions=KEEPER - {P.MEMBERS_MANAGE}, actor=alice)
    assert Invitation.objects.get().revoked_at is not None


def test_the_last_owner_stays_an_owner(narenj, alice, keeper):
    with pytest.raises(WorkspaceError, match="at least one owner"):
        change_member(member=Member.objects.get(user=alice), actor=alice, role=keeper)


def test_a_role_that_somebody_has_is_kept(narenj, alice, keeper, carol):
    with pytest.raises(WorkspaceError, match="still somebody"):
        delete_role(role=keeper, actor=alice)
    change_member(member=carol, actor=alice, is_active=False)
    delete_role(role=keeper, actor=alice)
    carol.refresh_from_db()
    assert (carol.role, carol.custom_role_id, carol.is_active) == ("viewer", None, False)
    assert AuditEntry.objects.filter(action="role.deleted").count() == 1


def test_a_deleted_role_cannot_be_given(narenj, alice, bob, keeper):
    stale = CustomRole.objects.get(pk=keeper.pk)
    delete_role(role=keeper, actor=alice)
    with pytest.raises(WorkspaceError, match="deleted meanwhile"):
        change_member(member=Member.objects.get(user=bob), actor=alice, role=stale)


def test_a_role_of_another_brand_cannot_be_given(window, narenj, alice, bob, twin):
    mallory = Member.objects.get(workspace=twin).user
    foreign = create_role(workspace=twin, names={"en": "Theirs"}, permissions={P.EXPORT}, actor=mallory)
    with pytest.raises(WorkspaceError):
        change_member(member=Member.objects.get(user=bob), actor=alice, role=foreign)
    for pid in (pid_of(twin, foreign), pid_of(narenj, foreign)):
        assert window(alice).get(f"{ROLES}{pid}/").status_code == 404
        window(alice).post(f"/w/narenj/settings/members/{pid_of(narenj, Member.objects.get(user=bob))}/", {"role": pid})
    assert Member.objects.get(user=bob).role == "agent"


@pytest.mark.parametrize("names", [{}, {"en": "keeper"}, {"fa": "نگهبان"}])
def test_a_role_needs_a_name_of_its_own(narenj, alice, keeper, names):
    with pytest.raises(WorkspaceError):
        create_role(workspace=narenj, names=names, permissions=set(), actor=alice)
