"""API keys in the `api.py` routers: who holds the key, in whose name it acts, whether it may do this, and how often.

Imported by api modules and config.api only (ninja is heavy).
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer
from pydantic import Field

from peyvand.core.fields import from_micros, to_micros
from peyvand.core.ids import private_id, public_id, read_token, sign_token
from peyvand.workspaces.access import Access
from peyvand.workspaces.limits import TooManyError, take
from peyvand.workspaces.models import ApiKey, Member, Workspace
from peyvand.workspaces.permissions import EVERYBODYS
from peyvand.workspaces.services.audit import THROUGH
from peyvand.workspaces.services.keys import maker_of, touch_key
from peyvand.workspaces.strict import strictly
from peyvand.workspaces.types import Permission, Scope

First = Callable[[HttpRequest], AbstractContextManager[None]]
FIRSTS: dict[str, First] = {}  # by the address, as Django writes it
OUTSIDE: set[tuple[str, str]] = set()  # methods and addresses
F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=Model)


class KeyRequest(HttpRequest):
    """A request with a key that was looked up: what KeyBearer promises to an operation.

    `member` is the maker of the key; an operation whose scope is a permission has one, others ask `maker`.
    """

    workspace: Workspace
    api_key: ApiKey
    member: Member
    maker: Member | None
    told_once: bool


class Refused(HttpError):
    """A problem with a code that does not change between releases, and the field that is wrong where there is one."""

    def __init__(self, status: int, code: str, detail: str, field: str = "") -> None:
        super().__init__(status, detail)
        self.code, self.field = code, field


class Done(Exception):
    """It was done under the same Idempotency-Key, or is under way, by a key that may still do it; `answer` is what is said to that."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


class KeyBearer(HttpBearer):
    """`Authorization: Bearer sk_…`: an unknown or revoked key is 401, one without the scope 403, one too often here 429.

    A repeat is counted and may be refused like any call: then config.api_calls left the first answer in `request.kept`, and Done is raised.
    `request.begin`, which it left too, is called once it is sure that the key may do this; it raises Done where another call does it.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:  # noqa: ARG002 - ninja's own signature
        key: ApiKey | None = request.bearer  # type: ignore[attr-defined]  # config.api_calls looked it up
        if key is None:
            return None
        _count(request, key)
        if self.scope not in key.scopes:
            raise Refused(403, "forbidden", f"This key may not do this: it lacks the scope '{self.scope}'.")
        member = maker_of(key.workspace, key.created_by)
        permission = self.scope.permission
        if permission is not None and (member is None or not member.may(permission)):
            raise Refused(403, "forbidden", "Whoever made this key may not do this (any more): make a new key.")
        touch_key(key=key)
        THROUGH.set(str(key))
        request.workspace, request.api_key = key.workspace, key  # type: ignore[attr-defined]
        request.member = request.maker = member  # type: ignore[attr-defined]
        if (kept := getattr(request, "kept", None)) is not None:
            raise Done(kept)
        if (begin := getattr(request, "begin", None)) is not None:
            begin()
        return key


def _count(request: HttpRequest, key: ApiKey) -> None:
    """Take one call of what a key has left in this minute, whoever asks first. Raises Refused beyond it."""
    known: Any = request
    if not hasattr(request, "limit"):
        try:
            known.limit = take(key)
        except TooManyError as error:
            known.limit, known.beyond = error.limit, True
    if getattr(request, "beyond", False):
        raise Refused(429, "too-many-requests", f"This key may ask {known.limit.most} times a minute.")


def opens(
    door: Callable[..., Any], path: str, scope: Scope, *, first: First | None = None, outside: bool = False, **said: Any
) -> Callable[[F], F]:
    """An operation of a router for keys of a scope: `@opens(ROUTER.get, "/cases", Scope.CASES_READ, response=…, summary=…)`.

    `first` is what an upload does around the operation and outside the transaction in which its answer is kept, if the key may call it.
    One that waits for a machine of others, or writes in many small transactions, is done `outside` of that one as a whole: it would
    keep everybody from writing.
    """

    def register(operation: F) -> F:
        address = path.replace("{", "<").replace("}", ">")
        if first is not None:
            FIRSTS[address] = _for_allowed(scope, first)
        if outside:
            OUTSIDE.add((door.__name__.upper(), address))
        strict = strictly(operation)
        strict.access = Access("key", reason=str(scope))  # type: ignore[attr-defined]  # the address table shows it
        door(path, auth=KeyBearer(scope), **said)(strict)
        return operation

    return register


def _for_allowed(scope: Scope, first: First) -> First:
    """The same, but nothing for a key that the operation will refuse."""

    @contextmanager
    def checked(request: HttpRequest) -> Iterator[None]:
        try:
            KeyBearer(scope).authenticate(request, "")
        except Refused:
            yield
            return
        with first(request):
            yield

    return checked


def tell_once(request: KeyRequest) -> None:
    """Say that this answer tells a secret: nothing keeps it, so a repeat under the same Idempotency-Key is told of nothing but that."""
    request.told_once = True


def check_gives(request: KeyRequest, permissions: Collection[Permission]) -> None:
    """Raise Refused where a key gives, or takes from somebody, more than it may do itself: it would open what was kept from it."""
    own = {Permission(scope) for scope in request.api_key.scopes if scope in set(Permission)} | EVERYBODYS
    if lacking := sorted(set(permissions) - own):
        raise Refused(422, "not-possible", f"A key gives and takes no more than it may do itself; this one lacks: {', '.join(lacking)}.")


def sees_contacts(request: KeyRequest) -> bool:
    """Whether this key is told phone numbers and e-mail addresses: it has the scope, and its maker the permission."""
    maker = request.maker
    return Scope.CONTACTS_SEE in request.api_key.scopes and maker is not None and maker.may(Permission.CONTACTS_SEE)


def pid(request: KeyRequest, number: int) -> str:
    """The public id of a row of this workspace."""
    return public_id(bytes(request.workspace.id_key), number)


def own(request: KeyRequest, rows: "QuerySet[M]", text: str) -> M:
    """The row of this workspace that a public id stands for. Raises Http404 for a foreign id as for an unknown one."""
    number = private_id(bytes(request.workspace.id_key), text)
    row = rows.filter(workspace=request.workspace, pk=number).first() if number is not None else None
    if row is None:
        raise Http404
    return row


class Paging(Schema):
    """Where a page of a list begins, and how long it is."""

    after: str = Field("", description="`next` of an earlier answer; empty: from the beginning")
    limit: int = Field(50, ge=1, le=200)


def page(request: KeyRequest, name: str, rows: "QuerySet[M]", paging: Paging, *order: str) -> tuple[list[M], str]:
    """A page of rows, and the cursor of the next one: what is added meanwhile moves nothing.

    `order` are columns that are never null, as `order_by` takes them; behind them, and without any, the newest come first.
    """
    order, cursor = (*order, "-pk"), ".".join(["api", name, *order])
    if paging.after:
        place = read_token(cursor, paging.after)
        if place is None or place[0] != request.workspace.pk:
            raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
        rows = rows.filter(_behind(order, [_unpacked(value) for value in place[1:]]))
    found = list(rows.order_by(*order)[: paging.limit + 1])
    more = len(found) > paging.limit
    found = found[: paging.limit]
    if not more:
        return found, ""
    return found, sign_token(cursor, [request.workspace.pk, *(_packed(getattr(found[-1], column.removeprefix("-"))) for column in order)])


def _behind(order: Sequence[str], values: Sequence[object]) -> Q:
    """The rows that come after those values in this order."""
    found, same = Q(), Q()
    for column, value in zip(order, values, strict=True):
        name = column.removeprefix("-")
        found |= same & Q((f"{name}__{'lt' if name != column else 'gt'}", value))
        same &= Q((name, value))
    return found


def _packed(value: Any) -> int | str:
    """A value of a row as cursors carry it."""
    return f"@{to_micros(value)}" if isinstance(value, dt.datetime) else f"={value}" if isinstance(value, str) else int(value)


def _unpacked(value: int | str) -> object:
    if isinstance(value, int):
        return value
    return from_micros(int(value[1:])) if value.startswith("@") else value[1:]
