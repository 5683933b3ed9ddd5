"""Keys that outlive their maker: those that act in nobody's name. Called by the page of members."""

from peyvand.workspaces.models import ApiKey, Member
from peyvand.workspaces.types import Scope


def keys_left_by(member: Member) -> int:
    """How many keys still work that this person made and may know by heart, whatever becomes of the person."""
    nobodys = {scope.value for scope in Scope if scope.permission is None and scope is not Scope.SNIPPET}
    live = ApiKey.objects.filter(workspace_id=member.workspace_id, created_by_id=member.user_id, revoked_at=None)
    return sum(not nobodys.isdisjoint(scopes) for scopes in live.values_list("scopes", flat=True))
