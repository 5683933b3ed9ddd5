"""The API for programs, apart from ingest: every installed app's `api.py` gives a ROUTER. Mounted under /api/v1/ by urls.

Its description (/api/openapi.json) and the page that shows it (/api/docs/) tell of the ingest door too, and need no network.
"""

import hashlib
import json
from functools import cache
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import etag
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

from peyvand.config.api_problems import answered, responses
from peyvand.config.command import version
from peyvand.core.discovery import modules
from peyvand.edge import description as door
from peyvand.workspaces.access import public
from peyvand.workspaces.bearer import Done, sees_contacts
from peyvand.workspaces.strict import Unread
from peyvand.workspaces.types import Scope


def _header(name: str, description: str, **limits: object) -> dict[str, object]:
    """A header of the caller's choice, as OpenAPI describes it."""
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", **limits}, "description": description}


REPEATABLE = _header(
    "Idempotency-Key",
    "Of your choice; kept for a day. The same key and call again gets the first answer again and has no second effect.",
    minLength=1,
    maxLength=200,
    pattern="^[!-~]{1,200}$",
)
UNLESS_READ = _header("If-None-Match", "The ETag of an earlier answer: 304 without a body where nothing changed since.")
IF_UNCHANGED = _header(
    "If-Match",
    "The ETag you read it with, at this address or the nearest one above it that is read: 412 where it changed since.",
)
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Changes with what is answered; for If-None-Match and If-Match."}}
RACES = ("40001", "40P01")  # PostgreSQL: changed meanwhile, a deadlock
RACED = "raced"
UNKNOWN = "extra_forbidden"
HIDDEN_SINCE = "This was done under the same Idempotency-Key. Whoever made this key may no longer see contacts, which may be in its answer."
ARGUMENTS = ("said", "asked")  # what operations call the body and the parameters as a whole
WORDS = """Recording, reading and measuring from programs. Make a key under Settings → API keys; send it as `Authorization: Bearer sk_…`.

What changes something is done in the name of whoever made the key, and no more than they may. Phone numbers and e-mail addresses
are hidden from keys without the scope `contacts.see`. Lists are read page by page: `next` of one answer is `after` of the next one.

A key may ask so many times a minute; `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) say how many are left.
Beyond it the answer is 429 with `Retry-After`.

Errors are problem+json (RFC 9457) with a `code` that does not change between releases. Texts are English unless `Accept-Language`
says otherwise."""


class Api(NinjaAPI):
    """Operations are called as their functions, whichever file of an app they stand in: the client's methods have these names."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """A name of its own for each operation."""
        return operation.view_func.__name__


def make_api() -> NinjaAPI:
    """Put the routers of all apps together; errors are problem+json with a stable code."""
    api = Api(title="Peyvand", version=version(), description=WORDS, docs_url=None, openapi_url=None, urls_namespace="api", parser=Unread())
    for module in modules("api"):
        api.add_router("", module.ROUTER)
    api.add_exception_handler(AuthenticationError, _no_key)
    api.add_exception_handler(Done, _repeated)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(Http404, _nothing)
    api.add_exception_handler(OperationalError, _raced)
    return api


def pages(api: NinjaAPI) -> list[URLPattern]:
    """The addresses of the description and of the page that shows it."""

    @cache
    def written() -> tuple[bytes, str]:
        """The description, made once in a process, for it takes a second, and its ETag."""
        text = json.dumps(described(api), ensure_ascii=False).encode()
        return text, f'"{hashlib.blake2b(text, digest_size=12).hexdigest()}"'

    @public("What the API takes and answers is no secret; it names nothing of any workspace.")
    @etag(lambda _request: written()[1])
    def openapi(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(written()[0], content_type="application/json")

    return [path("api/openapi.json", openapi, name="openapi"), path("api/docs/", docs, name="api_docs")]


@public("What the API takes and answers is no secret; it names nothing of any workspace.")
def docs(request: HttpRequest) -> HttpResponse:
    """The page that shows the description, and tries calls out with a key."""
    return render(request, "api.html")


def described(api: NinjaAPI) -> dict[str, Any]:
    """The whole API in the words of OpenAPI: what ninja knows, and the ingest door beside it."""
    told: dict[str, Any] = dict(api.get_openapi_schema())
    for address, methods in door.paths().items():
        told["paths"][address] = methods | told["paths"].get(address, {})
    told["components"]["schemas"] |= door.schemas()
    told["components"]["responses"] = responses()
    for address, methods in told["paths"].items():
        for method, operation in methods.items():
            if address not in door.paths() or method not in door.paths()[address]:
                _tell_more(address, method, operation)
    return told


def _tell_more(path: str, method: str, operation: dict[str, Any]) -> None:
    """What an operation of ours answers beside its own answers, and the header that makes a write have one effect."""
    operation["responses"] |= answered(path, method, operation)
    for form in operation.get("requestBody", {}).get("content", {}).values():
        if "properties" in form["schema"]:
            form["schema"]["additionalProperties"] = False
    headers = [UNLESS_READ] if method == "get" else [REPEATABLE, IF_UNCHANGED]
    operation["parameters"] = [*operation.get("parameters", []), *headers]
    if method == "get":
        operation["responses"] |= {"304": {"description": "As in the answer of that ETag.", "headers": ETAG}}
    if method in ("get", "put", "patch") and (whole := operation["responses"].get(200)):
        whole["headers"] = ETAG


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """A problem (RFC 9457); `code` does not change between releases."""
    title = HTTPStatus(status).phrase
    told = {"type": f"urn:peyvand:problem:{code}", "code": code, "title": title, "status": status, "detail": detail, **more}
    return HttpResponse(json.dumps(told, ensure_ascii=False), status=status, content_type="application/problem+json")


def _no_key(_request: HttpRequest, _error: object) -> HttpResponse:
    response = problem(401, "unauthorised", "Send a key that is known and not revoked: Authorization: Bearer sk_…")
    response["WWW-Authenticate"] = "Bearer"
    return response


def _repeated(request: Any, error: Any) -> HttpResponse:
    """The first answer; not to a key that was shown contacts and no longer is, since they may stand in it."""
    if Scope.CONTACTS_SEE in request.api_key.scopes and not sees_contacts(request):
        return problem(409, "told-once", HIDDEN_SINCE)
    answer: HttpResponse = error.answer
    return answer


def _nothing(_request: HttpRequest, _error: object) -> HttpResponse:
    return problem(404, "not-found", "There is nothing at this address.")


def _raced(_request: HttpRequest, error: Any) -> HttpResponse:
    """Two changed one thing at the same moment, and the database let one of them win."""
    if getattr(error.__cause__, "sqlstate", None) not in RACES:
        raise error
    refused = problem(409, "changed-meanwhile", "Somebody else changed this at the same moment. Nothing was done: ask again.")
    setattr(refused, RACED, True)
    return refused


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    first = min(error.errors, key=lambda one: one["type"] != UNKNOWN)  # a name misspelt tells why another is missing
    source, *place = first["loc"]
    field = ".".join(str(part) for part in place if part not in ARGUMENTS)
    words = "there is no such field here" if first["type"] == UNKNOWN else first["msg"]
    return problem(400, "invalid", f"{field or source}: {words}", field=field)


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    code = getattr(error, "code", "invalid")  # of ninja's own there is one, for a body that is no JSON
    return problem(error.status_code, code, str(error), **({"field": error.field} if getattr(error, "field", "") else {}))
