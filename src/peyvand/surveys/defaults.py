"""The texts a new survey starts with, in Persian and English; every one can be edited. Laid by services.editing."""

from typing import Final

Texts = dict[str, dict[str, str]]

_SHARED: Final[Texts] = {
    "fa": {
        "lead": "سفارش {order}، {date}",
        "why": "چرا این امتیاز را دادید؟",
        "why_lead": "هر کدام که درست است بزنید، یا خودتان بنویسید.",
        "words": "با حرف خودتان",
        "thanks": "نظرتان رسید، سپاسگزاریم",
        "thanks_happy": "خوشحالیم که راضی بودید.\nنظرتان را به همکارانی که در این کار سهم داشتند می‌رسانیم.",
        "thanks_mixed": "می‌خواهیم دفعهٔ بعد بهتر باشد.\nنظرتان را می‌خوانیم و در بازبینی کارها می‌آوریم.",
        "thanks_unhappy": "آن‌طور که باید نبود و از این بابت متأسفیم. حالا این می‌شود:\n"
        "یکی از همکاران ما در ساعت کاری با شما تماس می‌گیرد.\n"
        "پس از پیگیری، یک بار دیگر کوتاه می‌پرسیم که درست شد یا نه.",
        "mail_subject": "{brand} می‌خواهد نظر شما را بداند",
        "mail_body": "{name} عزیز، سلام\nدربارهٔ سفارش {order} یک پرسش کوتاه داریم. کمتر از یک دقیقه وقت می‌گیرد.",
        "mail_button": "پاسخ می‌دهم",
        "again_lead": "چند روز پیش راضی نبودید و ما پیگیری کردیم. حالا چطور است؟",
    },
    "en": {
        "lead": "Order {order}, {date}",
        "why": "Why did you give this score?",
        "why_lead": "Choose whatever is true, or write it yourself.",
        "words": "In your own words",
        "thanks": "Your answer arrived, thank you",
        "thanks_happy": "We are glad you were happy.\nWe pass this on to the colleagues who had a part in it.",
        "thanks_mixed": "We want it to be better next time.\nWe read your answer and bring it into our next review.",
        "thanks_unhappy": "It was not what it should have been, and we are sorry. This happens now:\n"
        "One of our colleagues calls you during working hours.\n"
        "After that we ask you once more, briefly, whether it was put right.",
        "mail_subject": "{brand} would like to hear from you",
        "mail_body": "Hello {name},\nWe have one short question about order {order}. It takes less than a minute.",
        "mail_button": "Answer",
        "again_lead": "A few days ago you were not happy and we followed it up. How is it now?",
    },
}
_BY_MEASURE: Final[dict[str, Texts]] = {
    "nps": {
        "fa": {
            "question": "با تجربه‌ای که داشتید، چقدر احتمال دارد {brand} را به دوستانتان معرفی کنید؟",
            "low": "۰ یعنی هرگز",
            "high": "۱۰ یعنی حتماً",
        },
        "en": {
            "question": "After this experience, how likely are you to recommend {brand} to your friends?",
            "low": "0 means never",
            "high": "10 means certainly",
        },
    },
    "csat": {
        "fa": {"question": "از این تجربه با {brand} چقدر راضی هستید؟", "low": "۱ یعنی هیچ راضی نیستم", "high": "۵ یعنی کاملاً راضی‌ام"},
        "en": {
            "question": "How satisfied are you with this experience with {brand}?",
            "low": "1 means not at all",
            "high": "5 means entirely",
        },
    },
    "ces": {
        "fa": {
            "question": "«{brand} کار مرا آسان کرد.» چقدر با این جمله موافقید؟",
            "low": "۱ یعنی کاملاً مخالفم",
            "high": "۷ یعنی کاملاً موافقم",
        },
        "en": {
            "question": "“{brand} made it easy to handle my issue.” How far do you agree?",
            "low": "1 means strongly disagree",
            "high": "7 means strongly agree",
        },
    },
}
_AFTER_DELIVERY: Final[Texts] = {
    "fa": {"question": "با تحویلی که داشتید، چقدر احتمال دارد {brand} را به دوستانتان معرفی کنید؟", "lead": "سفارش {order}، تحویل {date}"},
    "en": {
        "question": "After this delivery, how likely are you to recommend {brand} to your friends?",
        "lead": "Order {order}, delivered on {date}",
    },
}
REASONS: Final = (
    ("late", "دیر رسید", "It came late"),
    ("packaging", "بسته‌بندی یا شکستگی", "Packaging or damage"),
    ("no_news", "خبر نداشتم کی می‌رسد", "I did not know when it would come"),
    ("conduct", "رفتار پیک", "The courier’s conduct"),
    ("quality", "کیفیت محصول", "Product quality"),
    ("wrong_item", "کالای اشتباه یا ناقص", "Wrong or missing item"),
    ("price", "قیمت یا تخفیف", "Price or discount"),
    ("support", "پاسخ‌گویی پشتیبانی", "Support"),
    ("other", "چیز دیگری", "Something else"),
)
DELIVERY_REASONS: Final = ("late", "packaging", "no_news", "conduct", "quality", "wrong_item", "other")
GENERAL_REASONS: Final = ("quality", "price", "support", "conduct", "other")
GENERAL_WORDS: Final = {"conduct": ("رفتار کارکنان", "Staff’s conduct")}


def texts_for(measure: str, *, after_delivery: bool = False) -> Texts:
    """All texts of a new survey in every language we write defaults in."""
    found = {language: _SHARED[language] | _BY_MEASURE[measure][language] for language in _SHARED}
    if after_delivery:
        for language, texts in _AFTER_DELIVERY.items():
            found[language] |= texts if measure == "nps" else {"lead": texts["lead"]}
    return found


def reasons_for(*, after_delivery: bool) -> list[dict[str, str]]:
    """The reasons offered on the second page; their codes are the same wherever reasons are counted."""
    words = {code: (fa, en) for code, fa, en in REASONS} | ({} if after_delivery else GENERAL_WORDS)
    codes = DELIVERY_REASONS if after_delivery else GENERAL_REASONS
    return [{"code": code, "fa": words[code][0], "en": words[code][1]} for code in codes]
