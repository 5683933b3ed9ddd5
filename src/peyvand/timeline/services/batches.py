"""Batches: imports that can be undone whole.

Undoing hides a batch at once (readers leave out batches that are undone), then `remove_undone` takes its rows away in
small transactions, with the customers that only it had brought and nobody changed by hand.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.db import connection, transaction

from peyvand.core import bulk
from peyvand.core.sets import as_json_array
from peyvand.identities.models import Customer, Identity, Leaving
from peyvand.identities.services import forget_customers, hold
from peyvand.timeline.models import Batch, DeadLetter, Interaction
from peyvand.timeline.reading import PERCEIVED
from peyvand.workspaces.models import AuditEntry, Workspace

CHUNK: Final = 400
LIVED: Final = bulk.Question(  # ORDER BY keeps PostgreSQL on the index of a table without statistics yet
    sqlite="SELECT json_group_array(json_array(d.customer_id)) FROM json_each(?) w CROSS JOIN identities_identity d "
    "ON d.customer_id = w.value WHERE EXISTS (SELECT 1 FROM timeline_interaction i WHERE i.identity_id = d.id)",
    postgres=f"SELECT d.customer_id FROM {bulk.INTEGERS} "
    "CROSS JOIN LATERAL (SELECT id, customer_id FROM identities_identity WHERE customer_id = w.value OFFSET 0) d "
    "CROSS JOIN LATERAL (SELECT 1 FROM timeline_interaction WHERE identity_id = d.id ORDER BY occurred_at LIMIT 1) i",
)


class BatchError(Exception):
    """A batch that is not in the state this needs."""


def open_batch(*, workspace: Workspace, label: str, code: str = "") -> Batch:
    """Begin a batch; one with a code is an import, which figures are cut by."""
    return Batch.objects.create(workspace=workspace, label=label[:200], code=code)


def close_batch(*, batch: Batch) -> None:
    """Say that a batch is complete."""
    Batch.objects.filter(pk=batch.pk, state=Batch.State.OPEN).update(state=Batch.State.DONE)


def undo_batch(*, batch: Batch) -> None:
    """Hide a batch at once; whoever calls this also sees to it that `remove_undone` runs until it is through."""
    allowed = (Batch.State.OPEN, Batch.State.DONE, Batch.State.UNDOING)
    if not Batch.objects.filter(pk=batch.pk, state__in=allowed).update(state=Batch.State.UNDOING):
        raise BatchError(f"batch {batch.pk} was undone already")


def remove_undone(*, batch: Batch) -> Iterator[set[int]]:
    """Take an undone batch's rows away, chunk by chunk in transactions of their own; safe to run again after a kill.

    The lake goes first (`Batch.out_of_lake`), since a copy step that is repeated must find the rows it was planned with.
    Yields, for each chunk, the customers whose history became shorter and who still exist. Ends with the batch undone.
    """
    now = Batch.objects.get(pk=batch.pk)
    if now.state not in (Batch.State.UNDOING, Batch.State.UNDONE) or not now.out_of_lake:
        raise BatchError(f"batch {batch.pk} is not ready to be removed: it must be undone and out of the lake first")
    while True:
        with transaction.atomic():
            hold(batch.workspace_id)
            rows = list(Interaction.objects.filter(batch=batch.pk).values_list("id", "identity_id")[:CHUNK])
            touched = _remove(rows, batch) if rows else set()
        if not rows:
            break
        yield touched
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.UNDONE)


def _remove(rows: Sequence[tuple[int, int | None]], batch: Batch) -> set[int]:
    ids = [interaction_id for interaction_id, _identity in rows]
    delete_perceptions(ids)
    DeadLetter.objects.filter(interaction_id__in=ids).delete()
    Interaction.objects.filter(pk__in=ids).delete()
    customers = set(Identity.objects.filter(pk__in={identity for _id, identity in rows if identity}).values_list("customer_id", flat=True))
    brought = set(Customer.objects.filter(pk__in=customers, created_at__gte=batch.created_at).values_list("pk", flat=True))
    silent = brought - {customer for (customer,) in bulk.ask(LIVED, brought)} - _handled(batch, brought)
    forget_customers(silent)
    return customers - silent


def _handled(batch: Batch, customers: set[int]) -> set[int]:
    """Those whom somebody made by hand, or changed, or asked to forget: they are more than what the batch told of them."""
    entries = AuditEntry.objects.filter(workspace=batch.workspace_id, target_type="customer", target_id__in=customers)
    leaving = Leaving.objects.filter(customer__in=customers)
    return customers.intersection([*entries.values_list("target_id", flat=True), *leaving.values_list("pk", flat=True)])


def delete_perceptions(ids: list[int]) -> None:
    """Delete the perceptions of these interactions, in the caller's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"DELETE FROM timeline_perception t USING {PERCEIVED} WHERE t.id = p.id",
                [ids],
            )
        else:
            cursor.execute(
                "DELETE FROM timeline_perception WHERE id IN (SELECT p.id FROM json_each(%s) w CROSS JOIN timeline_perception p "
                "ON p.id >= w.value << 6 AND p.id < (w.value + 1) << 6)",
                [as_json_array(ids)],
            )
