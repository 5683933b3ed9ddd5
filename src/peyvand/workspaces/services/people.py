"""People themselves: the first owner of an installation, their wishes, where they are, their sessions."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import Invitation, User, Workspace
from peyvand.workspaces.services.audit import audit_person

ATTEMPTS_KEPT: Final = timedelta(days=1)  # longer than anybody is locked out
INVITED_KEPT: Final = timedelta(days=90)  # after their end
WISHES = frozenset({"name", "language", "digits", "theme"})


@transaction.atomic
def create_first_person(*, email: str, password: str, name: str, language: str) -> User:
    """Make the very first account; refused as soon as anybody has one, however many ask at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE workspaces_user IN SHARE ROW EXCLUSIVE MODE")
    if User.objects.exists():
        raise WorkspaceError(_("This installation is set up already. Sign in, or ask an owner for an invitation."))
    return User.objects.create_user(email, password, name=name.strip(), language=language)


def update_person(*, user: User, changes: Mapping[str, str]) -> User:
    """Change a person's own wishes (names of `WISHES`)."""
    unknown = set(changes) - WISHES
    if unknown:
        raise ValueError(f"not wishes of a person: {sorted(unknown)}")
    for name, value in changes.items():
        setattr(user, name, value.strip())
    user.save(update_fields=sorted(changes))
    return user


def remember_workspace(*, user_id: int, workspace: Workspace) -> None:
    """Note in which workspace a person last was."""
    User.objects.filter(pk=user_id).update(current_workspace=workspace)


@transaction.atomic
def put_password(*, user: User, password: str) -> None:
    """Set a password without knowing the old one, where it differs; every session of the person ends. For the command line."""
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
        audit_person(user=user, action="password.put", actor=None, target=user)


@transaction.atomic
def drop_second_factor(*, user: User) -> bool:
    """Take a person's authenticator and recovery codes away, for one who lost both; False where there was none. For the command line."""
    count, _by_model = Authenticator.objects.filter(user=user).delete()
    if count:
        audit_person(user=user, action="second_factor.dropped", actor=None, target=user)
    return bool(count)


def note_session(*, session_key: str) -> None:
    """Note that a session is in use."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=clock.now())


@transaction.atomic
def forget_sessions() -> None:
    """Forget sessions that ran out, and the devices a person signed in on by them."""
    over = Session.objects.filter(expire_date__lt=clock.now())
    UserSession.objects.filter(session_key__in=over.values("session_key")).delete()
    over.delete()


def forget_ended() -> None:
    """Forget failed attempts to sign in, and invitations of colleagues that ended long ago: both hold addresses of people."""
    now = clock.now()
    AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()
    before = now - INVITED_KEPT
    ended = Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    Invitation.objects.filter(ended).delete()


def end_session(*, user: User, session_id: int) -> bool:
    """Sign a person's other device out; False when there is no such session of theirs."""
    session = UserSession.objects.filter(user=user, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True
