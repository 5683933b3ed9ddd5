"""Whether somebody may be written to, and what they said about it. Called before anything is sent."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Lag

from peyvand.customers.models import Consent
from peyvand.customers.types import ANY_CHANNEL, ASKED_FIRST
from peyvand.identities.models import Customer


def may_contact(customer_id: int, purpose: str, channel: str) -> bool:
    """Say whether a customer may be written to for a purpose on a channel.

    The word said last for the pair counts, at the same moment the refusal; a standing refusal of every channel forbids
    each of them. Without a word, surveys and service are allowed and marketing is not.
    """
    return bool(may_contact_many([customer_id], purpose, channel))


def may_contact_many(customer_ids: Collection[int], purpose: str, channel: str) -> set[int]:
    """Those of these customers who may be written to; what people merged into them once said counts as theirs."""
    wanted = set(customer_ids)
    holders = _with_absorbed(wanted)
    said: dict[int, dict[str, Consent]] = defaultdict(dict)
    for consent in Consent.objects.filter(customer_id__in=holders, purpose=purpose, channel__in=(channel, ANY_CHANNEL)).order_by(
        *_LATEST_LAST
    ):
        held = said[holders[consent.customer_id]]
        if (before := held.get(consent.channel)) is None or not _stands(before, consent):
            held[consent.channel] = consent
    allowed = purpose not in ASKED_FIRST
    return {customer_id for customer_id in wanted if _verdict(said[customer_id].values(), default=allowed)}


_LATEST_LAST = ("at", "-granted", "pk")


def _stands(before: Consent, after: Consent) -> bool:
    """A refusal stands against an agreement of the very same moment."""
    return before.at == after.at and not before.granted


def _verdict(words: Iterable[Consent], *, default: bool) -> bool:
    words = list(words)
    return all(word.granted for word in words) if words else default


def _with_absorbed(customer_ids: Collection[int]) -> dict[int, int]:
    """Each customer and everybody merged into them → the customer who stands for them."""
    root = {customer_id: customer_id for customer_id in customer_ids}
    frontier: Collection[int] = list(root)
    while frontier:
        absorbed = dict(Customer.objects.filter(merged_into_id__in=frontier).values_list("pk", "merged_into_id"))
        frontier = [pk for pk in absorbed if pk not in root]
        root.update({pk: root[into] for pk, into in absorbed.items() if pk not in root and into is not None})
    return root


def consents_of(customer_id: int) -> list[Consent]:
    """Everything a customer said about being written to, the latest first."""
    people = _with_absorbed([customer_id])
    return list(Consent.objects.filter(customer_id__in=people).select_related("recorded_by").order_by("-at", "-pk"))


def changes_of_mind(customer_id: int) -> QuerySet[Consent]:
    """What a customer said about being written to, the latest first, without what only says again what held before.

    Filtered to what was said before a moment, it is the same rows: each is judged by older ones alone.
    """
    before = Window(Lag("granted"), partition_by=("purpose", "channel"), order_by=("at", "pk"))
    said = Consent.objects.filter(customer_id__in=_with_absorbed([customer_id])).annotate(before=before)
    changed = said.filter(Q(before__isnull=True) | ~Q(before=F("granted")))
    return changed.select_related("recorded_by").order_by("-at", "-pk")


def standing_consents(customer_id: int) -> dict[tuple[str, str], Consent]:
    """(purpose, channel) → the word that counts."""
    found: dict[tuple[str, str], Consent] = {}
    for consent in sorted(consents_of(customer_id), key=lambda c: (c.at, not c.granted, c.pk)):
        before = found.get((consent.purpose, consent.channel))
        if before is None or not _stands(before, consent):
            found[consent.purpose, consent.channel] = consent
    return found
