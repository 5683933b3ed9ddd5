"""Whether a request comes from somebody signed in, told from its cookie before Django sees it. Called by the bridge for large bodies."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import DatabaseError, connection

from peyvand.edge.asgi import Scope, header


def signed_in(scope: Scope) -> bool:
    """Say whether the request's session is a living one of a person; reads the database, and leaves no connection open."""
    cookies = header(scope, b"cookie").decode("latin-1").split(";")
    given = (cookie.strip().partition("=") for cookie in cookies)
    key = next((value for name, _sign, value in given if name == settings.SESSION_COOKIE_NAME), "")
    if not key:
        return False
    try:
        return SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(key)
    except DatabaseError:
        return False
    finally:
        connection.close()
