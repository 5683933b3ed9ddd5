"""Founding a workspace and its first owner. Called by first-run set-up, the command line and the demo."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.core import clock
from peyvand.core.discovery import modules
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.services.audit import audit
from peyvand.workspaces.types import CalendarKind, Role

IRANIAN_WEEK = {
    "5": [["09:00", "17:00"]],  # Saturday; keys are Monday = 0, as in datetime.weekday()
    "6": [["09:00", "17:00"]],
    "0": [["09:00", "17:00"]],
    "1": [["09:00", "17:00"]],
    "2": [["09:00", "17:00"]],
    "3": [["09:00", "13:00"]],
}
WESTERN_WEEK = {str(day): [["09:00", "17:00"]] for day in range(5)}


def _slug(name: str, wanted: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", (wanted or name).lower()).strip("-")[:32]
    base = base or f"brand-{clock.secret_bytes(3).hex()}"
    slug, n = base, 1
    while Workspace.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    return slug


@transaction.atomic
def create_workspace(
    *,
    name: str,
    slug: str = "",
    language: str = "fa",
    names: dict[str, str] | None = None,
    time_zone: str = "",
    currency: str = "",
    colour: str = "",
    actor: User | None = None,
) -> Workspace:
    """Create a workspace with sensible defaults for its language; the default touchpoints are laid by catalogue."""
    name = name.strip()
    if not name:
        raise WorkspaceError(_("A workspace needs a name."))
    persian = language == "fa"
    workspace = Workspace.objects.create(
        slug=_slug(name, slug),
        names=names or {language: name},
        languages=["fa", "en"],
        default_language=language,
        calendar=CalendarKind.JALALI if persian else CalendarKind.GREGORIAN,
        time_zone=time_zone or ("Asia/Tehran" if persian else "UTC"),
        currency=currency or ("IRR" if persian else "USD"),
        phone_region="IR" if persian else "US",
        business_hours=IRANIAN_WEEK if persian else WESTERN_WEEK,
        colour=colour,
    )
    audit(workspace=workspace, actor=actor, action="workspace.created", target=workspace)
    return workspace


@transaction.atomic
def begin_workspace(*, workspace: Workspace) -> None:
    """Let every app lay what a new workspace starts with: `begin(workspace)` of its `beginnings.py`, lower apps first."""
    for module in reversed(list(modules("beginnings"))):
        module.begin(workspace)


@transaction.atomic
def create_owner(*, workspace: Workspace, email: str, password: str | None, name: str = "") -> Member:
    """Make the person with this e-mail address an owner, creating the person when unknown.

    A known person keeps their password; `password` then must be None or is ignored.
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    member, _created = Member.objects.update_or_create(
        workspace=workspace, user=user, defaults={"role": Role.OWNER, "custom_role": None, "is_active": True}
    )
    if user.current_workspace_id is None:
        user.current_workspace = workspace
        user.save(update_fields=["current_workspace"])
    audit(workspace=workspace, actor=user, action="member.joined", target=member, detail={"role": Role.OWNER})
    return member
