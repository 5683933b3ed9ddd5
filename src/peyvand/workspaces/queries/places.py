"""Where a person belongs: whether anybody is here yet, and which workspace to open for somebody."""

from allauth.usersessions.models import UserSession

from peyvand.core import walls
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.types import Role


def nobody_yet() -> bool:
    """Whether this installation waits for its first person."""
    return not User.objects.exists()


def place_of(user_id: int, only: int | None = None) -> Member | None:
    """The membership to open for a person: where they were last, else the first they have; `only`: in this workspace or nowhere."""
    found = Member.objects.filter(user_id=user_id, is_active=True).select_related("workspace", "user").order_by("pk")
    with walls.across():
        places = list(found if only is None else found.filter(workspace=only))
    return next((place for place in places if place.workspace_id == place.user.current_workspace_id), places[0] if places else None)


def may_found(user: User) -> bool:
    """Whether a person may make a workspace: owners anywhere, and whoever is here before the first one is made."""
    with walls.across():
        owns_one = Member.objects.filter(user=user, role=Role.OWNER, is_active=True).exists()
    return owns_one or not Workspace.objects.exists()


def sessions_of(user: User) -> list[UserSession]:
    """A person's sessions that still live, the last used first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)
