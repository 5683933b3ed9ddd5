"""Jobs of workspaces: letters to people, and sessions that ran out."""

from datetime import timedelta
from typing import Any

from peyvand.workspaces.services.inviting import INVITATION_JOB, send_invitation
from peyvand.workspaces.services.people import forget_sessions
from peyvand.workspaces.services.resetting import RESET_JOB, send_reset


def _reset(payload: dict[str, Any]) -> None:
    send_reset(email=str(payload["email"]))


def _invite(payload: dict[str, Any]) -> None:
    send_invitation(invitation_id=int(payload["invitation"]), sealed=str(payload["sealed"]))


def _forget_sessions(_payload: dict[str, Any]) -> None:
    forget_sessions()


JOBS = {RESET_JOB: _reset, INVITATION_JOB: _invite, "workspaces.forget_sessions": _forget_sessions}
EVERY = {"workspaces.forget_sessions": timedelta(hours=6)}
OUTSIDE_JOBS = (RESET_JOB, INVITATION_JOB)
