"""What happened, newest first, for programs: with one customer; and the pages of such lists, also of companies."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema

from peyvand.core.ids import read_token, sign_token
from peyvand.customers.queries.moments import Moment, Part, moments
from peyvand.desk.api.customers import customer_of
from peyvand.desk.people.timeline import asked_for
from peyvand.timeline.api.interactions import Told, shown
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, sees_contacts
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])
CURSOR = "api.customer.timeline"


class TimelinePage(Schema):
    """Interactions, those that happened last first."""

    items: list[Told]
    next: str = Field(description="give this as `after`; empty: this was the first that happened")


class HistoryAsked(Paging):
    """Which of it is asked for, as the tabs of the page."""

    part: Literal["talk", "purchases", "opinions"] | None = Field(None, description="without: all of it")


@opens(ROUTER.get, "/customers/{customer}/timeline", Scope.CUSTOMERS_READ, response=TimelinePage, summary="What happened with a customer")
def customer_timeline(request: KeyRequest, customer: str, asked: Annotated[HistoryAsked, Query()]) -> dict[str, Any]:
    """Backwards from now; `GET /interactions?customer=<id>` tells it in the order of its recording.

    Without the scope `contacts.see`, phone numbers and e-mail addresses in texts and properties are hidden.
    """
    found = customer_of(request, customer)
    wanted = asked_for(found, asked.part or "", place_of(CURSOR, found.pk, asked.after))
    return told_backwards(request, CURSOR, found.pk, moments(replace(wanted, limit=asked.limit)))


def told_backwards(request: KeyRequest, cursor: str, whose: int, part: Part) -> dict[str, Any]:
    """A part of somebody's timeline as TimelinePage."""
    note_bulk_view(member=request.member, action="interactions.read", detail={"contacts": sees_contacts(request)})
    token = sign_token(cursor, [whose, *part.following]) if part.following is not None else ""
    return {"items": [shown(request, event) for event in part.events], "next": token}


def place_of(cursor: str, whose: int, after: str) -> Moment | None:
    """Where a page begins. Raises Refused for what this timeline did not give."""
    if not after:
        return None
    place = read_token(cursor, after)
    if place is None or place[0] != whose:
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    return Moment(int(place[1]), int(place[2]))
