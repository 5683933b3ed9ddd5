"""Who is signed in, told from a cookie alone."""

import pytest
from django.conf import settings
from django.test import Client

from peyvand.edge.members import signed_in
from peyvand.workspaces.services import create_owner, create_workspace


@pytest.mark.django_db(transaction=True)
def test_a_living_session_of_a_person_counts_and_nothing_else_does() -> None:
    owner = create_owner(
        workspace=create_workspace(name="Alice", slug="alice"), email="a@brand.example", password="long enough 1", name="A"
    )
    client = Client()
    client.force_login(getattr(owner, "user", owner))
    name, key = settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(cookie: str) -> bool:
        return signed_in({"headers": [(b"cookie", cookie.encode())]})

    assert ask(f"a=1; {name}={key}; b")
    assert not ask(f"other={key}")
    assert not ask(f"{name}=forged")
    assert not signed_in({"headers": []})
    client.logout()
    assert not ask(f"{name}={key}")
