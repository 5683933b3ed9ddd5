"""What a customer said about being written to, and when, for programs. The words that stand are told with the customer.

It has an address of its own: a word is kept (`POST …/consents`) by the `If-Match` of the customer, as nothing is read at that address.
"""

import datetime as dt
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.core.masking import readable
from peyvand.customers.models import Consent
from peyvand.customers.queries.consent import changes_of_mind
from peyvand.desk.api.customers import customer_of
from peyvand.workspaces.bearer import KeyRequest, Paging, opens, page, sees_contacts
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])


class WordTold(Schema):
    """Something a customer said about being written to."""

    purpose: str
    channel: str = Field(description="`any` speaks for every channel")
    granted: bool
    at: dt.datetime
    source: str = Field(description="where it was said, or the program that told of it")
    by: str | None = Field(description="who noted it; null where the customer did it themselves, or an interaction told of it")
    note: str = Field(description="contacts are hidden from keys without `contacts.see`")


class WordPage(Schema):
    """Words, the latest first."""

    items: list[WordTold]
    next: str


@opens(
    ROUTER.get,
    "/customers/{customer}/consents/history",
    Scope.CUSTOMERS_READ,
    response=WordPage,
    summary="What a customer agreed to, and when",
)
def consents(request: KeyRequest, customer: str, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Of everybody merged into them, too; what only says again what held before is left out."""
    found = customer_of(request, customer)
    rows, following = page(request, f"consents.{found.pk}", changes_of_mind(found.pk), asked, "-at")
    return {"items": [_told(request, one) for one in rows], "next": following}


def _told(request: KeyRequest, word: Consent) -> dict[str, Any]:
    return {name: getattr(word, name) for name in ("purpose", "channel", "granted", "at", "source")} | {
        "by": str(word.recorded_by) if word.recorded_by else None,
        "note": readable(word.note, sees=sees_contacts(request)),
    }
