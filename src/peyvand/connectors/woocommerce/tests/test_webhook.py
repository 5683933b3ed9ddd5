"""WooCommerce's calls as they come over HTTP: signed, forged, repeated, out of order, in Iranian units."""

import base64
import hashlib
import hmac
import json
import random
from pathlib import Path

import pytest
from django.test import Client

from peyvand.channels.models import Channel
from peyvand.channels.services import set_channel
from peyvand.identities.models import Customer, Identity
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.workspaces.services import create_owner, create_workspace

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = "what the shop and we know"


@pytest.fixture
def shop(db) -> Channel:
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    return set_channel(workspace=workspace, kind="woocommerce", name="WooCommerce", values={"secret": SECRET})


def payload(name="order", **changes):
    return {**json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")), **changes}


def call(shop, body, topic="order.updated", secret=SECRET, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    sent = {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": signature, **headers}
    return Client().post(f"/hooks/woocommerce/{shop.address_token}/", raw, content_type="application/json", headers=sent)


def told():
    return {event.external_id: event for event in events(read_ids(list(Interaction.objects.values_list("id", flat=True))))}


def test_an_order_is_recorded_with_its_lines_its_person_and_toman_as_rials(shop):
    answer = call(shop, payload())
    assert (answer.status_code, answer.json()) == (200, {"recorded": 1, "known": 0})
    placed = told()["order:7301:placed"]
    assert (placed.kind, placed.amount, placed.currency, placed.subject.id) == ("order.placed", 12_500_000, "IRR", "7301")
    assert placed.properties["lines"][0] == {"product": "BOWL-2", "name": "کاسهٔ لعابی", "quantity": 2.0, "amount": 9_000_000}
    assert sorted(Identity.objects.values_list("value", flat=True)) == ["+989121112233", "negar@example.ir", "woocommerce:42"]
    assert Customer.objects.get().name == "نگار صبوری‌فر"
    shop.refresh_from_db()
    assert shop.last_heard_at is not None


@pytest.mark.parametrize(
    ("currency", "rials"), [("IRR", 1_250_000), ("IRT", 12_500_000), ("IRHR", 1_250_000_000), ("IRHT", 12_500_000_000)]
)
def test_each_unit_of_iran_becomes_whole_rials(shop, currency, rials):
    call(shop, payload(currency=currency))
    assert told()["order:7301:placed"].amount == rials


def test_a_euro_order_keeps_its_cents(shop):
    call(shop, payload(currency="EUR", total="12.5"))
    assert (told()["order:7301:placed"].amount, told()["order:7301:placed"].currency) == (1250, "EUR")


def test_any_order_of_calls_each_five_times_ends_the_same(shop):
    states = [
        payload(status="pending", date_paid_gmt=None),
        payload(),
        payload(status="completed", date_completed_gmt="2026-06-13T08:15:00", date_modified_gmt="2026-06-13T08:15:00"),
        payload(
            status="completed",
            date_completed_gmt="2026-06-13T08:15:00",
            refunds=[{"id": 12, "total": "-50000"}, {"id": 9, "reason": "شکسته بود", "total": "-350000"}],
        ),
    ] * 5
    random.Random(7).shuffle(states)
    for state in states:
        assert call(shop, state).status_code == 200
    found = told()
    assert sorted(found) == ["order:7301:completed", "order:7301:placed", "order:7301:refund:12", "order:7301:refunded"]
    assert found["order:7301:completed"].properties["days"] == 3.0
    assert found["order:7301:refunded"].amount == -3_500_000
    assert Customer.objects.count() == 1


def test_a_forged_call_is_401_and_writes_nothing(shop):
    assert call(shop, payload(), secret="guessed").status_code == 401
    assert call(shop, payload(), **{"x-wc-webhook-signature": ""}).status_code == 401
    assert call(shop, payload(), **{"x-wc-webhook-signature": "ضد"}).status_code == 401
    shop.refresh_from_db()
    assert (Interaction.objects.count(), Identity.objects.count(), shop.last_heard_at) == (0, 0, None)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"id": "x"}', b"[" * 100_000, json.dumps({"id": 1}).encode()])
def test_a_signed_body_that_is_no_order_is_400(shop, body):
    assert call(shop, body).status_code == 400
    assert Interaction.objects.count() == 0


@pytest.mark.parametrize(
    "changes", [{"total": "NaN"}, {"total": "1e999"}, {"total": "many"}, {"currency": "XXQ"}, {"date_created_gmt": "yesterday"}]
)
def test_amounts_and_moments_that_are_none_are_400(shop, changes):
    assert call(shop, payload(**changes)).status_code == 400


def test_a_deletion_is_heard_and_records_nothing(shop):
    assert call(shop, {"id": 7301}, topic="order.deleted").status_code == 200
    shop.refresh_from_db()
    assert (Interaction.objects.count(), shop.last_heard_at is not None) == (0, True)


def test_a_ping_which_anybody_may_send_is_answered_and_writes_nothing(shop):
    Channel.objects.update(last_error="amount: not a number")
    ping = Client().post(f"/hooks/woocommerce/{shop.address_token}/", "webhook_id=5", content_type="application/x-www-form-urlencoded")
    assert (ping.status_code, ping.json()) == (200, {"recorded": 0, "known": 0})
    shop.refresh_from_db()
    assert (shop.last_heard_at, shop.last_error, Interaction.objects.count()) == (None, "amount: not a number", 0)


def test_a_mistyped_phone_costs_the_phone_and_not_the_order(shop):
    call(shop, payload(billing={"first_name": "Bob", "phone": "12", "email": "bob@example.ir"}, customer_id=0))
    assert list(Identity.objects.values_list("value", flat=True)) == ["bob@example.ir"]
    assert Interaction.objects.count() == 1


def test_a_customer_is_told_with_phone_and_name(shop):
    assert call(shop, payload("customer"), topic="customer.updated").json() == {"recorded": 1, "known": 0}
    assert call(shop, payload("customer"), topic="customer.updated").json() == {"recorded": 0, "known": 1}
    assert Customer.objects.get().name == "نگار صبوری‌فر"


def test_an_unknown_address_or_a_disconnected_shop_is_404(shop):
    assert Client().post("/hooks/woocommerce/nothing/").status_code == 404
    Channel.objects.update(is_active=False)
    assert call(shop, payload()).status_code == 404


def test_the_secret_is_shown_once_and_works(db):
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    owner = create_owner(workspace=workspace, email="owner@brand.example", password="long enough 1", name="پویا")
    client = Client()
    client.force_login(getattr(owner, "user", owner))
    before = client.get("/w/sofal/settings/woocommerce/")
    assert before.status_code == 200
    assert "آن‌ها را در ووکامرس وارد می‌کنید" in before.content.decode()
    made = client.post("/w/sofal/settings/woocommerce/")
    secret = made.context["secret"]
    assert secret in made.content.decode()
    assert "بعد چه می‌شود" not in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    later = client.get("/w/sofal/settings/woocommerce/").content.decode()
    channel = Channel.objects.get()
    assert secret not in later
    assert channel.address_token in later
    assert secret not in channel.sealed
    assert call(channel, payload(), secret=secret).status_code == 200
    client.post("/w/sofal/settings/woocommerce/remove/")
    assert call(channel, payload(), secret=secret).status_code == 404
