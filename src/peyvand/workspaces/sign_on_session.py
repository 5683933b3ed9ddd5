"""What a session that a workspace's provider opened may do: it opens that workspace, and nothing that is the person's own elsewhere.

Another brand's owner runs that provider, so its word about who somebody is counts in its own brand only (ADR 0016).
"""

from importlib import import_module
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from peyvand.workspaces.models import Member, User
from peyvand.workspaces.types import Role

PROOF: Final = "peyvand_sign_on"
FREE: Final = ("/accounts/logout/", "/accounts/login/", "/accounts/2fa/authenticate/")
PERSONAL: Final = ("/accounts/", "/workspaces/", "/invitation/")


def note_proof(request: HttpRequest, user: User, workspace_id: int, *, alone: bool) -> None:
    """Keep in the session that a provider vouched for this person in a workspace; `alone`: no password opened the session."""
    before = request.session.get(PROOF) or {}
    mine = before if before.get("user") == user.pk else {}
    places = sorted({*mine.get("places", ()), workspace_id})
    request.session[PROOF] = {"user": user.pk, "places": places, "alone": bool(mine.get("alone", alone))}


def sign_on_first(request: HttpRequest, member: Member) -> HttpResponseBase | None:
    """Where to go before this workspace opens: to its provider, where it asks for one; None where the way is free.

    Owners may come by password always: a fault of the provider locks nobody out. A session opened by the provider of
    another workspace gets the 404 of a stranger.
    """
    proof = _proof(request)
    if member.workspace_id in proof.get("places", ()):
        return None
    if proof.get("alone"):
        raise Http404
    wanted = getattr(member.workspace, "single_sign_on", None)
    if wanted is None or wanted.passwords_allowed or member.role == Role.OWNER:
        return None
    back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    return redirect(f"/sso/{member.workspace.slug}/" + (f"?{urlencode({'next': back})}" if back else ""))


def stay_inside(request: HttpRequest) -> HttpResponseBase | None:
    """Refuse to a session opened by a provider what would outlive it: passwords, second factors, other workspaces."""
    path = request.path_info
    if path.startswith(PERSONAL) and not path.startswith(FREE) and _proof(request).get("alone"):
        raise Http404
    return None


def only_place(request: HttpRequest) -> int | None:
    """The workspace that a session opened by a provider is for; None for sessions that a password opened."""
    proof = _proof(request)
    places = proof.get("places")
    return int(places[0]) if proof.get("alone") and isinstance(places, list) and places else None


def opened_by_provider(session_key: str, workspace_id: int) -> bool:
    """Whether nothing but the provider of this workspace opened a session."""
    proof = import_module(settings.SESSION_ENGINE).SessionStore(session_key).get(PROOF) or {}
    return bool(proof.get("alone")) and workspace_id in proof.get("places", ())


def _proof(request: HttpRequest) -> dict[str, Any]:
    """What the session knows of this very person."""
    if not request.user.is_authenticated:
        return {}
    kept = request.session.get(PROOF) or {}
    return kept if kept.get("user") == request.user.pk else {}
