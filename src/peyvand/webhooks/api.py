"""Webhooks for programs: made, changed, tested and removed; what was told lately, and telling it again."""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.core.ids import private_id, read_token
from peyvand.webhooks import services
from peyvand.webhooks.models import Endpoint, Telling, TellingState
from peyvand.webhooks.queries import CURSOR, Tally, tallies, tellings
from peyvand.webhooks.types import WebhookError
from peyvand.workspaces.bearer import KeyRequest, Refused, check_gives, opens, own, pid, tell_once
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["webhooks"])


class WebhookIn(Said):
    """Where and of what is told; `kinds` empty: of everything."""

    name: str = Field(min_length=1, max_length=80)
    url: str = Field(max_length=500)
    kinds: list[Annotated[str, Field(max_length=120)]] = Field([], max_length=200)
    personal: bool = Field(default=False, description="name, numbers and addresses are told too")


class WebhookChange(WebhookIn):
    """A webhook whole."""

    is_active: bool = True


class WebhookTold(WebhookChange):
    """A webhook, and how it does."""

    id: str
    changing: bool = Field(description="two secrets are live")
    failures: int = Field(description="in a row; 0 while it answers")
    rests_until: dt.datetime | None
    waiting: int
    dead: int


class WebhookMade(WebhookTold):
    """A webhook with its new secret, which is told in this answer alone."""

    secret: str


class WebhookList(Schema):
    """Every webhook."""

    items: list[WebhookTold]


class TellingTold(Schema):
    """What became of telling one interaction."""

    id: str
    kind: str
    interaction: str | None = Field(description="null: a test")
    state: TellingState
    attempts: int
    status: int | None = Field(description="the last answer's")
    error: str
    begun_at: dt.datetime
    due_at: dt.datetime
    ended_at: dt.datetime | None


class TellingPage(Schema):
    """Tellings, the newest first."""

    items: list[TellingTold]
    next: str


class TellingsAsked(Schema):
    """Which tellings are asked for."""

    after: str = ""
    limit: int = Field(50, ge=1, le=200)
    state: TellingState | None = None


@opens(ROUTER.get, "/webhooks", Scope.SETTINGS_MANAGE, response=WebhookList, summary="Every webhook")
def webhooks(request: KeyRequest) -> dict[str, Any]:
    """Without their secrets."""
    found = list(Endpoint.objects.filter(workspace=request.workspace).order_by("pk"))
    how = tallies(found)
    return {"items": [_told(request, one, how.get(one.pk, Tally())) for one in found]}


@opens(ROUTER.post, "/webhooks", Scope.SETTINGS_MANAGE, response={201: WebhookMade}, summary="Make a webhook")
def new_webhook(request: KeyRequest, said: WebhookIn) -> Status[dict[str, Any]]:
    """It is told of what is recorded from now on. The key needs the scopes to read that: `customers.read`, `feedback.read`;
    `contacts.see` where it is `personal`.
    """
    check_gives(request, services.reads(personal=said.personal))
    try:
        made, secret = services.make_endpoint(workspace=request.workspace, actor=request.member.user, **said.model_dump())
    except WebhookError as error:
        raise Refused(422, "invalid", f"{error.field}: {error}", error.field) from None
    tell_once(request)
    return Status(201, _whole(request, made) | {"secret": secret})


@opens(ROUTER.get, "/webhooks/{webhook}", Scope.SETTINGS_MANAGE, response=WebhookTold, summary="One webhook")
def one_webhook(request: KeyRequest, webhook: str) -> dict[str, Any]:
    """By its id."""
    return _whole(request, _own(request, webhook))


@opens(ROUTER.put, "/webhooks/{webhook}", Scope.SETTINGS_MANAGE, response=WebhookTold, summary="Change a webhook")
def put_webhook(request: KeyRequest, webhook: str, said: WebhookChange) -> dict[str, Any]:
    """What waits goes to the new address. The key needs the scopes that making it needs, and that it needed before."""
    row = _own(request, webhook)
    check_gives(request, services.reads(personal=said.personal or row.personal))
    try:
        services.change_endpoint(endpoint=row, actor=request.member.user, **said.model_dump())
    except WebhookError as error:
        raise Refused(422, "invalid", f"{error.field}: {error}", error.field) from None
    return _whole(request, _own(request, webhook))


@opens(ROUTER.delete, "/webhooks/{webhook}", Scope.SETTINGS_MANAGE, response={204: None}, summary="Remove a webhook")
def drop_webhook(request: KeyRequest, webhook: str) -> Status[None]:
    """What waits for it is not told any more."""
    services.remove_endpoint(endpoint=_own(request, webhook), actor=request.member.user)
    return Status(204, None)


@opens(ROUTER.post, "/webhooks/{webhook}/secret", Scope.SETTINGS_MANAGE, response=WebhookMade, summary="Make a new secret")
def new_secret(request: KeyRequest, webhook: str) -> dict[str, Any]:
    """The one before stays live beside it until it is dropped."""
    secret = services.new_secret(endpoint=_own(request, webhook), actor=request.member.user)
    tell_once(request)
    return _whole(request, _own(request, webhook)) | {"secret": secret}


@opens(ROUTER.delete, "/webhooks/{webhook}/secret", Scope.SETTINGS_MANAGE, response=WebhookTold, summary="Drop the old secret")
def drop_secret(request: KeyRequest, webhook: str) -> dict[str, Any]:
    """The new one counts alone from now on."""
    services.drop_old_secret(endpoint=_own(request, webhook), actor=request.member.user)
    return _whole(request, _own(request, webhook))


@opens(ROUTER.post, "/webhooks/{webhook}/test", Scope.SETTINGS_MANAGE, outside=True, response=TellingTold, summary="Tell a test now")
def test_webhook(request: KeyRequest, webhook: str) -> dict[str, Any]:
    """The answer says what came back, within some five seconds."""
    return _telling(request, services.send_test(endpoint=_own(request, webhook)))


@opens(ROUTER.get, "/webhooks/{webhook}/tellings", Scope.SETTINGS_MANAGE, response=TellingPage, summary="What was told lately")
def told_lately(request: KeyRequest, webhook: str, asked: Annotated[TellingsAsked, Query()]) -> dict[str, Any]:
    """For a week what arrived, for a month what was given up."""
    row = _own(request, webhook)
    if asked.after and read_token(CURSOR, asked.after) is None:
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    found = tellings(row, state=str(asked.state or ""), cursor=asked.after, limit=asked.limit)
    return {"items": [_telling(request, one) for one in found.rows], "next": found.following}


@opens(ROUTER.post, "/webhooks/{webhook}/replay", Scope.SETTINGS_MANAGE, response=WebhookTold, summary="Tell again what was given up")
def replay_all(request: KeyRequest, webhook: str) -> dict[str, Any]:
    """With three days anew; what waits is tried at once."""
    row = _own(request, webhook)
    services.replay_dead(endpoint=row, actor=request.member.user)
    services.wake(endpoint=row)
    return _whole(request, _own(request, webhook))


@opens(ROUTER.post, "/webhooks/{webhook}/tellings/{telling}/replay", Scope.SETTINGS_MANAGE, response=TellingTold, summary="Tell one again")
def replay_one(request: KeyRequest, webhook: str, telling: str) -> dict[str, Any]:
    """Under the same id, whether it arrived, waits or was given up."""
    row, number = _own(request, webhook), private_id(bytes(request.workspace.id_key), telling) or 0
    known = Telling.objects.filter(endpoint=row, pk=number, interaction_id__isnull=False).select_related("endpoint__workspace").first()
    if known is None:
        raise Refused(404, "not-found", "There is no such telling.")
    services.replay(telling=known, actor=request.member.user)
    known.refresh_from_db()
    return _telling(request, known)


def _own(request: KeyRequest, text: str) -> Endpoint:
    return own(request, Endpoint.objects.select_related("workspace"), text)


def _whole(request: KeyRequest, endpoint: Endpoint) -> dict[str, Any]:
    return _told(request, endpoint, tallies([endpoint]).get(endpoint.pk, Tally()))


def _told(request: KeyRequest, endpoint: Endpoint, how: Tally) -> dict[str, Any]:
    plain = ("name", "url", "kinds", "personal", "is_active", "changing", "failures", "rests_until")
    words = {name: getattr(endpoint, name) for name in plain}
    return words | {"id": pid(request, endpoint.pk), "waiting": how.waiting, "dead": how.dead}


def _telling(request: KeyRequest, telling: Telling) -> dict[str, Any]:
    words = {name: getattr(telling, name) for name in ("kind", "state", "attempts", "status", "error", "begun_at", "due_at", "ended_at")}
    interaction = pid(request, telling.interaction_id) if telling.interaction_id is not None else None
    return words | {"id": pid(request, telling.pk), "interaction": interaction}
