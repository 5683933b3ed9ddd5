"""The stages and touchpoints a new workspace starts with, in both languages; all can be edited."""

from typing import NamedTuple

from peyvand.catalogue.types import Dimension


class Default(NamedTuple):
    """One term to lay: its parent is named by code."""

    dimension: Dimension
    code: str
    fa: str
    en: str
    parent: str = ""


D = Dimension
DEFAULTS = (
    Default(D.STAGE, "before", "پیش از خرید", "Before the sale"),
    Default(D.STAGE, "during", "هنگام خرید", "During the sale"),
    Default(D.STAGE, "after", "پس از خرید", "After the sale"),
    Default(D.STAGE, "without", "بدون خرید", "Without a sale"),
    Default(D.TOUCHPOINT, "advertising", "تبلیغات", "Advertising", "before"),
    Default(D.TOUCHPOINT, "social_media", "شبکه‌های اجتماعی", "Social media", "before"),
    Default(D.TOUCHPOINT, "website", "وب‌سایت", "Website", "before"),
    Default(D.TOUCHPOINT, "search", "جست‌وجوی محصول", "Product search", "before"),
    Default(D.TOUCHPOINT, "product_page", "صفحهٔ محصول", "Product page", "before"),
    Default(D.TOUCHPOINT, "consultation", "مشاورهٔ خرید", "Buying advice", "before"),
    Default(D.TOUCHPOINT, "cart", "سبد خرید", "Cart", "during"),
    Default(D.TOUCHPOINT, "checkout", "ثبت سفارش و پرداخت", "Checkout and payment", "during"),
    Default(D.TOUCHPOINT, "store", "خرید در شعبه", "Buying in a branch", "during"),
    Default(D.TOUCHPOINT, "delivery", "تحویل سفارش", "Delivery", "after"),
    Default(D.TOUCHPOINT, "unboxing", "بسته‌بندی", "Packaging", "after"),
    Default(D.TOUCHPOINT, "product_use", "استفاده از محصول", "Using the product", "after"),
    Default(D.TOUCHPOINT, "support", "پشتیبانی", "Support", "after"),
    Default(D.TOUCHPOINT, "returns", "مرجوعی", "Returns", "after"),
    Default(D.TOUCHPOINT, "complaint", "رسیدگی به شکایت", "Complaint handling", "after"),
    Default(D.TOUCHPOINT, "visit", "بازدید از شعبه", "Visiting a branch", "without"),
    Default(D.TOUCHPOINT, "question", "پرسش و راهنمایی", "A question asked", "without"),
    Default(D.TOUCHPOINT, "community", "رویداد و باشگاه", "Events and community", "without"),
    Default(D.CHANNEL, "web", "وب‌سایت", "Website"),
    Default(D.CHANNEL, "app", "اپلیکیشن", "App"),
    Default(D.CHANNEL, "email", "ایمیل", "E-mail"),
    Default(D.CHANNEL, "sms", "پیامک", "SMS"),
    Default(D.CHANNEL, "phone", "تلفن", "Phone"),
    Default(D.CHANNEL, "store", "شعبه", "Branch"),
    Default(D.CHANNEL, "chat", "چت زنده", "Live chat"),
    Default(D.CHANNEL, "post", "پست و پیک", "Post and courier"),
)

LABELS: dict[Dimension, dict[str, tuple[str, str]]] = {
    D.MEASURE: {
        "nps": ("شاخص خالص ترویج‌کنندگان (NPS)", "Net promoters (NPS)"),
        "csat": ("شاخص رضایت (CSAT)", "Satisfaction (CSAT)"),
        "ces": ("شاخص تلاش مشتری (CES)", "Customer effort (CES)"),
        "rating": ("میانگین امتیاز", "Mean rating"),
    },
    D.SOURCE: {  # parts of the product that record; a program of a brand's own has a name it chose itself
        "survey": ("نظرسنجی", "Survey"),
        "cases": ("پیگیری", "Follow-up"),
        "desk": ("همکاران، در همین سامانه", "The team, in the console"),
        "snippet": ("وب‌سایت", "Website"),
        "peyvand": ("API", "API"),
        "woocommerce": ("ووکامرس", "WooCommerce"),
        "lifecycle": ("چرخهٔ عمر مشتری", "Customer lifecycle"),
        "demo": ("داده‌های برند نمونه", "The demo brand’s records"),
    },
    D.SUBJECT: {
        "order": ("سفارش", "Order"),
        "conversation": ("گفت‌وگو", "Conversation"),
        "call": ("تماس", "Call"),
        "invoice": ("فاکتور", "Invoice"),
        "case": ("پرونده", "Case"),
        "visit": ("بازدید", "Visit"),
    },
}


def usual_names(dimension: str, code: str) -> dict[str, str]:
    """What a term is called from its first row on, by language; empty for one that only a brand itself can name."""
    fa, en = LABELS.get(Dimension(dimension), {}).get(code, ("", ""))
    return {"fa": fa, "en": en} if fa else {}
