"""After a restore: erasures that were made since the backup are made again. Called by `peyvand restore`."""

import datetime as dt

from peyvand.identities.models import Customer, Identity
from peyvand.identities.queries import standing
from peyvand.privacy.services.erasing import carry_on, erase
from peyvand.privacy.services.marking import is_marked, noted

A_TURN = 10_000


def erase_again(since: dt.datetime) -> int:
    """Erase everybody again whom the backup brought back; returns how many. The worker does what is left for the lake."""
    marked: dict[int, set[str]] = {}
    for one in noted():
        if one.moment > since:
            marked.setdefault(one.workspace, set()).update(one.marks)
    back = {customer.pk: customer for workspace, known in marked.items() for customer in _known_by(workspace, known)}
    for customer in back.values():
        carry_on(erase(customer=customer, actor=None).pk, lake=False)
    return len(back)


def _known_by(workspace_id: int, known: set[str]) -> list[Customer]:
    """The customers who have an identity with one of these marks."""
    found: set[int] = set()
    last = 0
    mine = Identity.objects.filter(workspace=workspace_id).order_by("pk")
    while rows := list(mine.filter(pk__gt=last).values_list("pk", "type", "value", "customer")[:A_TURN]):
        found |= {customer for _pk, kind, value, customer in rows if is_marked(workspace_id, (kind, value), known)}
        last = rows[-1][0]
    people = {standing(customer).pk for customer in Customer.objects.filter(pk__in=found)}
    return list(Customer.objects.filter(pk__in=people).select_related("workspace"))
