"""The page a person reads while too many wait already. It is whole in itself: its style and font ask nothing of a server that is full.

Sent by the bridge.
"""

from functools import cache
from typing import Final

from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from peyvand.edge.asgi import Headers

LANGUAGES: Final = ("fa", "en")  # nobody has asked the session or the brand which one the reader has, so both are said
STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.8 Vazirmatn,Tahoma,system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}"
    "h1,h2{font-size:1.4rem}section+section{margin-block-start:3rem}"
)
HEADERS: Final[Headers] = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    (b"retry-after", b"2"),
]


@cache
def page() -> bytes:
    """The page in both languages."""
    said = "".join(map(_said, LANGUAGES))
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    with override(LANGUAGES[0]):
        head = f'{meta}<meta name="robots" content="noindex"><title>{_("It is very busy right now")}</title><style>{STYLE}</style>'
    return f'<!DOCTYPE html><html lang="{LANGUAGES[0]}" dir="rtl"><head>{head}</head><body><main>{said}</main></body></html>'.encode()


def _said(language: str) -> str:
    direction = "rtl" if get_language_info(language)["bidi"] else "ltr"
    with override(language):
        title = _("It is very busy right now")
        text = _("This page was not opened, and nothing was changed. Wait a few seconds, then open it again.")
    heading = "h1" if language == LANGUAGES[0] else "h2"
    return f'<section lang="{language}" dir="{direction}"><{heading}>{title}</{heading}><p>{text}</p></section>'
