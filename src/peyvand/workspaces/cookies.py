"""What a browser keeps for us, signed and bound to this host behind https: nothing of it is stored here. Called by browsers and views."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from peyvand.core import clock
from peyvand.core.ids import Payload, read_token, sign_token


def put(response: HttpResponseBase, name: str, payload: Payload, *, lasts: timedelta) -> None:
    """Let the browser keep this; whoever uses it can read it, and nobody change it."""
    response.set_cookie(
        _bound(name),
        sign_token(f"cookie.{name}", payload, expires_at=clock.now() + lasts),
        max_age=lasts,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def read(request: HttpRequest, name: str) -> tuple[int | str, ...]:
    """What the browser kept; empty where there is nothing, or nothing of ours."""
    return read_token(f"cookie.{name}", request.COOKIES.get(_bound(name), "")) or ()


def drop(response: HttpResponseBase, name: str) -> None:
    """Let the browser forget it."""
    response.delete_cookie(_bound(name), samesite=settings.SESSION_COOKIE_SAMESITE)


def _bound(name: str) -> str:
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}peyvand_{name}"
