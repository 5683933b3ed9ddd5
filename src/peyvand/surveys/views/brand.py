"""What a public page shows of the brand, and the language it speaks. Called by the customer's pages and the preview."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language_info

from peyvand.core.reader import use_reader
from peyvand.surveys import pace
from peyvand.workspaces.models import Workspace
from peyvand.workspaces.readers import reader_of


def chosen_language(request: HttpRequest, workspace: Workspace, usual: str) -> str:
    """The language asked for in the address or the form where the brand speaks it, else the usual one."""
    wanted = str(request.POST.get("lang") or request.GET.get("lang") or "")
    return wanted if wanted in workspace.languages else usual


@contextmanager
def speaking_as(workspace: Workspace, language: str) -> Iterator[None]:
    """Write for a customer of this brand who reads this language."""
    with use_reader(reader_of(workspace, language)):
        yield


def brand_context(workspace: Workspace, language: str, path: str) -> dict[str, Any]:
    """The context of bare.html, and the other languages this page can be read in."""
    others = [code for code in workspace.languages if code != language]
    return {
        "brand": {"name": workspace.name, "logo": workspace.logo},
        "brand_css_url": _colours(workspace),
        "language": language,
        "languages": [
            {"code": code, "name": get_language_info(code)["name_local"], "url": f"{path}?{urlencode({'lang': code})}"} for code in others
        ],
    }


def _colours(workspace: Workspace) -> str:
    if not workspace.colour:
        return ""
    return reverse("workspaces:brand_css", args=[workspace.slug, workspace.colour.lstrip("#")])


def public_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page that no cache keeps, no search engine lists and that tells no other site where somebody came from."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    if language := context.get("language"):
        response["Content-Language"] = str(language)
    return response


def forged_link(request: HttpRequest) -> HttpResponse:
    """A link nobody was sent: a plain page that says so, and a pause for whoever tries many."""
    if pace.is_over(pace.FORGED, str(request.META.get("REMOTE_ADDR", ""))):
        return too_often(request)
    return public_page(request, "surveys/closed.html", {"why": "forged"}, status=404)


def too_often(request: HttpRequest) -> HttpResponse:
    """Too many calls in a short time."""
    response = public_page(request, "429.html", {}, status=429)
    response["Retry-After"] = "60"
    return response
