"""A WooCommerce shop that tells its orders by signed webhooks, in a process of its own: `python -m tests.bench.shop PORT SECONDS`.

Connects the shop to the workspace `bench` of a store and prints what came back, of pings and of orders. Called by measure_ingest.
"""

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterator

import django

django.setup()

from peyvand.channels.services import set_channel  # noqa: E402
from peyvand.connectors.woocommerce.connecting import KIND  # noqa: E402
from peyvand.core import clock  # noqa: E402
from peyvand.workspaces.models import Workspace  # noqa: E402
from tests.bench.loading import load, orders, request  # noqa: E402

CONNECTIONS = 8
A_SECOND = 2_000  # more than any machine takes in
FIRST = 50  # calls with which a server loads what it needs for them
PING = b"webhook_id=5"  # what a new webhook begins with: it is answered, and nothing is stored
SEED = 50


def bodies(count: int) -> Iterator[bytes]:
    """Orders as WooCommerce writes them, of the people whom the ingest door is told of."""
    for n, order in enumerate(orders(SEED, count)):
        (who,) = order["customer"]["identities"]  # type: ignore[index]
        at = order["occurred_at"]
        told = {
            "id": n + 1, "number": order["external_id"], "status": "processing", "currency": "IRT", "total": f"{order['amount']}.00",
            "discount_total": "0", "date_created_gmt": at, "date_modified_gmt": at, "date_paid_gmt": at, "date_completed_gmt": None,
            "customer_id": 0 if who["type"] == "phone" else int(who["value"].rpartition("-")[2]),
            "billing": {"first_name": "نگار", "phone": who["value"] if who["type"] == "phone" else "", "city": "شیراز"},
            "line_items": [{"id": 1, "product_id": 12, "sku": order["product"], "name": "کاسهٔ لعابی", "quantity": 2, "total": "900000"}],
            "refunds": [], "coupon_lines": [], "meta_data": [{"id": 1, "key": "_x", "value": "y" * 200}],
        }  # fmt: skip
        yield json.dumps(told).encode()


def call(path: str, body: bytes, secret: str) -> bytes:
    """A webhook, signed as the shop signs it."""
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return request(body, "", path, f"X-WC-Webhook-Topic: order.created\r\nX-WC-Webhook-Signature: {signature}\r\n")


def main() -> None:
    """Pings, then orders."""
    port, seconds, secret = int(sys.argv[1]), float(sys.argv[2]), clock.token(24)
    shop = set_channel(workspace=Workspace.objects.get(slug="bench"), kind=KIND, name="Bench", values={"secret": secret})
    path, count = f"/hooks/{KIND}/{shop.address_token}/", int(seconds * A_SECOND)
    pings, calls = [call(path, PING, secret)] * count, [call(path, body, secret) for body in bodies(count)]
    load(port, pings[:FIRST], connections=CONNECTIONS, seconds=seconds)
    sent = {"pings": pings, "orders": calls}
    print(json.dumps({name: load(port, each, connections=CONNECTIONS, seconds=seconds) for name, each in sent.items()}))


if __name__ == "__main__":
    main()
