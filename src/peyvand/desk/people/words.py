"""Words the pages about customers share: stages, feelings, purposes of consent, reasons."""

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from peyvand.catalogue.defaults import usual_names
from peyvand.catalogue.types import Dimension
from peyvand.customers.types import ANY_CHANNEL, Band, Hour, Purpose, Sort, Stage

STAGE_TONES = {
    Stage.AMBASSADOR: "good",
    Stage.LOYAL: "good",
    Stage.REPEAT: "accent",
    Stage.AT_RISK: "mixed",
    Stage.LOST: "bad",
}
BAND_TONES = {Band.GOOD: "good", Band.MIXED: "", Band.BAD: "bad", Band.NONE: ""}


def stage_tone(stage: Stage) -> str:
    """How a stage is drawn."""
    return STAGE_TONES.get(stage, "")


def band_label(band: Band) -> str:
    """What a band of scores is called."""
    return {Band.GOOD: _("Happy"), Band.MIXED: _("In between"), Band.BAD: _("Unhappy"), Band.NONE: _("Nothing said")}[band]


def sort_label(sort: Sort) -> str:
    """What a list is sorted by."""
    return {
        Sort.LAST_SEEN: _("Last seen"),
        Sort.NAME: _("Name"),
        Sort.PURCHASES: _("Purchases"),
        Sort.FIRST_SEEN: _("Known since"),
    }[sort]


def channel_name(channel: str) -> str:
    """The name of a way to contact somebody."""
    names = {
        "sms": _("SMS"),
        "email": _("E-mail"),
        "phone": _("Phone call"),
        "whatsapp": _("WhatsApp"),
        "telegram": _("Telegram"),
        ANY_CHANNEL: _("Every channel"),
    }
    return names.get(channel, channel)


def consent_label(purpose: str, channel: str) -> str:
    """A pair of purpose and channel in a few words."""
    labels = {
        Purpose.SURVEY.value: _("Surveys: %(channel)s"),
        Purpose.SERVICE.value: _("Service: %(channel)s"),
        Purpose.MARKETING.value: _("Offers: %(channel)s"),
    }
    return labels.get(purpose, f"{purpose}: %(channel)s") % {"channel": channel_name(channel)}


def consent_source(source: str) -> str:
    """Where a word about being written to came from when no member wrote it down; a program may name itself."""
    known = {
        "demo": _("from the demo brand’s records"),
        "survey": _("on the page of a survey"),
        "unsubscribe": _("on the unsubscribe page"),
        "page": _("on a page of ours"),
        "phone": _("on the phone"),
        "desk": _("in the console"),
        "snippet": _("on the website"),
        "peyvand": _("by the API"),
        "woocommerce": _("from WooCommerce"),
    }
    return known.get(source) or _("from “%(name)s”") % {"name": source}


def source_name(source: str) -> str:
    """What a part of the product that records interactions is called; empty for programs of the brand's own."""
    return usual_names(Dimension.SOURCE, source).get((get_language() or "en")[:2], "")


def hour_label(hour: str) -> str:
    """A time of day somebody likes to be reached at."""
    names = {
        Hour.MORNING.value: pgettext("time of day", "in the morning"),
        Hour.NOON.value: pgettext("time of day", "around noon"),
        Hour.EVENING.value: pgettext("time of day", "in the evening"),
    }
    return names.get(hour, "")


def reason_label(code: str) -> str:
    """Why somebody called or was unhappy, to stand inside a sentence; unknown codes are shown as they are."""
    known = {
        "question": _("a question"),
        "order_status": _("where the order is"),
        "order_late": _("an order that did not come"),
        "broken": _("something broken"),
        "damage": _("something broken"),
        "wrong_item": _("a wrong item"),
        "discount": _("a discount"),
        "refund": _("money back"),
        "return": _("a return"),
        "returns": _("a return"),
        "complaint": _("a complaint"),
        "changed_mind": _("a change of mind"),
        "late": _("late delivery"),
        "packaging": _("packaging or damage"),
        "quality": _("product quality"),
        "price": _("price or discount"),
        "support": _("support"),
        "conduct": _("conduct"),
        "no_news": _("no news"),
        "no_notice": _("no news"),
        "courier": _("the courier"),
        "site": _("the website"),
        "branch": _("the branch"),
        "delivery": _("the delivery"),
        "other": _("something else"),
    }
    return known.get(code, code.replace("_", " "))
