"""Checks of who is who: customers who gathered more than one person has, and who is known by most ways."""

from collections.abc import Iterator

from peyvand.config.diagnosis.findings import State
from peyvand.core.ids import public_id
from peyvand.identities.models import Crowd
from peyvand.identities.queries import largest
from peyvand.identities.types import MOST_GATHERED

SHOWN = 5


def crowds() -> Iterator[tuple[State, str]]:
    """Customers to whom nothing more is put by itself, since they are known by more ways than one person has."""
    waiting = Crowd.objects.filter(settled_at=None, customer__merged_into=None)
    if n := waiting.count():
        slugs = ", ".join(waiting.order_by("workspace__slug").values_list("workspace__slug", flat=True).distinct())
        yield "note", f"{n} customers have gathered {MOST_GATHERED} ways to be known: look at them under “Two people or one?” of {slugs}"
    else:
        yield "ok", f"nobody has gathered more than {MOST_GATHERED} ways to be known"


def largest_customers() -> Iterator[tuple[State, str]]:
    """Who is known by most ways (only with --deep)."""
    for customer, n in largest(None, SHOWN):
        pid = public_id(bytes(customer.workspace.id_key), customer.pk)
        state: State = "note" if n > MOST_GATHERED else "ok"
        yield state, f"customer {pid} of {customer.workspace.slug} is known by {n} ways"
