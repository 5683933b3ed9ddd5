"""Counting the timeline into profiles: what the subscriber adds batch by batch, and counting a customer anew."""

from collections.abc import Callable, Collection

from django.db import transaction

from peyvand.core.fields import to_micros
from peyvand.customers.counting import Book, Counted
from peyvand.customers.history import counted_rows, owners_of, undone_of
from peyvand.customers.models import Consent
from peyvand.customers.services import facts, profiles
from peyvand.customers.services.placing import drop_untold
from peyvand.identities.models import Customer
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import Page


def count_rows(page: Page) -> Callable[[], None]:
    """Work out what new rows change, and give the function that writes it in the subscriber's transaction.

    The work is done before the transaction, since SQLite has one writer. Identities that changed hands meanwhile,
    batches undone and customers renamed meanwhile are noticed and the work is done again.
    """
    book = Book(page.rows, page.felt)
    owners, undone = owners_of(book.identities), undone_of(book.batches)
    counted = book.counted(owners, undone)
    people = profiles.people(counted.keys()) if counted else {}

    def write() -> None:
        nonlocal counted, people
        owners_now, undone_now = owners_of(book.identities), undone_of(book.batches)
        if (owners_now, undone_now) != (owners, undone):
            counted = book.counted(owners_now, undone_now)
            people = profiles.people(counted.keys())
        elif renamed := profiles.changed_since(people):
            people |= profiles.people(renamed)
        profiles.add(people, counted)
        facts.apply({customer: one.told for customer, one in counted.items() if one.told})

    return write


@transaction.atomic
def recount(customer_ids: Collection[int]) -> None:
    """Count these customers anew from the timeline: after identities moved or a batch was undone.

    Language and attributes are told anew too; preferences and what people said about consent stay.
    """
    present = {customer.pk: to_micros(customer.created_at) for customer in Customer.objects.filter(pk__in=customer_ids)}
    if not present:
        return
    rows = counted_rows(present.keys())
    book = Book(rows)
    counted = book.counted(owners_of(book.identities), undone_of(book.batches))
    for customer_id, born in present.items():
        counted.setdefault(customer_id, Counted(born))
    people = profiles.people(counted.keys(), anew=True)
    profiles.replace(people, counted)
    _drop_consents_of_nothing(present.keys())
    drop_untold(present.keys())
    facts.apply({customer: one.told for customer, one in counted.items()}, anew=True)


def _drop_consents_of_nothing(customer_ids: Collection[int]) -> None:
    """Take away consents told by interactions that are gone or undone."""
    told = dict(Consent.objects.filter(customer_id__in=customer_ids, interaction_id__isnull=False).values_list("pk", "interaction_id"))
    if not told:
        return
    standing = dict(Interaction.objects.filter(pk__in=set(told.values())).values_list("pk", "batch"))
    undone = undone_of({batch for batch in standing.values() if batch is not None})
    gone = [pk for pk, interaction in told.items() if interaction not in standing or standing[interaction] in undone]
    Consent.objects.filter(pk__in=gone).delete()
