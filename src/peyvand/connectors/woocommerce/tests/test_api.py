"""A shop connected by a program: its secret is told once, and a webhook signed by it is taken."""

import base64
import hashlib
import hmac

import pytest
from django.test import Client

from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db


def test_a_shop_is_connected_and_its_secret_is_told_once():
    shop = Program()
    assert shop.told("get", "/woocommerce")["connected"] is False
    made, again = (shop.told("post", "/woocommerce") for _n in range(2))
    assert made["address"] == again["address"]
    assert made["secret"] != again["secret"]
    once = [shop.call("post", "/woocommerce", Idempotency_Key="one") for _n in range(2)]
    assert (once[0].headers["Cache-Control"], once[1].json()["code"]) == ("no-store", "told-once")
    again = once[0].json()
    told = shop.told("get", "/woocommerce")
    assert (told["connected"], "secret" in told) == (True, False)
    where = "/" + made["address"].split("/", 3)[3]
    assert [_status(where, one["secret"]) for one in (made, again)] == [401, 200]
    shop.told("delete", "/woocommerce")
    assert _status(where, again["secret"]) == 404
    assert Program("twin").told("get", "/woocommerce")["connected"] is False


def _status(where, secret):
    body = b'{"id": 7}'
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {"X-WC-Webhook-Topic": "order.deleted", "X-WC-Webhook-Signature": signature}
    return Client().post(where, body, content_type="application/json", headers=headers).status_code
