"""What the DNS says of a domain that sends mail: who may send for it (SPF), its key (DKIM), what to do with forgeries (DMARC).

RFC 7208, 6376, 7489. Asked by `peyvand doctor`; where nobody answers, it says so and accuses nobody.
"""

import re
from collections.abc import Iterator
from typing import Final

import dns.exception
import dns.resolver

from peyvand.config.diagnosis.findings import State

SECONDS: Final = 3.0
SHORT_KEY: Final = 200  # characters of base64: a key of 1024 bits has some 216, one of 2048 some 392
_POLICY: Final = re.compile(r"(?:^|;)\s*p\s*=\s*(\w+)", re.IGNORECASE)
_KEY: Final = re.compile(r"(?:^|;)\s*p\s*=\s*([A-Za-z0-9+/=\s]*)")


class CouldNotAsk(Exception):
    """No name server answered in time, or this machine knows none."""


def looked_up(domain: str, selector: str, resolver: dns.resolver.Resolver | None = None) -> Iterator[tuple[State, str]]:
    """What is right and wrong with the records of a sender's domain; one line where no name server answers."""
    try:
        asked = resolver or dns.resolver.Resolver()
        for look in (_spf(domain, asked), _dkim(domain, selector, asked), _dmarc(domain, asked)):
            yield from look
    except (CouldNotAsk, dns.resolver.NoResolverConfiguration):
        yield "note", f"could not ask about SPF, DKIM and DMARC of {domain}: no name server answers from here"


def _spf(domain: str, resolver: dns.resolver.Resolver) -> Iterator[tuple[State, str]]:
    found = [text for text in _texts(domain, resolver) if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        yield "note", f"{domain} has no SPF record: many servers put its mails into spam. Add a TXT record `v=spf1 … -all`."
    elif len(found) > 1:
        yield "fault", f"{domain} has {len(found)} SPF records, so that none counts. Join them into one."
    elif re.search(r"(?:^|\s)\+?all(?:\s|$)", found[0].lower()):
        yield "fault", f"the SPF record of {domain} ends with +all: everybody may send in its name. Write -all or ~all."
    else:
        yield "ok", f"SPF of {domain}: {found[0]}"


def _dkim(domain: str, selector: str, resolver: dns.resolver.Resolver) -> Iterator[tuple[State, str]]:
    if not selector:
        yield "note", f"DKIM of {domain} was not looked up: set PEYVAND_DKIM_SELECTOR to s= of the DKIM-Signature your mail server writes"
        return
    name = f"{selector}._domainkey.{domain}"
    keys = [match[1] for text in _texts(name, resolver) if (match := _KEY.search(text))]
    key = "".join(keys[0].split()) if keys else None
    if key is None:
        yield "note", f"there is no DKIM key at {name}. Publish that of your mail server, or mend PEYVAND_DKIM_SELECTOR."
    elif not key:
        yield "fault", f"the DKIM key at {name} was taken back (p= is empty): signatures with it are refused. Publish a new one."
    elif len(key) < SHORT_KEY and "k=ed25519" not in "".join(_texts(name, resolver)).replace(" ", "").lower():
        yield "note", f"the DKIM key at {name} is shorter than 1024 bits. Make one of 2048."
    else:
        yield "ok", f"DKIM of {domain}: a key at {name}"


def _dmarc(domain: str, resolver: dns.resolver.Resolver) -> Iterator[tuple[State, str]]:
    for parent in _parents(domain):
        found = [text for text in _texts(f"_dmarc.{parent}", resolver) if text.lower().startswith("v=dmarc1")]
        if len(found) > 1:
            yield "fault", f"_dmarc.{parent} has {len(found)} DMARC records, so that none counts. Keep one."
            return
        if found:
            policy = _POLICY.search(found[0])
            wrong = f"the DMARC record at _dmarc.{parent} has no p=: write `v=DMARC1; p=none` at least."
            yield ("ok", f"DMARC of {domain}: {found[0]}") if policy else ("fault", wrong)
            return
    yield "note", f"{domain} has no DMARC record: large providers ask for one. Add a TXT record at _dmarc.{domain}: `v=DMARC1; p=none`."


def _parents(domain: str) -> list[str]:
    """The domain itself and those above it that somebody can own: a record of the organisation holds for what is below."""
    labels = domain.split(".")
    return [".".join(labels[n:]) for n in range(len(labels) - 1)]


def _texts(name: str, resolver: dns.resolver.Resolver) -> list[str]:
    """The TXT records of a name, each joined from its pieces. Raises CouldNotAsk."""
    try:
        answer = resolver.resolve(name, "TXT", lifetime=SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise CouldNotAsk(name) from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
