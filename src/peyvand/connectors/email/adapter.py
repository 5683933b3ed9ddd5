"""The e-mail channel: one message by SMTP, from the workspace's own mailbox or the installation's."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Final, cast

from django.conf import settings as django_settings
from django.utils.translation import gettext_noop as _

from peyvand.channels.types import Account, Delivery, Envelope, Field, Incoming, Unreadable
from peyvand.connectors.email.headers import POLICY
from peyvand.core import clock, emails
from peyvand.core.alarm import Alarm
from peyvand.core.files import safe_name, write_atomically
from peyvand.core.reaching import look_up, reach
from peyvand.timeline.types import Item

TIMEOUT = 15
LONGEST = 180  # of everything together: a server that drips its words letter by letter would keep us for days
TIMEOUT_OF_A_MAIL = 60  # servers read a mail for viruses before they answer; who gives up too soon sends it twice
ACCEPTED = (250, 251)
TLS = (("starttls", "STARTTLS (587)"), ("tls", "TLS (465)"), ("none", _("None")))
KEPT = "kept in mail/"


class EmailAdapter:
    """Sends mail; answers come back through survey links, so it receives nothing."""

    kind = "email"
    label = _("E-mail")
    identity = "email"
    sends = True
    receives = False
    fields: Sequence[Field] = (
        Field("host", _("Mail server"), _("For example smtp.example.ir")),
        Field("port", _("Port"), default="587", kind="number"),
        Field("tls", _("Protection"), default="starttls", kind="choice", choices=TLS),
        Field("user", _("User name"), required=False),
        Field("password", _("Password"), secret=True, required=False),
        Field("sender", _("Sender’s address"), _("Customers see this address; what they answer goes there."), kind="email"),
    )

    def send(self, account: Account, envelope: Envelope) -> Delivery:
        """Send one message. A server that is away or busy may pass; a refused address does not."""
        way = account if account.settings else _installation(account)
        if way is None:
            return _keep(compose(account, envelope), envelope.key)
        if emails.is_nobodys(envelope.to, way.settings["host"]):
            return Delivery(sent=False, error=_NOBODYS)
        return _send(way, envelope)

    def forget(self, keys: Sequence[str]) -> None:
        """Delete the files of mails that were kept for want of a server."""
        for key in keys:
            (Path(django_settings.EMAIL_FILE_PATH) / _file_name(key)).unlink(missing_ok=True)

    def receive(self, account: Account, call: Incoming) -> list[Item]:  # noqa: ARG002 - the contract's
        """Nothing comes in this way: any call is refused."""
        raise Unreadable("E-mail takes no calls.")


def _send(account: Account, envelope: Envelope) -> Delivery:
    """Give one message to a server, and say what became of it."""
    try:
        mail = compose(account, envelope)
        with _connected(account, envelope.within or LONGEST) as server:
            _address(server, mail, envelope.to)
            envelope.handing_over()
            if not _hand_over(server, mail):
                return Delivery(sent=False, unsure=True)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = error.recipients[envelope.to]
        said = _words(smtplib.SMTPResponseException(code, words))
        return Delivery(sent=False, error=said, may_pass=400 <= code < 500, no_address=_names_nobody(code, said))
    except smtplib.SMTPResponseException as error:
        return Delivery(sent=False, error=_words(error), may_pass=400 <= error.smtp_code < 500)
    except ssl.SSLCertVerificationError as error:
        return Delivery(sent=False, error=_words(error))
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(sent=False, error=_words(error), may_pass=True)
    except ValueError as error:  # a header that would break out of its line
        return Delivery(sent=False, error=str(error))
    return Delivery(sent=True, receipt=str(mail["Message-ID"]))


def compose(account: Account, envelope: Envelope) -> EmailMessage:
    """The mail of an envelope; its Message-ID follows from the key, so that a repeat is recognised as one."""
    message = envelope.message
    local, domain = _sender(account)
    mail = EmailMessage(POLICY)
    mail["Subject"] = _one_line(message.subject)
    mail["From"] = Address(_one_line(account.name), local, domain)
    to_local, _at, to_domain = envelope.to.rpartition("@")
    mail["To"] = Address("", to_local, to_domain)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{envelope.key}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    # base64: Persian is two bytes a letter, and not every server takes eight bits.
    mail.set_content(message.text, cte="base64")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="base64")
    return mail


def _sender(account: Account) -> tuple[str, str]:
    address = account.settings.get("sender") or parseaddr(django_settings.DEFAULT_FROM_EMAIL)[1]
    local, _at, domain = address.rpartition("@")
    return local, domain


def _installation(account: Account) -> Account | None:
    """The installation's own mail server under the brand's name; None when there is none."""
    if not django_settings.PEYVAND_MAIL_READY:
        return None
    tls = "tls" if django_settings.EMAIL_USE_SSL else "starttls" if django_settings.EMAIL_USE_TLS else "none"
    settings = {
        "host": django_settings.EMAIL_HOST,
        "port": str(django_settings.EMAIL_PORT),
        "tls": tls,
        "user": django_settings.EMAIL_HOST_USER,
    }
    return Account(account.name, settings, {"password": django_settings.EMAIL_HOST_PASSWORD})


def _keep(mail: EmailMessage, key: str) -> Delivery:
    """Without any mail server, keep the mail in the data folder, where a person can open it."""
    folder = Path(django_settings.EMAIL_FILE_PATH)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(folder / _file_name(key), bytes(mail))
    except OSError as error:
        return Delivery(sent=False, error=_words(error), may_pass=True)
    return Delivery(sent=True, receipt=KEPT)


def kept_mails(slug: str) -> list[Path]:
    """The files of a brand's mails that were kept, whole or broken off: every key begins with its slug."""
    folder = Path(django_settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.name.removeprefix(".").startswith(f"{safe_name(slug)}.") and path.is_file()]


def _file_name(key: str) -> str:
    return f"{safe_name(key)}.eml"


def _one_line(text: str) -> str:
    """Without line breaks and other control characters, so that no text can add a header."""
    return " ".join("".join(letter if letter.isprintable() or letter == "\u200c" else " " for letter in text).split())


def _address(server: smtplib.SMTP, mail: EmailMessage, to: str) -> None:
    """Say from whom and to whom. Raises SMTPResponseException where the sender is refused, SMTPRecipientsRefused where the address is."""
    server.ehlo_or_helo_if_needed()
    code, words = server.mail(mail["From"].addresses[0].addr_spec)
    if code not in ACCEPTED:
        raise smtplib.SMTPResponseException(code, words)
    code, words = server.rcpt(to)
    if code not in ACCEPTED:
        raise smtplib.SMTPRecipientsRefused({to: (code, words)})


def _names_nobody(code: int, said: str) -> bool:
    """Whether an answer to an address means that nobody is there for good, not that the server will not serve this sender.

    The enhanced code decides where there is one (RFC 3463): 5.1 is the address, 5.2.1 a closed mailbox; 5.7 is a policy.
    """
    enhanced = re.match(r"\d{3}[ -]5\.(\d{1,3})\.(\d{1,3})\b", said)
    if enhanced is not None:
        return (enhanced[1] == "1" and enhanced[2] not in ("7", "8")) or enhanced.groups() == ("2", "1")
    return code in (550, 551, 553) and "rela" not in said.lower() and "authenti" not in said.lower()


def _hand_over(server: smtplib.SMTP, mail: EmailMessage) -> bool:
    """Send the mail itself; False when the connection broke off without an answer. Raises SMTPResponseException for a refusal."""
    if server.sock is not None:
        server.sock.settimeout(TIMEOUT_OF_A_MAIL)
    try:
        code, words = server.data(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
    except smtplib.SMTPResponseException:
        raise
    except OSError:  # what smtplib raises otherwise is one, too
        return False
    if code not in ACCEPTED:
        raise smtplib.SMTPDataError(code, words)
    return True


@contextmanager
def _connected(account: Account, seconds: float) -> Iterator[smtplib.SMTP]:
    """A signed-in connection, closed at the end whatever happens, and cut after so many seconds."""
    settings = account.settings
    host, port, name = settings["host"], int(settings.get("port") or 587), _sender(account)[1] or "localhost"
    way = settings.get("tls", "starttls")
    with Alarm(seconds) as alarm:
        tls = _Tls(alarm)
        server = _Server(host, port, name, alarm, tls if way == "tls" else None)
        try:
            if way == "starttls":
                server.starttls(context=cast("ssl.SSLContext", tls))
            if settings.get("user"):
                server.login(settings["user"], account.secrets.get("password", ""))
            yield server
            with suppress(OSError, smtplib.SMTPException):  # the mail is in the server's hands already
                server.quit()
        finally:
            server.close()


class _Tls:
    """Protection whose handshake an alarm watches, in the shape in which smtplib asks for it."""

    def __init__(self, alarm: Alarm) -> None:
        self._alarm, self._context = alarm, ssl.create_default_context()

    def wrap_socket(self, wire: socket.socket, *, server_hostname: str) -> ssl.SSLSocket:
        """The socket under TLS."""
        return self._alarm.secured(wire, self._context, server_hostname)


class _Server(smtplib.SMTP):
    """A connection to a server that an alarm watches from its first word, under TLS from the beginning or not."""

    def __init__(self, host: str, port: int, name: str, alarm: Alarm, tls: _Tls | None) -> None:
        self._alarm, self._tls = alarm, tls
        super().__init__(host, port, local_hostname=name, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        addresses = look_up(host, port, min(timeout, self._alarm.left()))
        wire = self._alarm.watch(reach(addresses, port, self._alarm, timeout))
        return wire if self._tls is None else self._tls.wrap_socket(wire, server_hostname=host)


_NOBODYS: Final = _("The address is one for examples and tests: nobody has a mailbox there, so nothing was sent.")
# What a person can do about it; the page translates these. A port that is closed, silent or of something else is told in the
# same words, so that nobody who may set a mail server learns from them what runs on the machines around this one.
_AWAY: Final = _("The mail server cannot be reached, or does not answer as one. Check its address, its port and the kind of protection.")
_KNOWN: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, _("No machine has the mail server’s name. Check its address.")),
    (ssl.SSLCertVerificationError, _("The mail server’s certificate is not valid for its name.")),
    (
        smtplib.SMTPNotSupportedError,
        _("The mail server does not offer what was asked for. Check the kind of protection and the user name."),
    ),
    (smtplib.SMTPServerDisconnected, _AWAY),
    (smtplib.SMTPConnectError, _AWAY),
)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, smtplib.SMTPConnectError):
        words = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"{error.smtp_code} {words}"
    usual = _AWAY if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) else f"{type(error).__name__}: {error}"
    return next((text for kind, text in _KNOWN if isinstance(error, kind)), usual)


ADAPTER = EmailAdapter()
