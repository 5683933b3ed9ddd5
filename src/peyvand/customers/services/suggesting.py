"""Pairs of customers who look like one person, found by the worker and listed for a person to decide; nothing is merged by itself.

One walk over the index of names, a few hundred names a step, resting in between where others work.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.db import connection
from django.db.models import Q

from peyvand.core import clock, walls
from peyvand.core.giving_way import give_way
from peyvand.customers.alike import Alike, Known, alike, as_texts, folded, of_names
from peyvand.customers.keys import NAMELESS
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.identities import services as identities
from peyvand.identities.models import Customer, Identity, LinkConflict
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import Workspace

MOST_LISTED: Final = 500  # of a workspace: the likeliest; more come up as these are decided
NAMES_A_STEP: Final = 200
MOST_NAMESAKES: Final = 300  # a name that more people have says nothing
COMPARED: Final = (IdentityType.PHONE, IdentityType.EMAIL)
NAMES: Final = (
    "SELECT sort_name FROM customers_profile WHERE workspace_id = %s AND sort_name > %s AND sort_name < %s "
    "GROUP BY sort_name HAVING count(*) BETWEEN 2 AND %s ORDER BY sort_name LIMIT %s"
)

Pair = frozenset[int]


def look_alike() -> None:
    """Go through every workspace once; safe to run again after a kill."""
    for workspace in Workspace.objects.order_by("pk").iterator():
        with walls.inside(workspace.pk):
            identities.offer_shared(workspace)
            list_alike(workspace)


def list_alike(workspace: Workspace) -> int:
    """List the likeliest pairs of a workspace, and take off the list who no longer look alike; returns how many are listed.

    Who was decided to be two people, or stands on the list for another reason, does not come up.
    """
    known = _paired(workspace)
    best: list[tuple[int, int, int, Alike]] = []
    for found in _found(workspace):
        if frozenset((found.one, found.other)) in known:
            continue
        entry = (found.score, -found.one, -found.other, found)
        if len(best) < MOST_LISTED:
            heapq.heappush(best, entry)
        else:
            heapq.heappushpop(best, entry)
    identities.list_pairs(workspace, [_row(one) for *_order, one in best])
    return len(best)


def _row(found: Alike) -> identities.AlikePair:
    reasons = [{name: value for name, value in reason._asdict().items() if value} for reason in found.reasons]
    return identities.AlikePair(found.one, found.other, found.score, reasons)


def _paired(workspace: Workspace) -> set[Pair]:
    """Pairs that are decided or listed for another reason, by whom they stand for by now."""
    into = dict(Customer.objects.filter(workspace=workspace, merged_into__isnull=False).values_list("pk", "merged_into_id"))

    def head(customer_id: int) -> int:
        while (above := into.get(customer_id)) is not None:
            customer_id = above
        return customer_id

    open_alike = Q(origin=LinkConflict.Origin.ALIKE, decision=LinkConflict.Decision.OPEN)
    rows = LinkConflict.objects.filter(workspace=workspace).exclude(open_alike).values_list("kept_id", "other_id")
    return {frozenset((head(kept), head(other))) for kept, other in rows.iterator()}


def _found(workspace: Workspace) -> Iterator[Alike]:
    types = dict(AttributeDefinition.objects.filter(workspace=workspace).values_list("code", "type"))
    last = ""
    while names := _names(workspace, last):
        began = clock.monotonic()
        for name, namesakes in of_names(_people(workspace, names)).items():
            yield from alike(name, namesakes, types)
        last = names[-1]
        give_way(clock.monotonic() - began)


def _names(workspace: Workspace, last: str) -> list[str]:
    """The next names that several people have, as they are sorted; read from the index alone."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [workspace.pk, last, NAMELESS, MOST_NAMESAKES, NAMES_A_STEP])
        return [name for (name,) in cursor.fetchall()]


def _people(workspace: Workspace, names: Sequence[str]) -> Iterator[tuple[str, Known]]:
    rows = Profile.objects.filter(workspace=workspace, sort_name__in=names, merged=False)
    found = list(rows.values_list("customer_id", "customer__name", "attributes"))
    contacts: dict[int, dict[int, list[str]]] = {}
    for customer_id, kind, value in _contacts([row[0] for row in found]):
        contacts.setdefault(customer_id, {}).setdefault(kind, []).append(value)
    for customer_id, name, attributes in found:
        mine = contacts.get(customer_id, {})
        phones, emails = (mine.get(kind, []) for kind in COMPARED)
        yield folded(name), Known(customer_id, as_texts(attributes), phones, emails)


def _contacts(customer_ids: Sequence[int]) -> Iterable[tuple[int, int, str]]:
    step = 5000
    for start in range(0, len(customer_ids), step):
        rows = Identity.objects.filter(customer_id__in=customer_ids[start : start + step], type__in=COMPARED)
        yield from rows.values_list("customer_id", "type", "value")
