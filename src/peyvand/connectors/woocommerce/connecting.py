"""Connecting a shop: a new secret for its webhooks. Called by the settings page and the API."""

from typing import Final

from peyvand.channels.services import set_channel
from peyvand.core import clock
from peyvand.workspaces.models import User, Workspace

KIND: Final = "woocommerce"
TOPICS: Final = ("order.created", "order.updated", "customer.created", "customer.updated")


def connect(workspace: Workspace, *, actor: User) -> str:
    """The new secret; the one before counts no more."""
    secret = clock.token(24)
    set_channel(workspace=workspace, kind=KIND, name="WooCommerce", values={"secret": secret}, actor=actor)
    return secret
