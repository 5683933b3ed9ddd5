"""What happens to a case becomes an interaction of its customer. Called by the other services of cases."""

import datetime as dt

from peyvand.cases.models import Case
from peyvand.cases.queries import SUBJECT
from peyvand.identities.queries import naming
from peyvand.identities.types import IdentityType
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, Subject

SOURCE = "cases"


def note_on_timeline(case: Case, kind: str, properties: dict[str, object], *, at: dt.datetime, key: str) -> None:
    """Record what happened to a case; `key` makes a repeat harmless. Nothing where the customer has no identity left."""
    strongest = naming(case.customer_id)
    if strongest is None:
        return
    named = IdentityIn(IdentityType(strongest.type).name.lower(), strongest.value)
    item = Item(
        kind=kind,
        occurred_at=at,
        customer=CustomerIn(identities=[named]),
        subject=Subject(SUBJECT, str(case.pk)),
        properties={"case": case.pk, "number": case.number, **properties},
        source=SOURCE,
        external_id=noted_id(case.pk, key),
    )
    record(case.workspace_id, item)


def noted_id(case_id: int, key: str) -> str:
    """What we call the interaction that was recorded of a case under a key."""
    return f"case:{case_id}:{key}"
