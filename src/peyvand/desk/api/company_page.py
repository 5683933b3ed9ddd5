"""What a company's page shows beside the company, for programs: its timeline, and how its people feel. Of a merged one, those of both."""

from typing import Annotated, Any

from ninja import Query, Router

from peyvand.customers.models import Company
from peyvand.customers.queries.companies import company_moments
from peyvand.desk.api.companies import company_of_id
from peyvand.desk.api.history import TimelinePage, place_of, told_backwards
from peyvand.insights.api.board import FiguresTold, figures
from peyvand.insights.api.reading import WindowAsked
from peyvand.workspaces.bearer import KeyRequest, Paging, opens
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["companies"])
CURSOR = "api.company.timeline"


@opens(ROUTER.get, "/companies/{company}/timeline", Scope.CUSTOMERS_READ, response=TimelinePage, summary="What happened with a company")
def company_timeline(request: KeyRequest, company: str, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Backwards from now; `GET /interactions?company=<code>` tells it in the order of its recording.

    Without the scope `contacts.see`, phone numbers and e-mail addresses in texts and properties are hidden.
    """
    found = _standing(request, company)
    return told_backwards(request, CURSOR, found.pk, company_moments(found, place_of(CURSOR, found.pk, asked.after), asked.limit))


@opens(ROUTER.get, "/companies/{company}/figures", Scope.READ, response=FiguresTold, summary="How the people of a company feel")
def company_figures(request: KeyRequest, company: str, asked: Annotated[WindowAsked, Query()]) -> dict[str, Any]:
    """As `GET /figures`, of what happened with this company alone."""
    mine = f"company={_standing(request, company).term.code}"
    return figures(request, asked.model_copy(update={"where": [*asked.where, mine]}))


def _standing(request: KeyRequest, text: str) -> Company:
    found = company_of_id(request, text)
    return found if found.merged_into_id is None else Company.objects.select_related("workspace", "term").get(pk=found.merged_into_id)
