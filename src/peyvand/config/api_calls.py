"""Around every call of the API: its language and wall, ETags, what a key has left, one effect under one Idempotency-Key. A middleware."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Final

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils import translation

from peyvand.config.api import RACED, problem
from peyvand.config.api_conditions import HERE, SAFE, address_of, changed, is_outside, told
from peyvand.core import walls
from peyvand.edge.services import UNDER_WAY, Repeatable, give_answer, given_answers, keep_answers, lay_down, take_up
from peyvand.workspaces.bearer import FIRSTS, Done
from peyvand.workspaces.models import ApiKey
from peyvand.workspaces.services.audit import THROUGH
from peyvand.workspaces.services.keys import key_of

KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
OVERTAKEN: Final = frozenset({404, 409, 412, 422})  # what a call may be answered because a call of the same key did it meanwhile
TOLD_ONCE: Final = "This was done under the same Idempotency-Key, and its answer told a secret, which is told once and kept nowhere."
STILL_DONE: Final = "A call with this Idempotency-Key is still under way. Ask again in a moment: this one had no effect."
Next = Callable[[HttpRequest], HttpResponseBase]


class ApiCalls:
    """English unless another language is asked for; RateLimit headers; a repeated write gets the first one's answer."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(HERE):
            return self.get_response(request)
        before = THROUGH.set("")
        key = request.bearer = _bearer(request)  # type: ignore[attr-defined]
        try:
            with ExitStack() as around:
                if not request.headers.get("Accept-Language"):
                    around.enter_context(translation.override("en"))
                if key is not None:
                    around.enter_context(walls.inside(key.workspace_id))
                response = told(request, self._once(request, key))
        finally:
            THROUGH.reset(before)
        return _with_limit(request, response)

    def _once(self, request: HttpRequest, key: ApiKey | None) -> HttpResponseBase:
        if request.method in SAFE or key is None:
            return self.get_response(request)  # which refuses it without a key
        given = request.headers.get("Idempotency-Key")
        if given is None:
            with _first_part(request):
                return changed(request, self.get_response)
        if not KEY.fullmatch(given):
            return problem(400, "bad-idempotency-key", "Idempotency-Key: give 1 to 200 visible ASCII characters.")
        named = hashlib.sha256(f"{key.pk}:{given}".encode()).hexdigest()
        try:
            asked = Repeatable(key.workspace_id, f"api:{named}", _fingerprint(request))
        except MultiPartParserError as error:
            return problem(400, "bad-request", f"The form cannot be read: {error}")
        if known := _known(asked):
            request.kept = known  # type: ignore[attr-defined]  # given by KeyBearer to who may still do this
            return self.get_response(request)
        with _first_part(request):
            response = changed(request, lambda once: self._first(once, asked))
        return (_known(asked) if response.status_code in OVERTAKEN else None) or response

    def _first(self, request: HttpRequest, asked: Repeatable) -> HttpResponseBase:
        """Do it and keep the answer in one transaction; whoever did the same meanwhile wins."""
        if is_outside(request):
            return self._outside(request, asked)
        try:
            with transaction.atomic():
                response = self.get_response(request)
                kept = _kept(request, response)
                if kept is None:
                    transaction.set_rollback(response.status_code >= 500 or hasattr(response, RACED))
                else:
                    keep_answers([(asked, *kept)])
                return response
        except IntegrityError:
            known = _known(asked)
            if known is None:
                raise
            return known

    def _outside(self, request: HttpRequest, asked: Repeatable) -> HttpResponseBase:
        """Lay the key down as under way, do it, then keep the answer: nobody may be kept from writing as long as this takes."""
        entries: list[int] = []

        def begin() -> None:
            entry = lay_down(asked)
            if entry is None:
                raise Done(_known(asked) or _still_done())
            entries.append(entry)

        request.begin = begin  # type: ignore[attr-defined]  # called by KeyBearer
        kept = None
        try:
            response = self.get_response(request)
            kept = _kept(request, response)
        finally:
            if kept is None:
                for entry in entries:
                    take_up(entry)
        if kept is not None:  # where this fails the key stays under way: what was done is not done again
            for entry in entries:
                give_answer(entry, *kept)
        return response


def _kept(request: HttpRequest, response: HttpResponseBase) -> tuple[int, bytes] | None:
    """What is kept of an answer: nothing of a refusal, and that it was told of a secret."""
    if not 200 <= response.status_code < 300 or not isinstance(response, HttpResponse):
        return None
    once = problem(409, "told-once", TOLD_ONCE) if hasattr(request, "told_once") else response
    return once.status_code, once.content


def _still_done() -> HttpResponse:
    return problem(409, "under-way", STILL_DONE)


def _first_part(request: HttpRequest) -> AbstractContextManager[None]:
    """What an upload does before its transaction begins: SQLite has one writer, who must not wait for a large file."""
    if request.content_type != "multipart/form-data":
        return nullcontext()
    first = FIRSTS.get(address_of(request))
    return first(request) if first is not None else nullcontext()


def _bearer(request: HttpRequest) -> ApiKey | None:
    """The key that a call shows, looked up once: before it, nobody knows which workspace the call is in."""
    scheme, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    return key_of(secret.strip()) if scheme.lower() == "bearer" else None


def _fingerprint(request: HttpRequest) -> str:
    found = hashlib.blake2b(f"{request.method} {request.get_full_path()}\n".encode(), digest_size=16)
    for piece in _said(request):
        found.update(piece)
    return found.hexdigest()


def _said(request: HttpRequest) -> Iterator[bytes]:
    """The body; of an upload, whose boundary is another each time and which may be large, its fields and files."""
    if request.content_type != "multipart/form-data":
        yield request.body
        return
    yield repr(sorted(request.POST.lists())).encode()
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            yield repr((name, file.name, file.size)).encode()
            yield from file.chunks()


def _known(asked: Repeatable) -> HttpResponse | None:
    answer = given_answers([asked]).get((asked.workspace_id, asked.key))
    if answer is None:
        return None
    if answer.body_hash != asked.body_hash:
        return problem(409, "idempotency-key-reused", "This Idempotency-Key was used for another call within a day.")
    if answer.status == UNDER_WAY:
        return _still_done()
    kind = "application/json; charset=utf-8" if answer.status < 400 else "application/problem+json"
    return HttpResponse(answer.body, status=answer.status, content_type=kind)


def _with_limit(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if hasattr(request, "told_once"):
        response["Cache-Control"] = "no-store"
    limit = getattr(request, "limit", None)
    if limit is not None:
        response["RateLimit-Limit"] = str(limit.most)
        response["RateLimit-Remaining"] = str(limit.left)
        response["RateLimit-Reset"] = str(limit.reset)
        if response.status_code == 429:
            response["Retry-After"] = str(limit.reset)
    return response
