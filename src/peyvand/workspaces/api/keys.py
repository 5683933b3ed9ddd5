"""API keys for programs: made, listed, revoked. A key makes none that may do more than itself."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, check_gives, opens, own, page, pid, tell_once
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.settings import KeyForm
from peyvand.workspaces.models import ApiKey
from peyvand.workspaces.services import create_key, revoke_key
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["workspace"])


class KeyIn(Said):
    """What a key is for, and what it may do."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(min_length=1, max_length=40)


class KeyTold(Schema):
    """A key, without its secret."""

    id: str
    name: str
    begins: str = Field(description="how its secret begins")
    scopes: list[str]
    public_key: str = Field(description="of a key for web pages, which is no secret")
    made_by: str | None
    created_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


class KeyMade(KeyTold):
    """A new key with its secret, which is told in this answer alone."""

    secret: str


class KeyPage(Schema):
    """Keys, the newest first, revoked ones too."""

    items: list[KeyTold]
    next: str


@opens(ROUTER.get, "/keys", Scope.KEYS_MANAGE, response=KeyPage, summary="Every key")
def keys(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Without their secrets."""
    rows, following = page(request, "keys", ApiKey.objects.select_related("created_by").filter(workspace=request.workspace), asked)
    return {"items": [_told(request, one) for one in rows], "next": following}


@opens(ROUTER.post, "/keys", Scope.KEYS_MANAGE, response={201: KeyMade}, summary="Make a key")
def new_key(request: KeyRequest, said: KeyIn) -> Status[dict[str, Any]]:
    """In the name of whoever made the key that asks, and with no scope that it lacks."""
    given = filled(KeyForm({"name": said.name, "scopes": [scope.value for scope in said.scopes]})).cleaned_data
    _check_no_wider(request, said.scopes)
    try:
        made, secret = create_key(workspace=request.workspace, actor=request.member.user, **given)
    except WorkspaceError as error:
        raise Refused(422, "not-possible", f"scopes: {error}", "scopes") from None
    tell_once(request)
    return Status(201, _told(request, made) | {"secret": secret})


@opens(ROUTER.get, "/keys/{key}", Scope.KEYS_MANAGE, response=KeyTold, summary="One key")
def one_key(request: KeyRequest, key: str) -> dict[str, Any]:
    """A revoked one, too."""
    return _told(request, own(request, ApiKey.objects.select_related("created_by"), key))


@opens(ROUTER.delete, "/keys/{key}", Scope.KEYS_MANAGE, response=KeyTold, summary="Revoke a key")
def drop_key(request: KeyRequest, key: str) -> dict[str, Any]:
    """It opens nothing any more, within five seconds; its row stays for the audit trail."""
    row = own(request, ApiKey.objects.select_related("workspace", "created_by"), key)
    revoke_key(key=row, actor=request.member.user)
    return _told(request, row)


def _check_no_wider(request: KeyRequest, scopes: list[Scope]) -> None:
    """A key for web pages may do a part of what one with `ingest` may."""
    check_gives(request, {scope.permission for scope in scopes if scope.permission is not None})
    asked = {Scope.INGEST if scope is Scope.SNIPPET else scope for scope in scopes if scope.permission is None}
    if lacking := sorted(asked - set(request.api_key.scopes)):
        raise Refused(422, "not-possible", f"A key gives no more than it may do itself; this one lacks: {', '.join(lacking)}.", "scopes")


def _told(request: KeyRequest, key: ApiKey) -> dict[str, Any]:
    words = {name: getattr(key, name) for name in ("name", "scopes", "public_key", "created_at", "last_used_at", "revoked_at")}
    return words | {"id": pid(request, key.pk), "begins": key.prefix, "made_by": str(key.created_by) if key.created_by else None}
