"""The list of pairs who look alike: written anew after each look, decided pairs left alone. Called by customers.services.suggesting."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from peyvand.identities.models import Identity, LinkConflict
from peyvand.workspaces.models import Workspace


class AlikePair(NamedTuple):
    """Two customers who look alike, their points (0 to 99) and the reasons as plain JSON."""

    kept: int
    other: int
    score: int
    reasons: Sequence[Mapping[str, Any]]


@transaction.atomic
def list_pairs(workspace: Workspace, pairs: Sequence[AlikePair]) -> None:
    """Let exactly these pairs be listed as alike and open; who was listed before keeps the moment they were seen first."""
    listed = {
        (one.kept_id, one.other_id): one
        for one in LinkConflict.objects.filter(workspace=workspace, origin=LinkConflict.Origin.ALIKE, decision=LinkConflict.Decision.OPEN)
    }
    wanted = {(pair.kept, pair.other): pair for pair in pairs}
    LinkConflict.objects.filter(pk__in=[one.pk for key, one in listed.items() if key not in wanted]).delete()
    changed = []
    for key, one in listed.items():
        if key in wanted and (one.score, one.reasons) != (wanted[key].score, list(wanted[key].reasons)):
            one.score, one.reasons = wanted[key].score, list(wanted[key].reasons)
            changed.append(one)
    LinkConflict.objects.bulk_update(changed, ["score", "reasons"], batch_size=200)
    fresh = [pair for key, pair in wanted.items() if key not in listed]
    strongest = _strongest({customer for pair in fresh for customer in (pair.kept, pair.other)})
    LinkConflict.objects.bulk_create(
        [_pair(workspace, pair, strongest) for pair in fresh if pair.kept in strongest and pair.other in strongest], ignore_conflicts=True
    )


def _pair(workspace: Workspace, pair: AlikePair, strongest: Mapping[int, tuple[int, str]]) -> LinkConflict:
    (kept_type, kept_value), (other_type, other_value) = strongest[pair.kept], strongest[pair.other]
    return LinkConflict(
        workspace=workspace,
        kept_id=pair.kept,
        other_id=pair.other,
        kept_type=kept_type,
        kept_value=kept_value,
        other_type=other_type,
        other_value=other_value,
        origin=LinkConflict.Origin.ALIKE,
        score=pair.score,
        reasons=list(pair.reasons),
    )


def _strongest(customers: Collection[int]) -> dict[int, tuple[int, str]]:
    found: dict[int, tuple[int, str]] = {}
    for customer, kind, value in (
        Identity.objects.filter(customer__in=customers).order_by("-type", "-pk").values_list("customer", "type", "value")
    ):
        found[customer] = (kind, value)
    return found
