"""The WooCommerce channel: verifies a webhook and turns it into items. It sends nothing."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from django.utils.translation import gettext_noop as _

from peyvand.channels.types import Account, Delivery, Envelope, Field, Forged, Incoming, Unreadable
from peyvand.connectors.woocommerce.orders import customer_items, order_items
from peyvand.connectors.woocommerce.payloads import Customer, Order, Readable
from peyvand.timeline.types import Item

PING: Final = re.compile(rb"webhook_id=[0-9]{1,12}")


class WooCommerceAdapter:
    """Receives orders, refunds and customers of one shop."""

    kind = "woocommerce"
    label = "WooCommerce"
    identity = ""
    sends = False
    receives = True
    fields: Sequence[Field] = (Field("secret", _("Secret of the webhooks"), secret=True),)

    def send(self, account: Account, envelope: Envelope) -> Delivery:  # noqa: ARG002 - the contract
        """Nothing is sent this way."""
        return Delivery(sent=False, error="WooCommerce sends no messages.")

    def receive(self, account: Account, call: Incoming) -> list[Item] | None:
        """What a webhook tells; None for the ping a new webhook begins with. Raises Forged or Unreadable."""
        if PING.fullmatch(call.body):
            return None  # it is not signed and says nothing: anybody may have sent it
        _verify(account.secrets.get("secret", ""), call)
        resource, _dot, event = call.headers.get("x-wc-webhook-topic", "").partition(".")
        if event == "deleted" or resource not in {"order", "customer"}:
            return []  # a deleted order is a shop being tidied, nothing a customer did
        if resource == "order":
            return order_items(_read(call.body, Order))
        return customer_items(_read(call.body, Customer))


def _verify(secret: str, call: Incoming) -> None:
    """The header is base64 of the HMAC-SHA256 over the raw body."""
    wanted = base64.b64encode(hmac.new(secret.encode(), call.body, hashlib.sha256).digest())
    given = call.headers.get("x-wc-webhook-signature", "").encode("utf-8", "replace")
    if not secret or not hmac.compare_digest(wanted, given):
        raise Forged


def _read(body: bytes, shape: type[Readable]) -> Readable:
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(f"The body is not what WooCommerce documents: {error}") from None


ADAPTER = WooCommerceAdapter()
