"""Reads of customers and identities: who stands for whom after merges, and what goes back when one is undone."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from peyvand.identities.models import Crowd, Customer, Identity, LinkConflict, Merge, SharedValue
from peyvand.identities.types import MOST_GATHERED, IdentityKey, IdentityType, Move
from peyvand.workspaces.models import Workspace


def standing(customer: Customer) -> Customer:
    """The customer who stands for this one after merges, as it is now."""
    found = Customer.objects.select_related("workspace").get(pk=customer.pk)
    while found.merged_into_id is not None:
        found = Customer.objects.select_related("workspace").get(pk=found.merged_into_id)
    return found


def one_person(customer_id: int) -> set[int]:
    """A customer and everybody who was merged into them."""
    found = {customer_id}
    frontier = found
    while frontier:
        frontier = set(Customer.objects.filter(merged_into_id__in=frontier).values_list("pk", flat=True)) - found
        found = found | frontier
    return found


class GoingBack(NamedTuple):
    """What undoing a merge concerns: who stands for both now, who goes, and by which identities."""

    root: Customer
    people: set[int]
    identities: frozenset[int]


def going_back(merge: Merge) -> GoingBack:
    """What goes with the customer whom a merge took in, as it is now."""
    root, people = standing(merge.other), one_person(merge.other_id)
    return GoingBack(root, people, frozenset(Identity.objects.filter(customer=root, home__in=people).values_list("pk", flat=True)))


def merges_upward(merge: Merge) -> list[Merge]:
    """A merge and those by which the one who stayed was taken in further, the nearest first."""
    found = [merge]
    while above := Merge.objects.filter(other_id=found[-1].kept_id, undone_at=None).first():
        found.append(above)
    return found


def merges_of(customer: Customer) -> list[Merge]:
    """Every merge of a person, undone ones too, the latest first."""
    people = one_person(customer.pk)
    found = Merge.objects.filter(Q(kept__in=people) | Q(other__in=people))
    return list(found.select_related("kept", "other", "merged_by", "undone_by").order_by("-merged_at", "-pk"))


def standing_merge(pair: LinkConflict) -> Merge | None:
    """The merge by which a pair is one person, as long as it was not undone."""
    return Merge.objects.filter(pair=pair, undone_at=None).select_related("kept", "other").first()


def with_standing_merge(pair_ids: Collection[int]) -> set[int]:
    """Those of these pairs whose own merge stands, so that it can be undone."""
    return set(Merge.objects.filter(pair__in=pair_ids, undone_at=None).values_list("pair_id", flat=True))


def largest(workspace: Workspace | None, limit: int = 10) -> list[tuple[Customer, int]]:
    """Customers known by most ways, devices aside, of one workspace or of all; reads every identity once."""
    known = Identity.objects.exclude(type=IdentityType.DEVICE)
    if workspace is not None:
        known = known.filter(workspace=workspace)
    counted = known.values_list("customer_id").annotate(n=Count("pk")).order_by("-n", "customer_id")[:limit]
    numbers = dict(counted)
    people = Customer.objects.select_related("workspace").in_bulk(numbers)
    return [(people[pk], n) for pk, n in numbers.items() if pk in people]


def shared_values(workspace_id: int) -> frozenset[IdentityKey]:
    """What many people of a workspace share, so that it names nobody."""
    rows = SharedValue.objects.filter(workspace=workspace_id, state=SharedValue.State.SHARED)
    return frozenset(rows.values_list("type", "value"))


def naming(customer_id: int) -> Identity | None:
    """The strongest identity that names a customer, or whoever they were merged into; None where there is none but shared ones."""
    holder: int | None = customer_id
    while holder is not None:
        known = list(Identity.objects.filter(customer=holder).order_by("type", "pk")[:MOST_GATHERED])
        shared = shared_values(known[0].workspace_id) if known else frozenset()
        if found := next((one for one in known if (one.type, one.value) not in shared), None):
            return found
        holder = Customer.objects.filter(pk=holder).values_list("merged_into_id", flat=True).first()
    return None


def known_by_shared(shared: SharedValue, limit: int = 20) -> list[Customer]:
    """Customers who were linked through a value before it was shared: whose it is, and whom items named beside it."""
    mine = Identity.objects.filter(workspace=shared.workspace_id, type=shared.type, value=shared.value)
    owner = mine.values_list("customer_id", flat=True)
    over = LinkConflict.objects.filter(workspace=shared.workspace_id, other_type=shared.type, other_value=shared.value)
    met = over.order_by("-times", "pk").values_list("kept_id", flat=True)[:limit]
    ids = list(dict.fromkeys([*owner, *met]))
    people = Customer.objects.in_bulk(ids)
    return [people[pk] for pk in ids if pk in people][:limit]


def shared_listed(workspace: Workspace) -> list[SharedValue]:
    """What is shared, and what is offered as such: offers first, then the latest."""
    found = SharedValue.objects.filter(workspace=workspace).exclude(state=SharedValue.State.PERSONAL).select_related("decided_by")
    return sorted(found, key=lambda one: (one.state != SharedValue.State.OFFERED, -one.people, -one.pk))


def open_crowds(workspace: Workspace) -> list[Crowd]:
    """Customers who have gathered all they may and whom nobody has looked at since, the most turned away first."""
    waiting = Crowd.objects.filter(workspace=workspace, settled_at=None, customer__merged_into=None)
    return list(waiting.select_related("customer").order_by("-turned_away", "pk"))


def rows_to_move(move: Move, label: str, rows: "QuerySet[Any]", came_by: Q | None = None) -> list[int]:
    """Of these rows of a move's source: the integers of those that go, `came_by` telling which came by its identities."""
    if move.rows is None:
        return list(rows.values_list("pk", flat=True))
    wanted = Q(pk__in=move.rows.get(label, ()))
    if came_by is not None and move.identities:
        wanted |= came_by
    return list(rows.filter(wanted).values_list("pk", flat=True))
