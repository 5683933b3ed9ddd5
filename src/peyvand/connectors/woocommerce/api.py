"""Setting WooCommerce up by a program: the address for its webhooks, and the secret, told once."""

import datetime as dt
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.channels.accounts import channel_of
from peyvand.channels.services import remove_channel
from peyvand.connectors.woocommerce.connecting import KIND, TOPICS, connect
from peyvand.workspaces.bearer import KeyRequest, opens, tell_once
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["woocommerce"])


class ShopTold(Schema):
    """Whether a shop is connected, and how it does."""

    connected: bool
    address: str = Field(description="where its webhooks go; empty while none is connected")
    topics: list[str] = Field(description="the webhooks to make in the shop")
    last_heard_at: dt.datetime | None
    last_error: str


class ShopMade(ShopTold):
    """A shop with its new secret, which is told in this answer alone."""

    secret: str


@opens(ROUTER.get, "/woocommerce", Scope.SETTINGS_MANAGE, response=ShopTold, summary="The connected WooCommerce shop")
def woocommerce(request: KeyRequest) -> dict[str, Any]:
    """Without its secret."""
    return _told(request)


@opens(ROUTER.post, "/woocommerce", Scope.SETTINGS_MANAGE, response=ShopMade, summary="Connect a shop, or make a new secret")
def connect_woocommerce(request: KeyRequest) -> dict[str, Any]:
    """The one before counts no more; the address stays."""
    tell_once(request)
    secret = connect(request.workspace, actor=request.member.user)
    return _told(request) | {"secret": secret}


@opens(ROUTER.delete, "/woocommerce", Scope.SETTINGS_MANAGE, response={204: None}, summary="Disconnect the shop")
def drop_woocommerce(request: KeyRequest) -> Status[None]:
    """Its address answers no more; what came in stays."""
    channel = channel_of(request.workspace, KIND)
    if channel is not None:
        remove_channel(channel=channel, actor=request.member.user)
    return Status(204, None)


def _told(request: KeyRequest) -> dict[str, Any]:
    channel = channel_of(request.workspace, KIND)
    return {
        "connected": channel is not None,
        "address": absolute_public("channels:hook", KIND, channel.address_token) if channel is not None else "",
        "topics": list(TOPICS),
        "last_heard_at": channel.last_heard_at if channel is not None else None,
        "last_error": channel.last_error if channel is not None else "",
    }
