"""Django middleware of the whole site: request id and log, store failures as 503, the reader's language."""

import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Final

import msgspec
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

from peyvand.config.errors import busy, method_not_allowed, store_unavailable, too_large
from peyvand.config.uploads import parse_upload
from peyvand.core import clock
from peyvand.core.db import store_failure
from peyvand.core.reaching import BusyError
from peyvand.edge.bridge import REFUSED

log = structlog.get_logger("peyvand.web")
PROBLEM: Final = "application/problem+json"


class RequestMiddleware:
    """Give the request an id, tie it to every log line, and return it with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = clock.secret_bytes(8).hex()
        request.id = request_id  # type: ignore[attr-defined]
        request.parse_file_upload = partial(parse_upload, request)  # type: ignore[method-assign]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("request failed", status=response.status_code, seconds=round(time.perf_counter() - started, 3))
        response["X-Request-ID"] = request_id
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class StoreMiddleware:
    """Answer a full disk or a stopped database with 503 where a view met it; elsewhere `errors.server_error` does.

    So is a view whose turn to wait for a machine of others it is not.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Translate what a view raised; None leaves every other error to Django."""
        if isinstance(error, BusyError):
            return busy(request)
        failure = store_failure(error)
        return None if failure is None else store_unavailable(request, failure)


class LanguageMiddleware:
    """Speak the language a person chose, else that of the cookie, else of the browser, else Persian."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.user.language if request.user.is_authenticated else ""
        spoken = {code for code, _ in settings.LANGUAGES}
        language = chosen if chosen in spoken else translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", _language_of(response, language))
        return response


def _language_of(response: HttpResponseBase, reader: str) -> str:
    """The reader's language, but for problems: many are told in English to whoever asks, so their own letters decide."""
    if response.headers.get("Content-Type") != PROBLEM or not isinstance(response, HttpResponse):
        return reader
    told = str(msgspec.json.decode(response.content).get("detail", ""))
    persian = sum("\u0600" <= letter <= "\u06ff" for letter in told)
    return "fa" if 2 * persian > sum(map(str.isalpha, told)) else "en"


class RefusalMiddleware:
    """Answer in place of the page what the bridge refused before it took in the body, and what a view refused without a word.

    It stands behind the reader's language and the policy for scripts, which these pages need too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        refused = request.META.get(REFUSED)
        if refused:
            return too_large(request, refused[2])
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return method_not_allowed(request, response.headers.get("Allow", ""))
        return response
