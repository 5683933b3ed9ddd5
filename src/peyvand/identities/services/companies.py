"""The company each customer acts for, kept where recording finds it. What a company is stands in customers, which calls this."""

from collections.abc import Collection, Mapping
from typing import Final

from peyvand.core import bulk
from peyvand.identities.models import Customer

ACTING_FOR: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(c.id, c.company, c.company_since)) FROM json_each(?) w "
    "CROSS JOIN identities_customer c ON c.id = w.value AND c.company IS NOT NULL",
    postgres=f"SELECT c.id, c.company, c.company_since FROM {bulk.INTEGERS} CROSS JOIN LATERAL "
    "(SELECT id, company, company_since FROM identities_customer WHERE id = w.value AND company IS NOT NULL LIMIT 1) c",
)


def acting_for(customer_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Of those customers who act for a company: its Term integer, and since when in microseconds."""
    if not customer_ids:
        return {}
    return {customer: (company, since or 0) for customer, company, since in bulk.ask(ACTING_FOR, customer_ids)}


def place_customers(places: Mapping[int, tuple[int, int] | None]) -> None:
    """Keep for each customer the company's Term integer and the microseconds since when (None: for nobody), in the caller's transaction."""
    for customer_id, place in sorted(places.items()):
        company, since = place or (None, None)
        Customer.objects.filter(pk=customer_id).update(company=company, company_since=since)
