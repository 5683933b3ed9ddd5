"""How a brand follows up, for programs: which scores open a case, how soon, for whom, and the reasons to choose from."""

from typing import Any, Literal

from ninja import Router
from pydantic import Field

from peyvand.cases.models import CasePolicy
from peyvand.cases.policy_form import MEASURES, MOST_REASONS, NAME, PolicyForm, ReasonForms, reasons_from
from peyvand.cases.services import policy_of, set_policy
from peyvand.cases.types import Assignment
from peyvand.workspaces.bearer import KeyRequest, Refused, opens
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["cases"])
PLACES = {f"limit_{measure}": f"limits.{measure}" for measure, _label in MEASURES}


class CaseReason(Said):
    """A reason to choose from; an empty code makes a new one."""

    code: str = Field("", max_length=40)
    fa: str = Field("", max_length=NAME)
    en: str = Field("", max_length=NAME)
    off: bool = Field(default=False, description="off the list; cases that have it keep it")


class Policy(Said):
    """How a brand follows up."""

    is_active: bool = Field(description="whether unhappy answers open cases")
    limits: dict[Literal["nps", "csat", "ces", "rating"], float] = Field(
        description="of each measure the highest score that opens a case; one left out opens none"
    )
    contact_hours: int = Field(description="working hours to the first contact")
    remedy_hours: int = Field(description="working hours from there to the end")
    assignment: Assignment = Field(description="who gets a new case")
    reasons: list[CaseReason] = Field(max_length=MOST_REASONS, description="one left out goes off the list")


@opens(ROUTER.get, "/case-policy", Scope.CASES_READ, response=Policy, summary="How cases are followed up")
def case_policy(request: KeyRequest) -> dict[str, Any]:
    """With the reasons that cases may have."""
    return _told(policy_of(request.workspace))


@opens(ROUTER.put, "/case-policy", Scope.SETTINGS_MANAGE, response=Policy, summary="Change how cases are followed up")
def put_case_policy(request: KeyRequest, said: Policy) -> dict[str, Any]:
    """New answers are followed up this way from now on."""
    policy = policy_of(request.workspace)
    plain = {name: getattr(said, name) for name in ("is_active", "contact_hours", "remedy_hours", "assignment")}
    form = filled(PolicyForm(policy, plain | {f"limit_{measure}": limit for measure, limit in said.limits.items()}), PLACES)
    changes = form.changes() | {"reasons": _reasons(policy, said.reasons)}
    return _told(set_policy(workspace=request.workspace, changes=changes, actor=request.member.user))


def _reasons(policy: CasePolicy, said: list[CaseReason]) -> list[dict[str, Any]]:
    """As the page's list of rows would be read."""
    known = {reason["code"] for reason in policy.reasons}
    for n, reason in enumerate(said):
        if reason.code and reason.code not in known:
            raise Refused(422, "unknown-code", f"reasons.{n}.code: there is no “{reason.code}”; leave it empty for a new one.", "reasons")
    rows = {f"reasons-{n}-{name}": words for n, reason in enumerate(said) for name, words in reason.model_dump().items()}
    forms = ReasonForms({"reasons-TOTAL_FORMS": len(said), "reasons-INITIAL_FORMS": 0, **rows}, prefix="reasons")
    for n, form in enumerate(forms.forms):
        filled(form, {name: f"reasons.{n}.{name}" for name in CaseReason.model_fields})
    if not forms.is_valid():
        raise Refused(422, "invalid", f"reasons: {forms.non_form_errors()[0]}", "reasons")
    return reasons_from(forms, policy.reasons)


def _told(policy: CasePolicy) -> dict[str, Any]:
    plain = ("is_active", "contact_hours", "remedy_hours", "assignment", "reasons")
    offered = {measure for measure, _label in MEASURES}
    limits = {measure: limit for measure, limit in policy.limits.items() if measure in offered}
    return {name: getattr(policy, name) for name in plain} | {"limits": limits}
