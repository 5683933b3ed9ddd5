"""Kinds of interaction: declared in code by the app that produces them, or by a workspace in its settings.

The kinds of common commerce and contact stand here, since connectors, imports and the API all produce them.
"""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import msgspec
from django.apps import apps


class Payload(msgspec.Struct, omit_defaults=True):
    """Properties of an interaction; more than the named ones may come and are kept."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind means: labels in both languages, its payload, its icon and its usual place."""

    code: str
    fa: str
    en: str
    icon: str = "pulse"
    payload: type[Payload] = Payload
    touchpoint: str = ""  # filled in when an item names none
    channel: str = ""
    is_purchase: bool = False
    is_contact: bool = False  # a person of the brand took part
    by_brand: bool = False  # the brand acted alone: the customer was not seen by it
    matter: int = 0  # 1: something waits to be put right for the customer from now on; -1: one such thing is settled
    codes: tuple[str, ...] = ()  # properties that hold codes of ours, never a person's words: they outlive an erased person
    rows: tuple[str, ...] = ()  # properties that number rows of ours, by which a person is found: they go with the person

    def label(self, language: str) -> str:
        """The kind's name in a language; English beside Persian."""
        return self.fa if language.startswith("fa") else self.en


class OrderLine(msgspec.Struct, omit_defaults=True):
    """One line of an order."""

    product: str = ""
    name: str = ""
    quantity: float = 1
    amount: int | None = None


class Order(Payload):
    """An order, an invoice or a cancellation."""

    number: str = ""
    lines: list[OrderLine] = []
    discount: int | None = None
    coupon: str = ""
    status: str = ""


class Delivery(Payload):
    """A delivery: whether it kept its promise."""

    late: bool | None = None
    days: float | None = None
    promised_at: str = ""
    carrier: str = ""
    city: str = ""


class Visit(Payload):
    """A page that was opened."""

    url: str = ""
    title: str = ""
    referrer: str = ""


class Search(Payload):
    """A search on the site or in the app."""

    query: str = ""
    results: int | None = None


class ProductView(Payload):
    """A product that was looked at."""

    sku: str = ""
    name: str = ""
    price: int | None = None


class Cart(Payload):
    """A change of the cart."""

    action: str = ""
    sku: str = ""
    quantity: float | None = None


class Call(Payload):
    """A call: who rang whom, why, and how it ended."""

    direction: str = ""
    reason: str = ""
    outcome: str = ""
    resolved: bool | None = None
    note: str = ""


class Opinion(Payload):
    """An opinion a customer spoke to someone of the brand."""

    said_to: str = ""


class CustomerFacts(Payload):
    """Facts another system told about a customer."""

    reason: str = ""


KINDS = [
    Kind(code="site.visited", fa="بازدید از سایت", en="Visited the site", icon="eye", payload=Visit, channel="web", touchpoint="website"),
    Kind(
        code="site.searched", fa="جست‌وجو در سایت", en="Searched the site", icon="search", payload=Search, channel="web", touchpoint="search"
    ),
    Kind(
        code="product.viewed",
        fa="دیدن محصول",
        en="Viewed a product",
        icon="eye",
        payload=ProductView,
        channel="web",
        touchpoint="product_page",
    ),
    Kind(code="cart.changed", fa="تغییر سبد خرید", en="Changed the cart", icon="bag", payload=Cart, channel="web", touchpoint="cart"),
    Kind(code="order.placed", fa="ثبت سفارش", en="Placed an order", icon="bag", payload=Order, touchpoint="checkout", is_purchase=True),
    Kind(code="order.delivered", fa="تحویل سفارش", en="Received an order", icon="truck", payload=Delivery, touchpoint="delivery"),
    Kind(code="order.cancelled", fa="لغو سفارش", en="Cancelled an order", icon="x", payload=Order, touchpoint="checkout"),
    Kind(code="order.refunded", fa="برگشت وجه سفارش", en="Got a refund", icon="x", payload=Order, touchpoint="returns"),
    Kind(code="branch.visited", fa="مراجعه به شعبه", en="Visited a branch", icon="store", channel="store", touchpoint="visit"),
    Kind(
        code="call.ended",
        fa="تماس تلفنی",
        en="Phone call",
        icon="phone",
        payload=Call,
        channel="phone",
        touchpoint="support",
        is_contact=True,
        codes=("direction", "outcome"),
    ),
    Kind(code="message.received", fa="پیام مشتری", en="Message from the customer", icon="chat", touchpoint="support", is_contact=True),
    Kind(code="opinion.spoken", fa="نظر شفاهی", en="Spoken opinion", icon="feedback", payload=Opinion, is_contact=True),
    Kind(code="review.written", fa="نظر روی سایت", en="Wrote a review", icon="feedback"),
    Kind(
        code="customer.updated",
        fa="به‌روزرسانی مشتری",
        en="Customer details changed",
        icon="note",
        payload=CustomerFacts,
        by_brand=True,
    ),
]


def _declared() -> Iterator[Kind]:
    for config in apps.get_app_configs():
        if config.name.startswith("django.") or find_spec(f"{config.name}.kinds") is None:
            continue
        yield from getattr(import_module(f"{config.name}.kinds"), "KINDS", [])


@cache
def kinds() -> dict[str, Kind]:
    """Every kind declared in code, by code; two of one code are a mistake."""
    found: dict[str, Kind] = {}
    for kind in _declared():
        if kind.code in found:
            raise RuntimeError(f"kind '{kind.code}' is declared twice")
        found[kind.code] = kind
    return found


def check_payload(kind: Kind, properties: dict[str, Any]) -> None:
    """Check the typed part of the properties; raises msgspec.ValidationError naming the field."""
    if kind.payload is not Payload and properties:
        msgspec.convert(properties, kind.payload)
