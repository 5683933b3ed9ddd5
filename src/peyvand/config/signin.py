"""Who is trying to sign in, and from where: asked by the brute-force guard (django-axes)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from peyvand.edge.limits import network_of


def attempted_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the e-mail address being tried, in one spelling, so that upper case opens no second count."""
    if credentials and (given := credentials.get("email") or credentials.get("login") or credentials.get("username")):
        return str(given).strip().lower()
    return str(request.POST.get("login", "")).strip().lower() if request is not None else ""


def client_address(request: HttpRequest) -> str:
    """Return the client's address as it is counted; the front door has already applied PEYVAND_TRUSTED_PROXIES."""
    return network_of(str(request.META.get("REMOTE_ADDR", "")))
