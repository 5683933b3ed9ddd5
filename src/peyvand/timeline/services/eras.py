"""Eras: a restore into a new PostgreSQL cluster starts transaction ids again, so readers must know what is older."""

from django.db import connection, transaction

from peyvand.timeline.models import Era


@transaction.atomic
def raise_era() -> int:
    """Begin a new era and return its number; everything recorded before is older, whatever its transaction id.

    Called by `restore` once the rows are in place.
    """
    latest = Era.objects.order_by("-number").values_list("number", flat=True).first() or 0
    number = latest + 1
    Era.objects.create(number=number)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE timeline_interaction ALTER COLUMN era SET DEFAULT {number:d}")
    return number
