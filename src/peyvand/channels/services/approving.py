"""Approval of what writes to many: above the workspace's number of a day it waits for a person. Asked by whoever sends to many."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Min, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from peyvand.channels.models import BulkApproval
from peyvand.core import clock
from peyvand.core.redaction import redacted
from peyvand.workspaces.links import absolute
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit
from peyvand.workspaces.services.notifying import Notice, notify
from peyvand.workspaces.types import Permission

APPROVE_ABOVE: Final = "approve_above"  # in a workspace's preferences: the most recipients in a day that need nobody's word
BY_ANOTHER: Final = "approve_by_another"  # there, too: whoever began it may not agree to it
A_DAY: Final = timedelta(days=1)  # the time in which recipients are counted, and for which a word holds
SentSince = Callable[[datetime], int]
ASKED: Final = gettext_noop("“%(what)s” waits for your word")
ASKED_TEXT: Final = gettext_noop(
    "“%(what)s” wants to write to %(n)s people, more than may be written to in a day without somebody’s word. "
    "They are not written to until you agree, and never if you refuse:"
)


class NotByWhoBeganError(Exception):
    """The workspace wants another person's word than that of who began it; the message is for the person who tried."""


def may_write_to(
    *, workspace: Workspace, subject: str, recipients: int, sent: SentSince, label: str = "", begun_by: User | None = None
) -> int:
    """How many of the recipients who wait may be written to now; for the others a person is asked (once).

    `sent` tells how many this subject wrote to since a moment: those of the last day count towards the workspace's number, and those
    since somebody agreed are taken off what they agreed to. A word for some is none for more.
    """
    most = workspace.preferences.get(APPROVE_ABOVE)
    asked = BulkApproval.objects.filter(workspace=workspace, subject=subject)
    if most is None or sent(clock.now() - A_DAY) + recipients <= int(most):
        _withdraw(asked)
        return recipients
    allowed = min(_left(asked, sent), recipients)
    if allowed == recipients:
        _withdraw(asked)
    else:
        known = {"label": label[:200], "begun_by": begun_by}
        _ask(workspace, BulkApproval(workspace=workspace, subject=subject, recipients=recipients - allowed, **known))
    return allowed


def waiting(asked: "QuerySet[BulkApproval]") -> "QuerySet[BulkApproval]":
    """Of these questions those that nobody answered yet."""
    return asked.filter(approved_at=None, refused_at=None)


def _left(asked: "QuerySet[BulkApproval]", sent: SentSince) -> int:
    """How many may still be written to of those somebody agreed to within a day."""
    given = asked.filter(approved_at__gte=clock.now() - A_DAY).aggregate(people=Sum("recipients"), since=Min("approved_at"))
    return max(given["people"] - sent(given["since"]), 0) if given["since"] else 0


def _withdraw(asked: "QuerySet[BulkApproval]") -> None:
    """Take a question back that no longer is one."""
    open_ones = waiting(asked)
    if open_ones.exists():
        open_ones.delete()


def _ask(workspace: Workspace, question: BulkApproval) -> None:
    same = waiting(BulkApproval.objects.filter(workspace=workspace, subject=question.subject))
    if same.update(recipients=question.recipients, label=question.label, begun_by=question.begun_by):
        return
    try:
        with transaction.atomic():
            question.save(force_insert=True)
            words: dict[str, str | int] = {"what": str(question), "n": question.recipients}
            notice = Notice(ASKED, ASKED_TEXT, words, absolute(workspace, "privacy:settings"))
            notify(workspace=workspace, permission=Permission.PRIVACY, notice=notice)
    except IntegrityError:  # another worker asked a moment ago
        pass


def may_agree(approval: BulkApproval, actor: User) -> bool:
    """Whether the workspace's rule lets this person agree: it may want another one than who began it."""
    return not (approval.workspace.preferences.get(BY_ANOTHER) and approval.begun_by_id == actor.pk)


@transaction.atomic
def approve(*, approval: BulkApproval, actor: User) -> bool:
    """Let it write to so many, within a day; False where somebody was quicker. Raises NotByWhoBeganError."""
    if not may_agree(approval, actor):
        raise NotByWhoBeganError(_("You began this yourself. Here another person must agree to it."))
    if not waiting(BulkApproval.objects.filter(pk=approval.pk)).update(approved_at=clock.now(), approved_by=actor):
        return False
    audit(workspace=approval.workspace, actor=actor, action="sending.approved", target=approval, detail={"recipients": approval.recipients})
    return True


@transaction.atomic
def refuse(*, approval: BulkApproval, actor: User, reason: str) -> bool:
    """Say no to those who wait: they are not written to, with the reason; False where somebody was quicker."""
    reason = redacted(reason.strip())[:200]
    open_one = waiting(BulkApproval.objects.filter(pk=approval.pk))
    if not open_one.update(refused_at=clock.now(), refused_by=actor, reason=reason):
        return False
    detail = {"recipients": approval.recipients, "reason": reason}
    audit(workspace=approval.workspace, actor=actor, action="sending.refused", target=approval, detail=detail)
    return True
