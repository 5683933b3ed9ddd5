"""Guesses which column means what, by the names people give columns in Persian and English. Called by the wizard."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from peyvand.core.persian import joined_key
from peyvand.customers.attributes import USUAL_NAMES

NAMES: Final[dict[str, tuple[str, ...]]] = {
    "phone": (
        "phone", "mobile", "cellphone", "billing phone", "phone number", "tel", "تلفن", "تلفن همراه", "موبایل",
        "شماره موبایل", "شماره تماس", "همراه", "شماره تلفن", "شماره همراه",
    ),
    "email": (
        "email", "e-mail", "mail", "billing email", "ایمیل", "پست الکترونیک", "رایانامه",
    ),
    "own_id": (
        "customer id", "customer_id", "client id", "user id", "customer code", "member id", "customer", "کد مشتری",
        "شماره مشتری", "شناسه مشتری", "کد اشتراک",
    ),
    "name": (
        "name", "full name", "customer name", "نام", "نام مشتری", "نام و نام خانوادگی", "نام خریدار", "نام کامل",
    ),
    "occurred_at": (
        "date", "order date", "created at", "date created", "created", "time", "datetime", "purchase date", "تاریخ",
        "تاریخ سفارش", "تاریخ خرید", "تاریخ ثبت", "زمان", "تاریخ فاکتور", "تاریخ نظر",
    ),
    "external_id": (
        "order number", "order id", "order_id", "invoice", "invoice no", "invoice number", "review id", "id", "number",
        "شماره سفارش", "کد سفارش", "شماره فاکتور", "شناسه", "کد رهگیری", "شماره",
    ),
    "amount": (
        "amount", "total", "order total", "price", "sum", "مبلغ", "مبلغ کل", "جمع", "جمع کل", "قیمت", "مبلغ سفارش",
        "مبلغ فاکتور", "مبلغ پرداختی",
    ),
    "product": (
        "product", "product name", "item", "sku", "محصول", "نام محصول", "کالا", "نام کالا",
    ),
    "branch": (
        "branch", "store", "shop", "شعبه", "فروشگاه", "نام شعبه",
    ),
    "department": (
        "department", "team", "دپارتمان", "بخش", "واحد",
    ),
    "channel": (
        "channel", "source", "کانال", "کانال فروش",
    ),
    "employee": (
        "employee", "agent", "seller", "cashier", "کارمند", "فروشنده", "اپراتور", "کارشناس",
    ),
    "score": (
        "score", "rating", "stars", "nps", "csat", "ces", "grade", "review score", "امتیاز", "نمره", "رتبه", "رضایت",
    ),
    "comment": (
        "comment", "review", "text", "feedback", "message", "opinion", "نظر", "متن نظر", "توضیحات", "دیدگاه", "متن",
    ),
}  # fmt: skip
USUAL: Final = {"order.placed": "orders", "review.written": "reviews", "customer.updated": "customers"}
TOMAN: Final = re.compile(r"تومان|تومن|toman|\birt\b", re.IGNORECASE)
RIAL: Final = re.compile(r"ریال|rial|\birr\b", re.IGNORECASE)
BRACKETS: Final = re.compile(r"[(\[（][^()\[\]（）]*[)\]）]|تومان|ریال")


def guess(columns: Sequence[str], file_name: str = "") -> dict[str, Any]:
    """Choices of the wizard's form that the column names suggest; what is not clear is left out."""
    keys = {_key(name): name for name in reversed(columns)}
    found: dict[str, Any] = {}
    for field, names in NAMES.items():
        known = [keys[key] for name in names if (key := _key(name)) in keys and keys[key] not in found.values()]
        if known:
            found[field] = known[0]
    found["kind"] = _kind(found)
    if "amount" in found:
        found["unit"] = "toman" if TOMAN.search(found["amount"]) else "rial" if RIAL.search(found["amount"]) else ""
    found["source"] = re.sub(r"[^a-z0-9]+", "-", file_name.rpartition(".")[0].lower()).strip("-")[:40] or USUAL[found["kind"]]
    if "score" in found:
        name = found["score"].lower()
        found["measure"] = next((measure for measure in ("nps", "csat", "ces") if measure in name), "rating")
    if any(who in found for who in ("phone", "email", "own_id")):
        found["attributes"] = [name for name in columns if usual_attribute(name) and name not in found.values()]
    return {field: value for field, value in found.items() if value}


def usual_attribute(column: str) -> str:
    """The attribute of customers that a column is usually called after: city for شهر; empty where it is none of them."""
    return _attributes().get(_key(column), "")


@cache
def _attributes() -> dict[str, str]:
    return {_key(name): code for code, names in USUAL_NAMES.items() for name in (code, *names.values())}


def _kind(found: dict[str, Any]) -> str:
    if "score" in found or "comment" in found:
        return "review.written"
    return "order.placed" if "amount" in found or "product" in found else "customer.updated"


def _key(name: str) -> str:
    return joined_key(BRACKETS.sub("", name).replace("_", " ")) or joined_key(name)
