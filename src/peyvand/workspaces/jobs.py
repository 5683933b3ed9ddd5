"""Jobs of workspaces: letters to people, and what of sign-ins and invitations is over."""

from datetime import timedelta
from typing import Any

from peyvand.workspaces.services.inviting import INVITATION_JOB, send_invitation
from peyvand.workspaces.services.notifying import NOTICE_JOB, send_notice
from peyvand.workspaces.services.people import forget_ended, forget_sessions
from peyvand.workspaces.services.resetting import RESET_JOB, send_reset


def _reset(payload: dict[str, Any]) -> None:
    send_reset(email=str(payload["email"]))


def _invite(payload: dict[str, Any]) -> None:
    send_invitation(invitation_id=int(payload["invitation"]), sealed=str(payload["sealed"]))


def _notice(payload: dict[str, Any]) -> None:
    send_notice(payload)


def _forget_sessions(_payload: dict[str, Any]) -> None:
    forget_sessions()
    forget_ended()


JOBS = {RESET_JOB: _reset, INVITATION_JOB: _invite, NOTICE_JOB: _notice, "workspaces.forget_sessions": _forget_sessions}
EVERY = {"workspaces.forget_sessions": timedelta(hours=6)}
OUTSIDE_JOBS = (RESET_JOB, INVITATION_JOB, NOTICE_JOB)
