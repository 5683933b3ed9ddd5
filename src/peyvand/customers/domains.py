"""Domains of companies as people write them: an address, with www, in capitals; kept as the bare name."""

import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

LONGEST: Final = 120
_LABEL: Final = re.compile(r"(?!-)[\w-]{1,63}(?<!-)", re.ASCII)


class DomainRefused(ValueError):
    """A text that is no domain; the message is for the person who typed it."""


def normal_domain(text: str) -> str:
    """`https://www.Example.com/about` as example.com; empty for nothing. Raises DomainRefused."""
    text = text.strip().lower()
    if not text:
        return ""
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        bare = host.removeprefix("www.").rstrip(".").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        bare = ""
    labels = bare.split(".")
    if len(labels) < 2 or len(bare) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise DomainRefused(_("“%(text)s” is no domain. Write it like example.com.") % {"text": text[:60]})
    return bare
