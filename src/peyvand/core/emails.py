"""E-mail addresses: one spelling for one mailbox, and a masked form. Called by identities, imports, forms and the
fast door.
"""

import re
from ipaddress import ip_address
from typing import Final

from django.utils.translation import gettext as _

_PLAUSIBLE: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_NOBODYS_TLDS: Final = frozenset({"example", "invalid", "localhost", "test"})
_NOBODYS_DOMAINS: Final = frozenset({"example.com", "example.net", "example.org"})
_MAX_LENGTH: Final = 254
_MAX_LOCAL: Final = 64


class EmailError(ValueError):
    """The text is no e-mail address; the message says so in the reader's language."""


def normalise(text: str) -> str:
    """The address in lower case (domain in its ASCII form), without blanks and invisible marks around it. Raises
    EmailError.
    """
    address = text.lower() if text.isascii() else _ascii(text)
    address = address.strip()
    local = address.partition("@")[0]
    if len(address) > _MAX_LENGTH or len(local) > _MAX_LOCAL or not _PLAUSIBLE.fullmatch(address):
        raise EmailError(_not_an_address(text))
    return address


def is_nobodys(address: str, server: str) -> bool:
    """Whether no mailbox can ever stand behind it: its domain is kept for examples and tests (RFC 2606, RFC 6761).

    A mail server on this very machine may keep what it likes: what is sent there leaves nowhere.
    """
    labels = address.lower().rpartition("@")[2].rstrip(".").split(".")
    reserved = labels[-1] in _NOBODYS_TLDS or ".".join(labels[-2:]) in _NOBODYS_DOMAINS
    return reserved and not _is_loopback(server)


def _is_loopback(host: str) -> bool:
    name = host.strip().strip("[]").lower().rstrip(".")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def mask(email: str) -> str:
    """The address with its name hidden, for roles that do not need it: `n•••@mail.example`."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else "•••"


def _ascii(text: str) -> str:
    cleaned = _INVISIBLE.sub("", text).strip().lower()
    local, at, domain = cleaned.rpartition("@")
    if not at or not local.isascii() or len(domain) > _MAX_LENGTH:
        raise EmailError(_not_an_address(text))
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise EmailError(_not_an_address(text)) from error


def _not_an_address(text: str) -> str:
    return _("“%(text)s” is not an e-mail address. Write it like name@example.com.") % {"text": text.strip()[:80]}
