"""`{% load peyvand %}`: filters that write for the active reader, and icons. Used by the templates of every app."""

from collections.abc import Sequence

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from peyvand.core import display, emails, forms, phones

register = template.Library()

for _write in (
    *(display.digits, display.num, display.signed, display.percent, display.share, display.money, display.shortmoney),
    *(display.day, display.shortday, display.month, display.weekday, display.clock, display.moment, display.happened, display.hour),
    *(display.ago, display.until, display.duration, display.phone, display.ltr, display.quoted, display.initials),
):
    register.filter(_write.__name__, _write)
register.filter("mask_phone", phones.mask)
register.filter("mask_email", emails.mask)
register.filter(forms.refusals)


@register.filter
def pct_of(value: float | None, scale: str | Sequence[float]) -> str:
    """Where a value stands between two ends, 0–100, for a `.pv-range`: `{{ low|pct_of:"-100,100" }}` or a pair."""
    low, high = (float(end) for end in (scale.split(",") if isinstance(scale, str) else scale))
    if value is None or high <= low:
        return "0"
    return f"{min(max(100 * (float(value) - low) / (high - low), 0.0), 100.0):.1f}"


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """One icon of the sprite, silent for screen readers: `{% icon "phone" %}`. Words beside it say what it means."""
    classes = f"pv-icon {extra_class}".strip()
    sprite = static("icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, sprite, name)
