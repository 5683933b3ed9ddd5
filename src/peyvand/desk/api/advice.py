"""What a customer's page concludes, for programs: how they feel, in a sentence, and the next best thing to do."""

from typing import Any, Literal

from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import Field

from peyvand.core.masking import readable
from peyvand.core.reader import use_reader
from peyvand.customers.queries.people import identities_of
from peyvand.desk.api.customers import customer_of
from peyvand.desk.people.advice import advice_for
from peyvand.desk.people.cases import panels_of
from peyvand.desk.people.contacts import phone_of
from peyvand.desk.people.feelings import feelings
from peyvand.workspaces.bearer import KeyRequest, opens, sees_contacts
from peyvand.workspaces.readers import reader_of
from peyvand.workspaces.types import Permission, Scope

ROUTER = Router(tags=["customers"])


class AdviceTold(Schema):
    """Sentences in the language of Accept-Language, English without it; `act` is for programs."""

    feeling: str = Field(description="how they feel, from their last scores")
    basis: str = Field(description="what that stands on")
    title: str = Field(description="what to do next")
    why: str
    act: Literal["call", "case", "opinion", "edit", ""] = Field(
        description="ring them, go on with their open case, record an opinion, add a way to reach them; empty: nothing but what is said"
    )


@opens(ROUTER.get, "/customers/{customer}/advice", Scope.CUSTOMERS_READ, response=AdviceTold, summary="How somebody feels; what to do next")
def advice(request: KeyRequest, customer: str) -> dict[str, Any]:
    """By the plain rules of their page. Cases count with the scope `cases.read`; `call` is advised with `contacts.see`."""
    found, sees = customer_of(request, customer), sees_contacts(request)
    knows_cases = Scope.CASES_READ in request.api_key.scopes and request.member.may(Permission.CASES_READ)
    with use_reader(reader_of(request.workspace, get_language() or "en")):
        felt = feelings(found)
        phone = sees and bool(phone_of(identities_of(found)))
        told = advice_for(found, panels_of(found) if knows_cases else None, phone=phone, name=readable(found.name, sees=sees))
    return {"feeling": felt.finding, "basis": felt.basis, "title": told.title, "why": told.why, "act": told.act}
