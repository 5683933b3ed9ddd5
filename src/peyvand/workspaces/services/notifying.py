"""Letters to those of the team who can do something about a thing. Called by services of any app; the worker sends them."""

from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext

from peyvand.core import clock, jobs
from peyvand.core.display import num
from peyvand.core.reader import use_reader
from peyvand.workspaces.models import Member, Workspace
from peyvand.workspaces.readers import reader_of
from peyvand.workspaces.team_post import post_of
from peyvand.workspaces.types import Permission

NOTICE_JOB: Final = "workspaces.notice_mail"


class Notice(NamedTuple):
    """What is to be said, as texts marked for translation with the words they name, and the page on which to do something about it."""

    subject: str
    text: str
    words: dict[str, str | int]
    address: str


@transaction.atomic
def notify(*, workspace: Workspace, permission: Permission, notice: Notice) -> int:
    """Let the worker write to every member who has the permission, each in their language; returns how many.

    Where neither the brand nor the installation has a mail server nobody is written to: the page says it, too.
    """
    if post_of(workspace) is None and not settings.PEYVAND_MAIL_READY:
        return 0
    members = Member.objects.filter(workspace=workspace, is_active=True, user__is_active=True).select_related("user", "custom_role")
    told = [member for member in members if member.may(permission)]
    for member in told:
        payload = {**notice._asdict(), "member": member.pk, "key": f"{workspace.slug}.notice.{clock.secret_bytes(8).hex()}"}
        jobs.enqueue(name=NOTICE_JOB, payload=payload, workspace_id=workspace.pk)
    return len(told)


def send_notice(payload: dict[str, Any]) -> bool:
    """Send the letter to a member who is still there."""
    found = Member.objects.filter(pk=payload["member"], is_active=True, user__is_active=True)
    member = found.select_related("user", "workspace").first()
    if member is None:
        return False
    workspace, user, address = member.workspace, member.user, str(payload["address"])
    with use_reader(reader_of(workspace, user.language or workspace.default_language, user)):
        words = {name: num(value) if isinstance(value, int) else value for name, value in payload["words"].items()}
        subject = f"{workspace.name}: {gettext(payload['subject']) % words}"
        text = f"{gettext(payload['text']) % words}\n\n{address}\n"
    own = post_of(workspace)
    if own is None:
        send_mail(subject, text, None, [user.email])
    else:
        own.send(workspace, to=user.email, subject=subject, text=text, key=str(payload["key"]))
    return True
