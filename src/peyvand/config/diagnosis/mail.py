"""Checks of mail: the server answers, and the domain of each sender tells the world that it may send (SPF, DKIM, DMARC)."""

import smtplib
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import get_connection

from peyvand.channels.models import Channel
from peyvand.config.diagnosis import names_of_mail as named
from peyvand.config.diagnosis.findings import State
from peyvand.core import emails

MAIL_SECONDS: Final = 5
ENOUGH_SENDERS: Final = 20  # of an installation with hundreds of brands, the first say enough


def server() -> Iterator[tuple[State, str]]:
    """The installation's mail server answers, takes our password, and knows its protection."""
    if not settings.PEYVAND_MAIL_READY:
        yield "note", "no mail server is set (PEYVAND_SMTP_HOST): nothing is sent, mails are kept in the data folder"
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        mail = get_connection(timeout=MAIL_SECONDS)
        mail.open()
        mail.close()
    except (OSError, smtplib.SMTPException) as error:
        yield "fault", f"{where} cannot be used: {error}. Look at the PEYVAND_SMTP_ settings."
        return
    yield "ok", f"{where} answers"


def installation_names() -> Iterator[tuple[State, str]]:
    """SPF, DKIM and DMARC of the installation's sender."""
    if settings.PEYVAND_MAIL_READY:
        yield from _of(parseaddr(settings.DEFAULT_FROM_EMAIL)[1], "PEYVAND_SMTP_FROM")


def brand_names() -> Iterator[tuple[State, str]]:
    """SPF, DKIM and DMARC of the senders that workspaces set up themselves."""
    own = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] if settings.PEYVAND_MAIL_READY else ""
    stored = Channel.objects.filter(kind="email", is_active=True).order_by("id").values_list("workspace__slug", "settings")
    seen = {own}
    for slug, values in stored[:ENOUGH_SENDERS]:
        sender = str(values.get("sender", ""))
        domain = sender.rpartition("@")[2].lower()
        if sender and domain not in seen:
            seen.add(domain)
            yield from _of(sender, f"the e-mail channel of workspace {slug}")


def _of(sender: str, where: str) -> Iterator[tuple[State, str]]:
    domain = sender.rpartition("@")[2].lower()
    if "." not in domain or emails.is_nobodys(sender, settings.EMAIL_HOST or "mail"):
        yield "note", f"mails come from {domain or 'nowhere'}, a domain that nobody has: name a sender of your own in {where}"
        return
    yield from named.looked_up(domain, settings.PEYVAND_DKIM_SELECTOR)
