"""Reading one customer's part of the timeline, on both databases. Called by recounts and by the customer's page."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from peyvand.core import bulk
from peyvand.core.sets import as_json_array
from peyvand.timeline.models import Batch, DeadLetter, Place
from peyvand.timeline.reading import SELECT, Row

SUBSCRIPTION: Final = "customers"
OWNERS: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(i.id, i.customer_id)) FROM json_each(?) w "
    "CROSS JOIN identities_identity i ON i.id = w.value",
    postgres=f"SELECT i.id, i.customer_id FROM {bulk.INTEGERS} JOIN identities_identity i ON i.id = w.value",
)


def owners_of(identity_ids: Collection[int]) -> dict[int, int]:
    """The customer of each identity, as it is now."""
    return dict(bulk.ask(OWNERS, identity_ids)) if identity_ids else {}


def undone_of(batch_ids: Collection[int]) -> set[int]:
    """Those of these batches whose rows count no more."""
    if not batch_ids:
        return set()
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    return set(Batch.objects.filter(pk__in=batch_ids, state__in=states).values_list("pk", flat=True))


def hold_place() -> Place | None:
    """The subscription's place, held until the transaction ends: nobody counts meanwhile."""
    return Place.objects.select_for_update().filter(name=SUBSCRIPTION).first()


def counted_rows(customer_ids: Collection[int]) -> list[Row]:
    """All rows of these customers that the subscription has counted already, in reading order.

    Holds the subscription's place until the transaction ends, so that nothing is counted beside this. What it failed on
    and may yet be retried is left out.
    """
    place = hold_place()
    if place is None:
        return []
    wanted = list(customer_ids)
    join = "JOIN identities_identity d ON d.id = i.identity_id"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"{SELECT} FROM timeline_interaction i {join} WHERE d.customer_id = ANY(%s) "
                "AND (i.era, i.xid, i.id) <= (%s, %s::text::xid8, %s) ORDER BY i.era, i.xid, i.id",
                [wanted, place.era, str(place.xid), place.interaction_id],
            )
        else:
            cursor.execute(
                f"{SELECT} FROM json_each(%s) w CROSS JOIN identities_identity d ON d.customer_id = w.value "
                "CROSS JOIN timeline_interaction i ON i.identity_id = d.id WHERE i.id <= %s ORDER BY i.id",
                [as_json_array(wanted), place.interaction_id],
            )
        rows = cursor.fetchall()
    failed = set(DeadLetter.objects.filter(subscription=SUBSCRIPTION, settled_at=None).values_list("interaction_id", flat=True))
    return [row for row in rows if row[0] not in failed] if failed else rows
