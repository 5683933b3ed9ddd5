"""Addresses whose views fail in known ways, for the tests of the error answers."""

from django.core.exceptions import PermissionDenied
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.translation import get_language
from django.views.decorators.http import require_POST


def full(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database or disk is full")


def broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("sara@example.ir is not a number")


def closed(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def language(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_language())


urlpatterns = [
    path("full", full),
    path("api/full", full),
    path("hooks/shop/token/", full),
    path("broken", broken),
    path("api/broken", broken),
    path("closed", closed),
    path("language", language),
    path("posted", require_POST(language)),
    path("accounts/", include("allauth.urls")),
]
handler400 = "peyvand.config.errors.bad_request"
handler403 = "peyvand.config.errors.forbidden"
handler404 = "peyvand.config.errors.not_found"
handler500 = "peyvand.config.errors.server_error"
