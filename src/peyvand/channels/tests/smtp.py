"""A real SMTP server in the test's own process: keeps every mail, refuses addresses it was told to refuse."""

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from tests.ports import free_port
from tests.waiting import PATIENCE


@dataclass
class Inbox:
    """What arrived, and whom the server does not take mail for: address → its answer."""

    host: str
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    answer: str = "250 kept"  # what it says to a mail itself
    breaks_off: bool = False  # it takes a mail, then hangs up instead of saying so

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - named by aiosmtpd
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 - named by aiosmtpd
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        if self.breaks_off:
            server.transport.abort()
        return self.answer

    def to(self, address: str) -> list[EmailMessage]:
        """The mails somebody got, oldest first."""
        return [mail for mail in self.mails if mail["To"] == address]


@contextmanager
def smtp_server(**options) -> Iterator[Inbox]:
    """Run a server on a free port until the block ends."""
    inbox = Inbox("127.0.0.1", free_port())
    controller = Controller(inbox, hostname=inbox.host, port=inbox.port, ready_timeout=PATIENCE, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
