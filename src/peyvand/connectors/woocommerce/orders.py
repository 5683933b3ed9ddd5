"""From a shop's order or customer to items. Each item's external id names the order and what happened to it, so that repeats,
late calls and calls out of order change nothing.
"""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from peyvand.channels.types import Unreadable
from peyvand.connectors.woocommerce.payloads import Billing, Customer, Order
from peyvand.core import clock
from peyvand.core.money import MoneyError, to_minor
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Subject

SOURCE: Final = "woocommerce"
CHANNEL: Final = "web"
# Not placed yet: a cart on its way to the till, or a payment that failed.
UNPLACED: Final = frozenset({"pending", "failed", "checkout-draft", "auto-draft", "draft", "trash"})
# Units shops in Iran count in, by the codes Persian WooCommerce gives them → Rials in one.
RIALS: Final = {"IRR": 1, "IRT": 10, "IRHR": 1_000, "IRHT": 10_000}


def order_items(order: Order) -> list[Item]:
    """Everything an order's present state says has happened: placed, completed, cancelled, refunded."""
    number = order.number or str(order.id)
    at = _moment(order.date_created_gmt)
    changed = _moment(order.date_modified_gmt or order.date_created_gmt)
    made: list[Item] = []
    cancelled = order.status == "cancelled"
    if order.status not in UNPLACED and (not cancelled or order.date_paid_gmt):
        made.append(_item("order.placed", "placed", order, at, amount=_minor(order.total, order.currency), properties=_lines(order)))
    if order.status == "completed":
        done = _moment(order.date_completed_gmt or order.date_modified_gmt)
        days = round((done - at).total_seconds() / 86_400, 2)
        made.append(_item("order.delivered", "completed", order, done, amount=None, properties={"days": days, "city": order.billing.city}))
    if cancelled:
        details = {"number": number, "status": order.status}
        made.append(_item("order.cancelled", "cancelled", order, changed, amount=_minor(order.total, order.currency), properties=details))
    for n, refund in enumerate(sorted(order.refunds, key=lambda one: one.id)):
        what = f"refund:{refund.id}" if n else "refunded"  # the first as in an exported file, which knows the sum alone
        details = {"number": number, "status": (refund.reason or "")[:200]}
        amount = -abs(_minor(refund.total, order.currency))
        made.append(_item("order.refunded", what, order, changed, amount=amount, properties=details))
    return made


def customer_items(customer: Customer) -> list[Item]:
    """A customer's account, as its details are now."""
    at = customer.date_modified_gmt or customer.date_created_gmt
    billing = customer.billing
    billing.email = customer.email or billing.email
    billing.first_name, billing.last_name = customer.first_name or billing.first_name, customer.last_name or billing.last_name
    who = _who(customer.id, billing)
    if who is None:
        return []
    return [
        Item(
            kind="customer.updated",
            occurred_at=_moment(at),
            customer=who,
            channel=CHANNEL,
            properties={"reason": SOURCE},
            source=SOURCE,
            external_id=f"customer:{customer.id}:{at or ''}",
        )
    ]


def _item(kind: str, what: str, order: Order, at: dt.datetime, *, amount: int | None, properties: dict[str, Any]) -> Item:
    number = (order.number or str(order.id))[:100]
    return Item(
        kind=kind,
        occurred_at=at,
        customer=_who(order.customer_id, order.billing),
        channel=CHANNEL,
        subject=Subject("order", number),
        amount=amount,
        currency=_iso(order.currency) if amount is not None else None,
        properties={name: value for name, value in properties.items() if value not in ("", None)},
        source=SOURCE,
        external_id=f"order:{number}:{what}",
    )


def _lines(order: Order) -> dict[str, Any]:
    lines = [
        {
            "product": line.sku or str(line.product_id or ""),
            "name": (line.name or "")[:200],
            "quantity": line.quantity,
            "amount": _minor(line.total, order.currency),
        }
        for line in order.line_items[:500]
    ]
    discount = _minor(order.discount_total, order.currency) or None
    coupon = ", ".join(coupon.code for coupon in order.coupon_lines)[:200]
    return {"number": order.number or str(order.id), "status": order.status, "lines": lines, "discount": discount, "coupon": coupon}


def _who(customer_id: int, billing: Billing) -> CustomerIn | None:
    known = [
        ("own_id", f"{SOURCE}:{customer_id}" if customer_id else ""),
        ("phone", billing.phone.strip()[:60]),
        ("email", billing.email.strip()[:254]),
    ]
    identities = [IdentityIn(kind, value) for kind, value in known if value]
    if not identities:
        return None
    name = " ".join(f"{billing.first_name} {billing.last_name}".split())[:160]
    return CustomerIn(identities=identities, name=name, attributes={"city": billing.city[:100]} if billing.city else {})


def _moment(text: str | None) -> dt.datetime:
    """A moment that WooCommerce calls GMT; now where it says none."""
    if not text:
        return clock.now()
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"'{text[:40]}' is no moment.") from None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment


def _iso(currency: str) -> str:
    return "IRR" if currency in RIALS else currency


def _minor(amount: str, currency: str) -> int:
    """Minor units: whole Rials for the four units of Iran; decimals finer than that are the shop's rounding."""
    try:
        exact = Decimal(amount or "0")
        if not exact.is_finite() or abs(exact) > 10**15:
            raise Unreadable(f"'{amount[:40]}' is no amount.")
        if currency in RIALS:
            return int((exact * RIALS[currency]).to_integral_value())
        return to_minor(exact.quantize(Decimal("0.01")) if currency not in {"JPY", "KRW"} else exact.to_integral_value(), currency)
    except (InvalidOperation, MoneyError) as error:
        raise Unreadable(f"'{amount[:40]} {currency[:10]}' is no amount of money: {error}") from None
