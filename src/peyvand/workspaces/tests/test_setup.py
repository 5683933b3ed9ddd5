"""First run: who holds the code becomes the owner, once; brands are made by owners only."""

import pytest
from django.test import Client

from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.setup_code import code_file, setup_code
from peyvand.workspaces.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PERSON = {"name": "Alice", "email": "Alice@Example.com", "password": PASSWORD}
BRAND = {
    "name_fa": "نارنج", "name_en": "Narenj", "language": "fa", "calendar": "jalali", "time_zone": "Asia/Tehran", "currency": "IRR",
    "rial_shown_as": "toman", "colour": "#0f6764",
}  # fmt: skip


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/w/anything/customers/"])
def test_every_way_inside_leads_to_set_up_while_nobody_is_here(browser, path):
    assert browser.get(path)["Location"] == "/setup/"


def test_without_the_code_nobody_takes_the_installation(browser):
    setup_code()
    for code in ("", "wrong", setup_code()[:-1]):
        assert browser.post("/setup/", {**PERSON, "code": code}).status_code == 200
    assert not User.objects.exists()


def test_from_the_code_to_a_brand_with_touchpoints(browser):
    assert browser.post("/setup/", {**PERSON, "code": setup_code().upper()})["Location"] == "/workspaces/new/"
    assert not code_file().exists()
    assert browser.post("/workspaces/new/", BRAND)["Location"] == "/w/narenj/start/"
    member = Member.objects.get()
    assert (member.role, member.user.email, member.workspace.names) == ("owner", "alice@example.com", {"fa": "نارنج", "en": "Narenj"})
    assert member.workspace.terms.filter(dimension="touchpoint").count() > 10
    assert '<span class="pv-state accent">here</span>' in browser.get("/w/narenj/settings/account/").content.decode()


def test_set_up_is_over_after_the_first_person(browser, alice):
    assert browser.get("/setup/")["Location"] == "/accounts/login/"
    assert browser.post("/setup/", {**PERSON, "email": "eve@example.com", "code": setup_code()}).status_code == 302
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_with_the_reason(browser):
    answer = browser.post("/setup/", {**PERSON, "password": "1234567890", "code": setup_code()})
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_a_wrong_code_is_named_also_while_the_password_is_refused(browser):
    setup_code()
    page = browser.post("/setup/", {**PERSON, "password": "1234567890", "code": "wrong"}).content.decode()
    assert "This is not the set-up code of this installation." in page
    assert "This password is entirely numeric." in page


def test_an_owner_makes_another_brand_and_an_agent_does_not(window, alice, bob):
    assert window(alice).post("/workspaces/new/", {**BRAND, "name_en": "Second"})["Location"] == "/w/second/start/"
    assert window(bob).post("/workspaces/new/", {**BRAND, "name_en": "Third"})["Location"] == "/workspaces/none/"
    assert Workspace.objects.count() == 2


def test_somebody_without_a_workspace_is_told_so(window, narenj, alice):
    stray = User.objects.create_user("stray@example.com", PASSWORD)
    client = window(stray)
    assert client.get("/settings/")["Location"] == "/workspaces/none/"
    assert "stray@example.com" in client.get("/workspaces/none/").content.decode()
    assert client.get("/w/narenj/settings/").status_code == 404
