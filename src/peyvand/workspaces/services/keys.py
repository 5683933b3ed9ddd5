"""API keys: made here, shown once, stored as a hash."""

import base64
import hashlib
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import ApiKey, Member, User, Workspace
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.types import TIMELINE, Scope

TOUCH_EVERY = timedelta(minutes=5)


def key_hash(secret: str) -> str:
    """SHA-256 of a key; the key has 160 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create_key(*, workspace: Workspace, name: str, scopes: Iterable[str], actor: User | None = None) -> tuple[ApiKey, str]:
    """Create a key and return it with its secret, which is never readable again.

    A key with the `snippet` scope stands in web pages: it is public, can only write site events, and mixes with no other scope.
    """
    wanted = sorted({Scope(scope) for scope in scopes})
    if not wanted:
        raise WorkspaceError(_("Choose at least one thing this key may do."))
    _check_maker(workspace, actor, wanted)
    public = Scope.SNIPPET in wanted
    if public and len(wanted) > 1:
        raise WorkspaceError(_("A key for web pages is public, so it can do nothing else."))
    secret = ("pk_" if public else "sk_") + base64.b32encode(clock.secret_bytes(20)).decode().lower()
    key = ApiKey.objects.create(
        workspace=workspace,
        name=name.strip()[:80] or wanted[0],
        prefix=secret[:9],
        key_hash=key_hash(secret),
        scopes=[str(scope) for scope in wanted],
        public_key=secret if public else "",
        created_by=actor,
    )
    audit(workspace=workspace, actor=actor, action="key.created", target=key, detail={"scopes": key.scopes})
    return key, secret


def _check_maker(workspace: Workspace, actor: User | None, wanted: Collection[Scope]) -> None:
    """Nobody gives a key what they may not do themselves; the command line, which is nobody, makes those that act in nobody's name."""
    named = {scope.permission for scope in wanted if scope.permission is not None}
    asked = named | TIMELINE if actor is not None and Scope.READ in wanted else named
    if not asked:
        return
    maker = maker_of(workspace, actor)
    if maker is None:
        raise WorkspaceError(_("What this key may do is done in somebody’s name: make it under Settings → API keys."))
    if not asked <= maker.permissions:
        raise WorkspaceError(_("A key may do no more than you may yourself."))


def maker_of(workspace: Workspace, user: User | None) -> Member | None:
    """The member in whose name a key acts; None where nobody made it, or whoever did is gone."""
    if user is None or not user.is_active:
        return None
    return Member.objects.select_related("user", "workspace", "custom_role").filter(workspace=workspace, user=user, is_active=True).first()


def key_of(secret: str) -> ApiKey | None:
    """The key of a secret; None for an unknown and a revoked one."""
    return ApiKey.objects.select_related("workspace", "created_by").filter(key_hash=key_hash(secret), revoked_at=None).first()


@transaction.atomic
def revoke_key(*, key: ApiKey, actor: User | None) -> None:
    """Stop a key at once; the row stays for the audit trail."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        audit(workspace=key.workspace, actor=actor, action="key.revoked", target=key)


def touch_key(*, key: ApiKey) -> None:
    """Note that a key was used, at most once in five minutes."""
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        key.last_used_at = now
