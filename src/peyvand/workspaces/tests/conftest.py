"""A brand with an owner and an agent, its twin, and windows onto them."""

from collections.abc import Callable

import pytest
from django.test import Client

from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_member

PASSWORD = "four walnut trees stand"


@pytest.fixture
def narenj(db) -> Workspace:
    """The brand under test."""
    return create_workspace(name="Narenj", slug="narenj", language="en")


@pytest.fixture
def twin(db) -> Workspace:
    """A brand of strangers, with an owner of its own."""
    workspace = create_workspace(name="Twin", slug="twin", language="en")
    create_owner(workspace=workspace, email="mallory@example.com", password=PASSWORD)
    return workspace


@pytest.fixture
def alice(narenj) -> User:
    """The owner."""
    return create_owner(workspace=narenj, email="alice@example.com", password=PASSWORD, name="Alice").user


@pytest.fixture
def bob(narenj) -> User:
    """An agent."""
    member: Member = put_member(workspace=narenj, email="bob@example.com", name="Bob", role="agent")
    member.user.set_password(PASSWORD)
    member.user.save()
    return member.user


@pytest.fixture
def window() -> Callable[[User], Client]:
    """Somebody's browser, signed in."""

    def of(user: User) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return of
