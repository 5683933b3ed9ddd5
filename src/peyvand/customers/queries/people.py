"""One customer with everything that stands on their page but the timeline. Called by the desk and the API."""

from collections.abc import Collection

from django.db.models import Case, QuerySet, When

from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.workspaces.models import Workspace


def customer_of(workspace: Workspace, customer_id: int) -> Customer | None:
    """A customer of this workspace; None for anybody else's."""
    return Customer.objects.select_related("profile", "workspace", "merged_into").filter(workspace=workspace, pk=customer_id).first()


def profile_of(customer: Customer) -> Profile:
    """The profile; an empty one, not saved, for a customer whom the timeline has not brought here yet."""
    try:
        return customer.profile
    except Profile.DoesNotExist:
        profile = Profile(customer=customer, workspace_id=customer.workspace_id)
        vars(profile).update(first_seen_at=customer.created_at, last_seen_at=customer.created_at)
        return profile


def identities_of(customer: Customer) -> list[Identity]:
    """The ways a customer is known, strongest first."""
    return list(customer.identities.order_by("type", "pk"))


def main_identities(customer_ids: Collection[int], types: Collection[int]) -> dict[int, dict[int, str]]:
    """Customer → type → the first value of that type, for lists."""
    found: dict[int, dict[int, str]] = {}
    rows = Identity.objects.filter(customer_id__in=customer_ids, type__in=types).order_by("pk")
    for customer_id, kind, value in rows.values_list("customer_id", "type", "value"):
        found.setdefault(customer_id, {}).setdefault(kind, value)
    return found


def attribute_definitions(workspace: Workspace) -> list[AttributeDefinition]:
    """The attributes of a workspace that are shown, in their order."""
    return list(AttributeDefinition.objects.filter(workspace=workspace, archived=False))


def open_conflicts(workspace: Workspace) -> QuerySet[LinkConflict]:
    """Pairs that wait for a person to decide: those that came together, the most often seen first, then the likeliest look-alikes."""
    waiting = LinkConflict.objects.filter(workspace=workspace, decision=LinkConflict.Decision.OPEN)
    by_origin = Case(When(origin=LinkConflict.Origin.ALIKE, then=1), default=0)
    return waiting.select_related("kept__profile", "other__profile").order_by(by_origin, "-score", "-times", "pk")


def open_conflict_count(workspace: Workspace) -> int:
    """How many pairs wait for a decision."""
    return LinkConflict.objects.filter(workspace=workspace, decision=LinkConflict.Decision.OPEN).count()


def decided_conflicts(workspace: Workspace, limit: int = 20) -> list[LinkConflict]:
    """What was decided last, the latest first."""
    decided = LinkConflict.objects.filter(workspace=workspace).exclude(decision=LinkConflict.Decision.OPEN)
    return list(decided.select_related("kept", "other", "decided_by").order_by("-decided_at", "-pk")[:limit])
