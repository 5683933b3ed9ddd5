"""Consent and the companies people act for go with them where customers are merged or parted."""

from django.db.models import Q

from peyvand.customers.models import Consent, Membership
from peyvand.customers.services.placing import place_again
from peyvand.identities.queries import rows_to_move
from peyvand.identities.types import Move
from peyvand.timeline.models import Interaction


def move_what_was_said(move: Move) -> dict[str, list[int]]:
    """Give consents and memberships to the other customer; names what went."""
    return {**move_consents(move), **move_memberships(move)}


def move_memberships(move: Move) -> dict[str, list[int]]:
    """Give memberships to the other customer; one who acts for a company already keeps that one, and the former's stays behind."""
    came_by = Q(interaction_id__in=Interaction.objects.filter(identity__in=move.identities).values("pk"))
    known = Membership.objects.filter(customer=move.source)
    if Membership.objects.filter(customer=move.target, until=None).exists():
        known = known.exclude(until=None)
    ids = rows_to_move(move, "memberships", known, came_by)
    Membership.objects.filter(pk__in=ids).update(customer=move.target)
    place_again([move.source, move.target])
    return {"memberships": ids}


def move_consents(move: Move) -> dict[str, list[int]]:
    """Give consents to the other customer: all, or those that came by identities that go and those that moved before."""
    came_by = Q(interaction_id__in=Interaction.objects.filter(identity__in=move.identities).values("pk"))
    ids = rows_to_move(move, "consents", Consent.objects.filter(customer=move.source), came_by)
    Consent.objects.filter(pk__in=ids).update(customer=move.target)
    return {"consents": ids}
