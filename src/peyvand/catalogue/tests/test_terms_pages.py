"""The names of things in the settings: adding, renaming, tidying, merging, moving, putting away."""

import pytest
from django.test import Client

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import lay_defaults, resolve
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_owner, create_workspace, put_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def narenj():
    workspace = create_workspace(name="Narenj", slug="narenj", language="en")
    lay_defaults(workspace=workspace)
    return workspace


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def alice(narenj) -> Client:
    return signed_in(create_owner(workspace=narenj, email="alice@example.com", password="four walnut trees").user)


def act(client, narenj, term, **given):
    return client.post(f"/w/narenj/settings/name/{pid_of(narenj, term)}/act/", given)


def test_a_touchpoint_is_added_with_its_stage_and_renamed(alice, narenj):
    after = Term.objects.get(workspace=narenj, dimension="stage", code="after")
    alice.post("/w/narenj/settings/names/touchpoint/", {"code": "repair", "name_en": "Repair", "name_fa": "تعمیر", "parent": after.pk})
    term = Term.objects.get(code="repair")
    assert term.parent == after
    alice.post(f"/w/narenj/settings/name/{pid_of(narenj, term)}/", {"name_en": "Workshop", "parent": ""})
    term.refresh_from_db()
    assert (term.names, term.parent) == ({"en": "Workshop"}, None)


def test_what_data_brought_in_waits_to_be_tidied_and_is_kept_or_merged(alice, narenj):
    kept_id, other_id = resolve(narenj.pk, {"branch": ["shiraz", "SHIRAZ-1"]}).values()
    page = alice.get("/w/narenj/settings/names/branch/").content.decode()
    assert "2 first seen in data" in page
    kept, other = Term.objects.get(pk=kept_id), Term.objects.get(pk=other_id)
    act(alice, narenj, kept, act="keep")
    act(alice, narenj, other, act="merge", into=pid_of(narenj, kept))
    other.refresh_from_db()
    assert other.merged_into == kept
    assert "to tidy" not in alice.get("/w/narenj/settings/names/branch/").content.decode()
    assert resolve(narenj.pk, {"branch": ["SHIRAZ-1"]})["branch", "SHIRAZ-1"] == kept.pk


def test_terms_move_and_are_put_away_and_taken_back(alice, narenj):
    stages = list(Term.objects.filter(workspace=narenj, dimension="stage").order_by("position"))
    act(alice, narenj, stages[1], act="up")
    assert [t.code for t in Term.objects.filter(workspace=narenj, dimension="stage").order_by("position")][:2] == ["during", "before"]
    act(alice, narenj, stages[0], act="archive")
    stages[0].refresh_from_db()
    assert stages[0].archived
    act(alice, narenj, stages[0], act="restore")
    stages[0].refresh_from_db()
    assert not stages[0].archived


def test_a_term_of_another_brand_is_unknown_and_unchanged(alice, narenj):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    lay_defaults(workspace=twin)
    foreign = Term.objects.filter(workspace=twin, dimension="branch").first() or Term.objects.filter(workspace=twin, dimension="stage")[0]
    mine = Term.objects.filter(workspace=narenj, dimension="stage")[0]
    for pid in (pid_of(twin, foreign), pid_of(narenj, foreign)):
        assert alice.post(f"/w/narenj/settings/name/{pid}/act/", {"act": "archive"}).status_code == 404
        assert act(alice, narenj, mine, act="merge", into=pid).status_code == 404
    foreign.refresh_from_db()
    assert not foreign.archived


def test_a_stage_of_another_brand_cannot_be_chosen(alice, narenj):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    lay_defaults(workspace=twin)
    foreign = Term.objects.filter(workspace=twin, dimension="stage")[0]
    assert alice.post("/w/narenj/settings/names/touchpoint/", {"code": "x", "parent": foreign.pk}).status_code == 200
    assert not Term.objects.filter(code="x").exists()


def test_only_a_lead_or_higher_changes_names(narenj):
    client = signed_in(put_member(workspace=narenj, email="bob@example.com", name="Bob", role="agent").user)
    assert client.get("/w/narenj/settings/names/touchpoint/").status_code == 403


@pytest.mark.parametrize("dimension", ["kind", "measure", "language", "nonsense"])
def test_other_dimensions_have_no_page(alice, dimension):
    assert alice.get(f"/w/narenj/settings/names/{dimension}/").status_code == 404


def test_the_audit_trail_names_a_term_in_the_readers_language(alice, narenj):
    delivery = Term.objects.get(workspace=narenj, dimension="touchpoint", code="delivery")
    act(alice, narenj, delivery, act="keep")
    trail = "/w/narenj/settings/audit/"
    for language, said, unsaid in (("en", "en", "fa"), ("fa", "fa", "en")):
        page = alice.get(trail, headers={"accept-language": language}).content.decode()
        assert f"<bdi>{delivery.names[said]}</bdi>" in page
        assert f"<bdi>{delivery.names[unsaid]}</bdi>" not in page


def test_a_merge_is_undone_and_old_rows_count_for_themselves_again(alice, narenj):
    kept_id, other_id = resolve(narenj.pk, {"branch": ["shiraz", "SHIRAZ-1"]}).values()
    kept, other = Term.objects.get(pk=kept_id), Term.objects.get(pk=other_id)
    act(alice, narenj, other, act="merge", into=pid_of(narenj, kept))
    assert "SHIRAZ-1" in alice.get(f"/w/narenj/settings/name/{pid_of(narenj, kept)}/").content.decode()
    act(alice, narenj, other, act="separate")
    other.refresh_from_db()
    assert other.merged_into is None
    assert AuditEntry.objects.filter(action="branch.separated").count() == 1
    assert act(alice, narenj, other, act="separate").status_code == 404


def test_merging_into_nothing_changes_nothing_and_says_so(alice, narenj):
    [other_id] = resolve(narenj.pk, {"branch": ["SHIRAZ-1"]}).values()
    other = Term.objects.get(pk=other_id)
    answer = alice.post(f"/w/narenj/settings/name/{pid_of(narenj, other)}/act/", {"act": "merge", "into": ""}, follow=True)
    assert "is another word" in answer.content.decode()
    other.refresh_from_db()
    assert (other.merged_into, other.seen_only) == (None, True)
