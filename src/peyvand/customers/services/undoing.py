"""Taking an undone batch out of the counts and then away. Called by jobs here and by imports."""

from collections.abc import Iterator

from peyvand.customers.history import owners_of
from peyvand.customers.services.counting import recount
from peyvand.timeline.models import Batch, Interaction
from peyvand.timeline.services import remove_undone

CUSTOMERS_A_TURN = 50


def clear_undone(*, batch: Batch) -> Iterator[int]:
    """Count anew everybody an undone batch touched, then remove its rows; yields the customers counted and rows' chunks as it goes.

    Safe to run again after a kill: what was undone counts nothing, so counting may be repeated, and it comes before the
    rows that name the customers are gone. The batch must be out of the lake.
    """
    for customer_ids in _touched(batch):
        recount(customer_ids)
        yield len(customer_ids)
    for _customers in remove_undone(batch=batch):
        yield 0


def _touched(batch: Batch) -> Iterator[list[int]]:
    identities = Interaction.objects.filter(batch=batch.pk, identity__isnull=False).values_list("identity_id", flat=True).distinct()
    customers = sorted(set(owners_of(list(identities)).values()))
    for start in range(0, len(customers), CUSTOMERS_A_TURN):
        yield customers[start : start + CUSTOMERS_A_TURN]
