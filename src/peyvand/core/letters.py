"""How letters to the team leave: by the installation's mail server, but to nobody's addresses. Named in the settings as EMAIL_BACKEND."""

from collections.abc import Sequence

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from peyvand.core import emails

log = structlog.get_logger(__name__)


class Letters(EmailBackend):
    """SMTP that leaves out letters to domains kept for examples, such as the demo brand's, and says so in the log."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send those that somebody can get; returns how many."""
        real = []
        for letter in email_messages:
            if all(emails.is_nobodys(address, self.host) for address in letter.recipients()):
                log.info("letter.not_sent", why="its address is one for examples and tests")
            else:
                real.append(letter)
        return super().send_messages(real) if real else 0
