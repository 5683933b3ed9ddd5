"""A mail to somebody of the team: test mails of the editor and of the settings. Not in the outbox, since no customer gets it.

A person waits for it, and a thread of the pages with them.
"""

from typing import Final

from django.core.cache import cache
from django.utils.translation import gettext_noop as _

from peyvand.channels.accounts import account_of
from peyvand.channels.registry import adapters
from peyvand.channels.types import Delivery, Envelope, Message
from peyvand.core import clock
from peyvand.core.reaching import turn
from peyvand.core.vault import SealBroken
from peyvand.workspaces.models import User, Workspace

MOST_A_MINUTE: Final = 6
WITHIN: Final = 20.0  # seconds; a mail to a customer, for which nobody waits, has three minutes


def send_to_member(*, workspace: Workspace, member: User, message: Message, channel_kind: str = "email") -> Delivery:
    """Send a message to a person's own sign-in address at once, and say what the server said; a few times a minute.

    Raises reaching.BusyError.
    """
    with turn(workspace.pk):
        if not _may_try(workspace):
            return Delivery(sent=False, error=_("Too many tests. Wait a minute, then try again."))
        try:
            account = account_of(workspace, channel_kind, message.language)
        except SealBroken as broken:
            return Delivery(sent=False, error=str(broken))
        key = f"{workspace.slug}.test.{clock.token(9)}"
        return adapters()[channel_kind].send(account, Envelope(member.email, message, key, within=WITHIN))


def _may_try(workspace: Workspace) -> bool:
    """Every try opens a connection to a machine of the member's choice: no more of them than a person needs."""
    key = f"mail-tests:{workspace.pk}:{int(clock.now().timestamp()) // 60}"
    return cache.incr(key) <= MOST_A_MINUTE if not cache.add(key, 1, 120) else True
