"""`{% load peyvand %}`: filters that write for the active reader, and icons. Used by the templates of every app."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from peyvand.core import display, forms

register = template.Library()

for _write in (
    *(display.digits, display.num, display.signed, display.percent, display.share, display.money, display.shortmoney),
    *(display.day, display.shortday, display.month, display.weekday, display.clock, display.moment, display.happened, display.hour),
    *(display.ago, display.until, display.duration, display.phone, display.ltr, display.quoted, display.initials),
):
    register.filter(_write.__name__, _write)
register.filter(forms.refusals)


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """One icon of the sprite, silent for screen readers: `{% icon "phone" %}`. Words beside it say what it means."""
    classes = f"pv-icon {extra_class}".strip()
    sprite = static("icons.svg")
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, sprite, name)
