"""The page a new brand opens with knows what is done."""

import re

import pytest
from django.test import Client

from peyvand.channels.services import set_channel
from peyvand.surveys.services.editing import lay_default_survey, set_active
from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.services import create_owner

pytestmark = pytest.mark.django_db
SERVER = {"host": "127.0.0.1", "port": "25", "tls": "none", "user": "", "password": "", "sender": "hello@narenj.example"}


def done(browser) -> list[str]:
    """What the list of next steps shows as done."""
    page = browser.get("/w/narenj/start/").content.decode()
    rows = re.findall(r"<li>.*?</li>", page[page.index("What to do next") :], re.DOTALL)
    return [re.sub(r"<[^>]*>", "", re.search(r"<b>(.*?)</b>", row)[1]) for row in rows if "pv-state good" in row]


def test_the_brands_own_mail_server_and_a_survey_that_began_count_as_done():
    brand = make_workspace("Narenj")
    owner = create_owner(workspace=brand, email="alice@example.com", password="x", name="Alice").user
    owner.language = "en"
    owner.save()
    browser = Client()
    browser.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    survey = lay_default_survey(brand)
    assert done(browser) == []
    set_channel(workspace=brand, kind="email", name="Narenj", values=SERVER)
    set_active(survey=survey, active=True, actor=owner)
    assert done(browser) == ["Decide what to ask, and when", "Set the mail server"]
