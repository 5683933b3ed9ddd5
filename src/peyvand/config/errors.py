"""Error answers of the site: problem+json where a program asks, a page from core/templates where a person does."""

import sys
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist, loader
from django.utils.translation import gettext as _

from peyvand.core.db import StoreUnavailable, store_failure
from peyvand.edge.description import paths


def wants_json(request: HttpRequest) -> bool:
    """Say whether the caller is a program: the API's addresses and those channels call, or JSON asked for and HTML not."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith(("/api/", "/hooks/")) or ("json" in accept and "text/html" not in accept)


def problem(status: int, code: str, detail: str) -> HttpResponse:
    """Return problem+json (RFC 9457) with a code that does not change between releases."""
    title = HTTPStatus(status).phrase
    body = {"type": f"urn:peyvand:problem:{code}", "code": code, "title": title, "status": status, "detail": detail}
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/problem+json")


def answer(request: HttpRequest, status: int, code: str, detail: str, template: str = "", **more: object) -> HttpResponse:
    """Return the error in the shape the caller reads; detail is for programs, the page has its own words."""
    if wants_json(request):
        return problem(status, code, detail)
    # Without the request: an error page must not ask the session or the database again.
    context = {"theme": request.COOKIES.get("peyvand_theme", ""), "request_id": getattr(request, "id", ""), **more}
    try:
        return HttpResponse(loader.render_to_string(template or f"{status}.html", context), status=status)
    except TemplateDoesNotExist:
        return HttpResponse(f"{status} {detail}", status=status, content_type="text/plain; charset=utf-8")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    """Answer 400."""
    return answer(request, 400, "bad-request", "The request cannot be read.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    """Answer 403."""
    return answer(request, 403, "forbidden", "This is not among the permissions of the caller.")


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """Answer 403 to a form whose token does not match."""
    return answer(request, 403, "form-expired", "The form's token does not match; nothing was changed.", "403_csrf.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    """Answer 404."""
    return answer(request, 404, "not-found", "There is nothing at this address.")


def method_not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """Answer 405 in place of an empty page; `allowed` are the methods there are."""
    methods = {method.strip() for method in allowed.split(",")} | {method.upper() for method in paths().get(request.path, ())}
    allowed = ", ".join(sorted(methods - {""}))
    response = answer(request, 405, "method-not-allowed", f"This address takes {allowed} alone.")
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; the log line has the same request id. A store that failed outside the views arrives here too: 503."""
    error = sys.exc_info()[1]
    if error is not None and (failure := store_failure(error)) is not None:
        return store_unavailable(request, failure)
    return answer(request, 500, "fault", "A fault on the server's side; it is in its log.")


def store_unavailable(request: HttpRequest, failure: StoreUnavailable) -> HttpResponse:
    """Answer 503 with the seconds after which to come back."""
    response = answer(request, 503, "store-unavailable", f"{failure} Nothing was stored.")
    response["Retry-After"] = str(failure.retry_after)
    return response


def busy(request: HttpRequest) -> HttpResponse:
    """Answer 503 to a page that would wait for a machine of others while as many do as may; what was only asked for is asked for again."""
    asked = request.method in ("GET", "HEAD")
    why = _("Peyvand is waiting for as many machines of others already as it may at once. Nothing was done. Try again in a few seconds.")
    response = answer(request, 503, "busy", why, "503_busy.html", why=why, back="" if asked else _page_before(request))
    response["Retry-After"] = "2"
    if asked:
        response["Refresh"] = "2"
    return response


def too_large(request: HttpRequest, detail: str) -> HttpResponse:
    """Answer 413 to a file that was not taken in: too large for anybody, or sent by somebody who is no longer signed in."""
    if request.user.is_authenticated:
        return answer(request, 413, "too-large", detail, megabytes=settings.PEYVAND_MAX_BODY_MB)
    return answer(request, 413, "too-large", detail, "413_signed_out.html", back=_page_before(request))


def _page_before(request: HttpRequest) -> str:
    """The page that sent a form, to come back to: an address of this site only."""
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return "/"
    return before.path if before.netloc == request.get_host() and before.path.startswith("/w/") else "/"


def locked_out(request: HttpRequest, *unused: object) -> HttpResponse:  # noqa: ARG001 - called by django-axes
    """Answer 429 to somebody who tried too many passwords; the same whether the account exists or not."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    minutes = seconds // 60
    detail = f"Too many attempts; wait {minutes} minutes."
    response = answer(request, 429, "too-many-attempts", detail, "429_signin.html", minutes=minutes)
    response["Retry-After"] = str(seconds)
    return response
