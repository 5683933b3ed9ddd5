"""Passwords and second factors, which allauth changes: every change stands in the audit trail of each brand of the person."""

from collections.abc import Callable

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

from peyvand.workspaces.models import User
from peyvand.workspaces.services.audit import audit_person

ACTIONS = {
    "password.changed": (password_changed, password_set, password_reset),
    "second_factor.added": (authenticator_added,),
    "second_factor.changed": (authenticator_reset,),
    "second_factor.removed": (authenticator_removed,),
}
WITH_THE_FACTOR = ("second_factor.added", "second_factor.removed")  # recovery codes come and go with it: one act, one line


def listen() -> None:
    """Note from now on what people change about their sign-in."""
    for action, signals in ACTIONS.items():
        for signal in signals:
            signal.connect(_noting(action), weak=False)


def _noting(action: str) -> Callable[..., None]:
    def note(*, user: User, authenticator: Authenticator | None = None, **_more: object) -> None:
        if action in WITH_THE_FACTOR and authenticator is not None and authenticator.type == Authenticator.Type.RECOVERY_CODES:
            return
        audit_person(user=user, action=action, actor=user)

    return note
