"""What of WooCommerce's webhook bodies is read; all else in them is ignored."""

from typing import TypeVar

import msgspec


class Billing(msgspec.Struct):
    """Who pays."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    city: str = ""


class Line(msgspec.Struct):
    """One line of an order; `total` in the order's currency, as text."""

    product_id: int | None = None
    sku: str | None = None
    name: str | None = None
    quantity: float = 1
    total: str = "0"


class Refund(msgspec.Struct):
    """One refund; `total` is negative."""

    id: int
    reason: str | None = None
    total: str = "0"


class Coupon(msgspec.Struct):
    """A coupon that was used."""

    code: str = ""


class Order(msgspec.Struct):
    """An order as it is now. Moments named `_gmt` have no offset and mean UTC."""

    id: int
    status: str
    currency: str
    total: str
    number: str = ""
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_completed_gmt: str | None = None
    date_paid_gmt: str | None = None
    discount_total: str = "0"
    customer_id: int = 0
    billing: Billing = msgspec.field(default_factory=Billing)
    line_items: list[Line] = []
    refunds: list[Refund] = []
    coupon_lines: list[Coupon] = []


class Customer(msgspec.Struct):
    """A customer's account."""

    id: int
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    billing: Billing = msgspec.field(default_factory=Billing)


Readable = TypeVar("Readable", Order, Customer)
