"""The brand «سفالینه»: its branches, carriers, touchpoints and channels, as facts.

Read by the rest of the simulation, and by the loader, which makes catalogue terms of them.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from peyvand.catalogue.defaults import DEFAULTS
from peyvand.catalogue.types import Dimension

SOURCE: Final = "demo"
TIME_ZONE: Final = "Asia/Tehran"
CURRENCY: Final = "IRR"

BRAND: Final[dict[str, str]] = {"fa": "سفالینه", "en": "Sofalineh", "colour": "#b4532f"}


@dataclass(frozen=True)
class TermSpec:
    """One catalogue term the demo needs; `parent` is the code of a term above it of the same dimension."""

    dimension: str
    code: str
    fa: str
    en: str
    parent: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class City:
    """A place goods are sent to: `branch` packs and sends them, `share` of customers live there."""

    code: str
    fa: str
    branch: str
    share: float
    promised_days: int


@dataclass(frozen=True)
class Branch:
    """A shop; `footfall` weighs how much of the counter trade is here, `tone` how its sellers are felt."""

    code: str
    fa: str
    en: str
    city: str
    footfall: float
    tone: float


BRANCHES: Final = (
    Branch("vanak", "شعبهٔ ونک", "Vanak branch", "tehran", 0.24, 0.14),
    Branch("bazaar", "شعبهٔ بازار تهران", "Tehran Bazaar branch", "tehran", 0.19, -0.12),
    Branch("karaj", "شعبهٔ کرج", "Karaj branch", "karaj", 0.13, 0.02),
    Branch("isfahan", "شعبهٔ اصفهان", "Isfahan branch", "isfahan", 0.13, -0.05),
    Branch("mashhad", "شعبهٔ مشهد", "Mashhad branch", "mashhad", 0.11, 0.08),
    Branch("shiraz", "شعبهٔ شیراز", "Shiraz branch", "shiraz", 0.09, 0.2),
    Branch("tabriz", "شعبهٔ تبریز", "Tabriz branch", "tabriz", 0.07, 0.05),
    Branch("rasht", "شعبهٔ رشت", "Rasht branch", "rasht", 0.04, 0.1),
)

CITIES: Final = (
    City("tehran", "تهران", "vanak", 0.30, 2),
    City("karaj", "کرج", "karaj", 0.145, 3),
    City("isfahan", "اصفهان", "isfahan", 0.10, 3),
    City("mashhad", "مشهد", "mashhad", 0.09, 4),
    City("shiraz", "شیراز", "shiraz", 0.075, 4),
    City("tabriz", "تبریز", "tabriz", 0.06, 4),
    City("rasht", "رشت", "rasht", 0.045, 3),
    City("qom", "قم", "bazaar", 0.035, 3),
    City("ahvaz", "اهواز", "bazaar", 0.03, 5),
    City("yazd", "یزد", "isfahan", 0.025, 4),
    City("kerman", "کرمان", "shiraz", 0.02, 5),
    City("hamedan", "همدان", "bazaar", 0.02, 4),
    City("qazvin", "قزوین", "bazaar", 0.02, 3),
    City("urmia", "ارومیه", "tabriz", 0.015, 5),
    City("sari", "ساری", "bazaar", 0.02, 4),
)

CARRIERS: Final[dict[str, dict[str, str]]] = {
    "own": {"fa": "پیک سفالینه", "en": "Sofalineh couriers"},
    "tondava": {"fa": "تندآوا", "en": "Tondava"},
    "sepidbar": {"fa": "سپیدبار", "en": "Sepidbar"},
    "rahvand": {"fa": "راهوند", "en": "Rahvand"},
}

STAGE_OF: Final[dict[str, str]] = {d.code: d.parent for d in DEFAULTS if d.dimension is Dimension.TOUCHPOINT}

# Beside the channels every workspace starts with
CHANNELS: Final = (
    TermSpec("channel", "kiosk", "کیوسک شعبه", "Branch kiosk"),
    TermSpec("channel", "whatsapp", "واتس‌اپ", "WhatsApp"),
)

DEPARTMENTS: Final = (
    TermSpec("department", "logistics", "ارسال و انبار", "Logistics"),
    TermSpec("department", "support", "پشتیبانی", "Support"),
    TermSpec("department", "branches", "شعبه‌ها", "Branches"),
    TermSpec("department", "online", "فروش آنلاین", "Online sales"),
    TermSpec("department", "design", "طراحی و تولید", "Design and making"),
)

ITEMS: Final = (
    TermSpec("item", "delivery_time", "زمان تحویل", "Delivery time"),
    TermSpec("item", "packaging", "بسته‌بندی", "Packaging"),
    TermSpec("item", "product_quality", "کیفیت کالا", "Product quality"),
    TermSpec("item", "value", "ارزش در برابر قیمت", "Worth the price"),
    TermSpec("item", "courier", "رفتار پیک", "The courier"),
    TermSpec("item", "staff", "برخورد فروشنده", "The seller"),
)

DEVICES: Final = (
    TermSpec("device", "mobile", "موبایل", "Mobile"),
    TermSpec("device", "desktop", "رایانه", "Desktop"),
    TermSpec("device", "app", "اپلیکیشن", "App"),
    TermSpec("device", "kiosk", "کیوسک", "Kiosk"),
)

# Kinds no app declares yet; the loader declares them in the workspace's own settings.
OWN_KINDS: Final[dict[str, dict[str, str]]] = {
    "chat.ended": {"fa": "گفت‌وگوی چت پایان یافت", "en": "Live chat ended"},
}

REASONS: Final[dict[str, dict[str, str]]] = {
    "late": {"fa": "دیر رسید", "en": "It came late"},
    "packaging": {"fa": "بسته‌بندی یا شکستگی", "en": "Packaging or breakage"},
    "no_notice": {"fa": "خبر نداشتم کی می‌رسد", "en": "Nobody told me when"},
    "courier": {"fa": "رفتار پیک", "en": "The courier"},
    "quality": {"fa": "کیفیت کالا", "en": "Product quality"},
    "price": {"fa": "قیمت و تخفیف", "en": "Price and discount"},
    "support": {"fa": "پشتیبانی", "en": "Support"},
    "returns": {"fa": "مرجوعی و تعویض", "en": "Returns"},
    "site": {"fa": "سایت یا اپلیکیشن", "en": "Website or app"},
    "branch": {"fa": "شعبه و فروشنده", "en": "Branch and seller"},
    "other": {"fa": "چیز دیگری", "en": "Something else"},
}
