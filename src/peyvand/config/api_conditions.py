"""ETags of the API: what a program has is not sent again, and a change can ask that nothing changed since it looked.

Called by config.api_calls. A tag is a hash of what was answered, so nothing has to remember to change it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified, QueryDict
from django.urls import Resolver404, resolve

from peyvand.config.api import RACED, problem
from peyvand.workspaces.bearer import OUTSIDE

HERE: Final = "/api/v1/"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TRIES: Final = 3
Do = Callable[[HttpRequest], HttpResponseBase]


def told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """An answer with its ETag; without its body where the program has it already."""
    if response.status_code != 200 or not isinstance(response, HttpResponse) or request.method not in ("GET", "PUT", "PATCH"):
        return response
    tag = _tag(response)
    if request.method == "GET" and _names(request.headers.get("If-None-Match", ""), tag):
        unchanged = HttpResponseNotModified()
        unchanged["ETag"] = tag
        return unchanged
    response["ETag"] = tag
    return response


def address_of(request: HttpRequest) -> str:
    """The address of a call as its operation has it, such as `/cases/<case>`; empty where there is none."""
    try:
        return resolve(request.path_info).route.removeprefix(HERE.strip("/"))
    except Resolver404:
        return ""


def is_outside(request: HttpRequest) -> bool:
    """Whether a call is done outside of any transaction of ours; see `opens`."""
    return (request.method, address_of(request)) in OUTSIDE


def changed(request: HttpRequest, do: Do) -> HttpResponseBase:
    """Do a change; with If-Match only where what the program read stands as it did, seen and changed as of one moment."""
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return do(request)
    if is_outside(request):
        return _refusal(request, wanted) or do(request)
    for _try in range(TRIES):
        with _as_of_one_moment():
            answer = _refusal(request, wanted) or do(request)
            transaction.set_rollback(hasattr(answer, RACED) or answer.status_code >= 500)
        if not hasattr(answer, RACED):
            break  # else somebody changed it between the look and the change: look again
    return answer


@contextmanager
def _as_of_one_moment() -> Iterator[None]:
    """A transaction in which a row that another one changed meanwhile cannot be changed; SQLite's has one writer anyway."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _refusal(request: HttpRequest, wanted: str) -> HttpResponse | None:
    """Why a change may not be done: what is read now is not what the program read. What is not there the change itself refuses."""
    address, now = _read(request)
    if now is None or now.status_code == 404:
        return None
    if now.status_code != 200:
        return now
    tag = _tag(now)
    if _names(wanted, tag):
        return None
    refused = problem(412, "changed-meanwhile", f"This changed since you read it. Nothing was done: read {address} again, then decide.")
    refused["ETag"] = tag
    return refused


def _read(request: HttpRequest) -> tuple[str, HttpResponse | None]:
    """What GET answers at the address of a change, or at the nearest one above it."""
    asking = copy(request)
    asking.method, asking.GET, asking._body = "GET", QueryDict(), b""  # noqa: SLF001 - the change says nothing here
    asking.META = {**request.META, "QUERY_STRING": ""}
    address = request.path_info
    while len(address) > len(HERE):
        try:
            found = resolve(address)
        except Resolver404:
            return address, None
        answer = found.func(asking, *found.args, **found.kwargs)
        if hasattr(asking, "limit"):
            request.limit = asking.limit  # type: ignore[attr-defined]  # one call, counted once
        if answer.status_code != 405:
            return address, answer
        address = address.rpartition("/")[0]
    return address, None


def _tag(response: HttpResponse) -> str:
    """Of what is said, in whichever order: PostgreSQL gives the keys of JSON back in an order of its own."""
    said = response.content
    if response.headers.get("Content-Type", "").startswith("application/json"):
        said = json.dumps(json.loads(said), sort_keys=True).encode()
    return f'"{hashlib.blake2b(said, digest_size=12).hexdigest()}"'


def _names(header: str, tag: str) -> bool:
    """Whether a list of tags names this one; a proxy that packs answers marks tags as weak, and these are of the content anyway."""
    given = {one.strip().removeprefix("W/") for one in header.split(",")}
    return tag in given or "*" in given
