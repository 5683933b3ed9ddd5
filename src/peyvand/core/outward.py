"""Requests to machines of others whose address somebody typed: https, public addresses only, one look-up, no redirects, short, small.

The name is resolved once and the connection goes to that very address, so that a name cannot point inside between the check and the call.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_noop as _

from peyvand.core.alarm import Alarm
from peyvand.core.reaching import LOOK_UP, look_up, reach

SECONDS: Final = 5.0
MOST_BYTES: Final = 1024 * 1024
LONGEST_ADDRESS: Final = 500
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAllowedError(ValueError):
    """An address that is never called; the message, in English and translatable, says why."""


class NoAnswerError(Exception):
    """Nobody answered in time; the message, in English and translatable, says what happened. It may pass."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers by lower-case name, the body up to a megabyte."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str) -> SplitResult:
    """The parts of an address that may be called as far as its text tells. Raises NotAllowedError."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAllowedError(_("This is no address.")) from None
    if not host or not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST_ADDRESS:
        raise NotAllowedError(_("This is no address."))
    if parts.username is not None or parts.fragment:
        raise NotAllowedError(_("The address must hold neither a user name nor a # part."))
    if _inside(parts):
        if parts.scheme not in ("http", "https"):
            raise NotAllowedError(_("The address must begin with https://."))
        return parts
    if parts.scheme != "https":
        raise NotAllowedError(_("The address must begin with https://."))
    literal = _literal(host)
    if (literal is not None and not is_public(literal)) or host.rstrip(".").endswith("localhost"):
        raise NotAllowedError(_("This address leads into a private network."))
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS) -> Answer:
    """Send a body and read the answer, within `seconds` after a look-up of `LOOK_UP` at most. Raises NotAllowedError and NoAnswerError."""
    return _exchange("POST", url, body, headers, seconds)


def get(url: str, headers: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> Answer:
    """Read what stands at an address, as `post` does."""
    return _exchange("GET", url, None, headers or {}, seconds)


def is_public(address: Address) -> bool:
    """Whether an address is one of the whole internet's, also where it hides another one inside."""
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if hidden is None and address in NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(hidden)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _exchange(method: str, url: str, body: bytes | None, headers: Mapping[str, str], seconds: float) -> Answer:
    parts = check(url)
    addresses = _addresses(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with Alarm(seconds) as alarm:
        connection = _Connection(parts, addresses, alarm, seconds)
        try:
            connection.request(method, path, body=body, headers={"Accept-Encoding": "identity", "Connection": "close", **headers})
            with connection.getresponse() as answer:
                found = answer.read(MOST_BYTES)
        except ssl.SSLCertVerificationError:
            raise NoAnswerError(_("Its certificate is not valid.")) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = alarm.rang.is_set() or isinstance(error, TimeoutError)
            raise NoAnswerError(_("No answer came in time.") if late else _("The connection failed.")) from None
        finally:
            connection.close()
    if alarm.rang.is_set():
        raise NoAnswerError(_("No answer came in time."))
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, found)


class _Connection(http.client.HTTPConnection):
    """A connection to one of the addresses that were checked."""

    def __init__(self, parts: SplitResult, addresses: Sequence[str], alarm: Alarm, seconds: float) -> None:
        self._secure = parts.scheme == "https"
        self.default_port = 443 if self._secure else 80
        super().__init__(parts.hostname or "", parts.port, timeout=seconds)
        self._addresses, self._alarm, self._seconds = addresses, alarm, seconds

    def connect(self) -> None:
        wire = self._alarm.watch(reach(self._addresses, self.port, self._alarm, self._seconds))
        self.sock = self._alarm.secured(wire, ssl.create_default_context(), self.host) if self._secure else wire


def _addresses(parts: SplitResult) -> list[str]:
    """The addresses of a name; one private address among them refuses it whole."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = look_up(parts.hostname or "", port, LOOK_UP)
    except TimeoutError:
        raise NoAnswerError(_("No answer came in time.")) from None
    except (OSError, UnicodeError):
        raise NoAnswerError(_("The name is not known.")) from None
    if not _inside(parts) and not all(is_public(ipaddress.ip_address(address.partition("%")[0])) for address in addresses):
        raise NotAllowedError(_("This address leads into a private network."))
    return addresses


def _inside(parts: SplitResult) -> bool:
    """Whether the operator named this host, or this host and port, as one inside that may be called."""
    host = (parts.hostname or "").rstrip(".")
    return bool({host, f"{host}:{parts.port}"} & set(settings.PEYVAND_INTERNAL_HOSTS))


def _literal(host: str) -> Address | None:
    """The address that a host is written as, in any of the ways in which systems read one: 127.1, 0x7f000001, 2130706433."""
    with suppress(OSError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    return None
