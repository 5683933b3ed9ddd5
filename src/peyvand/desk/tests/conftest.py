"""A brand and somebody who owns it, signed in to its pages."""

import pytest
from django.test import Client

from peyvand.timeline.tests.conftest import make_workspace
from peyvand.workspaces.services import create_owner


@pytest.fixture
def brand(transactional_db):
    return make_workspace("Narenj")


@pytest.fixture
def browser(brand):
    return signed_in(create_owner(workspace=brand, email="alice@example.com", password="x", name="Alice").user)


def signed_in(user, language="en"):
    user.language = language
    user.save()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
