"""By what a brand judges its relationships, for programs."""

from dataclasses import asdict

from ninja import Router
from pydantic import Field

from peyvand.customers.models import LifecycleRules
from peyvand.customers.services.lifecycle import RulesError, set_rules
from peyvand.customers.types import Rules
from peyvand.workspaces.bearer import KeyRequest, Refused, opens
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["settings"])


class LifecycleRulesTold(Said):
    """From when somebody is at risk, lost, loyal."""

    risk_days: int = Field(description="at risk after so many days out of sight")
    lost_days: int = Field(description="lost after so many days out of sight")
    hurt_days: int = Field(description="at risk for so many days after a bad score")
    loyal_purchases: int = Field(description="loyal from so many purchases")


@opens(ROUTER.get, "/lifecycle", Scope.SETTINGS_MANAGE, response=LifecycleRulesTold, summary="By what relationships are judged")
def lifecycle(request: KeyRequest) -> dict[str, int]:
    """The usual rules, where the brand has none of its own."""
    return asdict(LifecycleRules.of(request.workspace.pk))


@opens(ROUTER.put, "/lifecycle", Scope.SETTINGS_MANAGE, response=LifecycleRulesTold, summary="Change by what relationships are judged")
def put_lifecycle(request: KeyRequest, said: LifecycleRulesTold) -> dict[str, int]:
    """Everybody is looked at anew; that takes a moment."""
    try:
        set_rules(workspace=request.workspace, rules=Rules(**said.model_dump()), actor=request.member.user)
    except RulesError as error:
        raise Refused(422, "invalid", f"{error.field}: {error}", error.field) from None
    return said.model_dump()
