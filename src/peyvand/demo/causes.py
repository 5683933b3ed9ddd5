"""What really made customers happy or unhappy, with dates and sizes: the truth later analysis is judged by.

Days are counted back from today, so the story is the same whenever the demo is made.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from peyvand.demo.arrays import Bools, Ints
from peyvand.demo.seasons import WINDOW_DAYS


@dataclass(frozen=True)
class Cause:
    """One cause: active from `days_ago` until `until_days_ago` (0 = still), for `segment`, moving `measure` by about `effect`."""

    code: str
    fa: str
    en: str
    days_ago: int
    until_days_ago: int
    segment: dict[str, str]
    measure: str
    effect: str
    size: float

    def active(self, days: Ints) -> Bools:
        """Whether the cause works on each day number."""
        return (days >= WINDOW_DAYS - 1 - self.days_ago) & (days <= WINDOW_DAYS - 1 - self.until_days_ago)

    def described(self, today: date) -> dict[str, Any]:
        """The cause as plain data with its dates."""
        return {
            "code": self.code,
            "fa": self.fa,
            "en": self.en,
            "since": (today - timedelta(days=self.days_ago)).isoformat() if self.days_ago else None,
            "until": (today - timedelta(days=self.until_days_ago)).isoformat() if self.until_days_ago else None,
            "segment": self.segment,
            "measure": self.measure,
            "effect": self.effect,
            "size": self.size,
        }


CARRIER_CHANGE: Final = Cause(
    "carrier_change",
    "تغییر شرکت پست در کرج",
    "New carrier in Karaj",
    49,
    0,
    {"branch": "karaj", "carrier": "rahvand"},
    "csat",
    "Share of late deliveries in Karaj rises from about 1 in 10 to about 4 in 5",
    0.72,
)
PORCELAIN_BOX: Final = Cause(
    "porcelain_box",
    "کارتن نازک‌تر برای چینی‌جات",
    "Thinner box for porcelain",
    122,
    0,
    {"category": "porcelain"},
    "csat",
    "Share of porcelain orders that arrive broken rises from 3 % to about 10 %",
    0.07,
)
EVENING_SHIFT: Final = Cause(
    "evening_shift",
    "نوبت عصر پشتیبانی دو نفره شد",
    "Second person on the evening support shift",
    80,
    0,
    {"department": "support", "hours": "17-23"},
    "ces",
    "Median first answer in the evening falls from 6 minutes to 2",
    -4.0,
)
DISCOUNT_BUG: Final = Cause(
    "discount_bug",
    "تخفیف در سبد خرید می‌پرید",
    "Discounts vanished in the cart",
    34,
    33,
    {"channel": "web"},
    "nps",
    "For two days six of ten web orders lost their discount at payment",
    0.6,
)
ISFAHAN_RETURNS: Final = Cause(
    "isfahan_returns",
    "صف مرجوعی در شعبهٔ اصفهان",
    "Queue at the returns desk in Isfahan",
    230,
    13,
    {"branch": "isfahan", "touchpoint": "returns"},
    "csat",
    "Wait at the returns desk is about 40 minutes instead of 9",
    31.0,
)
ISFAHAN_DESK: Final = Cause(
    "isfahan_desk",
    "میز دوم مرجوعی در اصفهان",
    "Second returns desk in Isfahan",
    12,
    0,
    {"branch": "isfahan", "touchpoint": "returns"},
    "csat",
    "Wait falls to about 14 minutes; few answers yet",
    -26.0,
)
APP_VERSION: Final = Cause(
    "app_version",
    "نسخهٔ ۳ اپلیکیشن",
    "Version 3 of the app",
    430,
    0,
    {"device": "app"},
    "ces",
    "Checkout in the app becomes about 0.6 of 7 easier",
    0.75,
)
PRICE_RISE: Final = Cause(
    "price_rise",
    "افزایش قیمت‌ها",
    "Price rise",
    252,
    0,
    {},
    "value",
    "Prices rise by 17 %; felt value falls and recovers in about three months",
    -0.5,
)
FOLLOW_UP: Final = Cause(
    "follow_up",
    "پیگیری نارضایتی‌ها آغاز شد",
    "Unhappy customers are called back",
    130,
    0,
    {"score": "low"},
    "repurchase",
    "A customer won back buys again about as if nothing had happened",
    0.5,
)
NOWRUZ_RUSH: Final = Cause(
    "nowruz_rush",
    "شلوغی پیش از نوروز",
    "Rush before Nowruz",
    0,
    0,
    {"season": "nowruz"},
    "csat",
    "In Esfand deliveries take about half as long again (yearly, not dated)",
    0.55,
)

CAUSES: Final = (
    CARRIER_CHANGE,
    PORCELAIN_BOX,
    EVENING_SHIFT,
    DISCOUNT_BUG,
    ISFAHAN_RETURNS,
    ISFAHAN_DESK,
    APP_VERSION,
    PRICE_RISE,
    FOLLOW_UP,
    NOWRUZ_RUSH,
)

# Who answers: chance of an answer, multiplied by how the experience was; silent customers never answer a survey that was sent.
RESPONSE_BIAS: Final[dict[str, float]] = {"very_unhappy": 1.45, "unhappy": 1.15, "middle": 0.78, "happy": 0.92, "very_happy": 1.22}
SILENT_SHARE: Final = 0.36
SILENT_BOND: Final = -0.32
