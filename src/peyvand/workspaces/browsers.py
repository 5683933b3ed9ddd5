"""Browsers in which a person signed in before. Called by signin.

Wrong passwords are counted by the account, from however many addresses they come; a known browser has a count of its own, so that
nobody's guesses shut a person out of where they always work.
"""

from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.http import HttpRequest, HttpResponse

from peyvand.core import clock
from peyvand.workspaces import cookies

COOKIE: Final = "browser"
KNOWN_FOR: Final = timedelta(days=180)


def remember(response: HttpResponse, email: str) -> None:
    """Make the browser that gets this answer one of this person's."""
    cookies.put(response, COOKIE, (_folded(email), clock.token(12)), lasts=KNOWN_FOR)


def counted_as(request: HttpRequest, email: str) -> str:
    """Under which name tries at an account are counted: this browser's where the person signed in here before, else the account's."""
    whose, *browser = cookies.read(request, COOKIE) or ("",)
    return f"browser {browser[0]}" if whose == _folded(email) else f"account {_folded(email)}"


def _folded(email: str) -> str:
    return sha256(email.strip().lower().encode()).hexdigest()[:32]
