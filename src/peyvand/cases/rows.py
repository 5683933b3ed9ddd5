"""Cases as lists and panels show them: every text written for the reader. Called by the views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from peyvand.cases import wording
from peyvand.cases.models import Case, CaseEvent, CasePolicy
from peyvand.cases.moments import working_days
from peyvand.cases.types import CaseState, tone_of
from peyvand.catalogue.models import Term
from peyvand.core.display import quoted
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.identities.models import Identity
from peyvand.identities.types import IdentityType
from peyvand.workspaces.models import Workspace

WORDS = 70  # letters of what was said, in a list
ISOLATED, APART = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a list."""

    case: Case
    name: str
    pid: str
    url: str
    tone: str
    place: str
    said: str
    reason: str
    due: wording.Due | None
    state: str
    state_tone: str
    phone: str
    tone_after: str


@dataclass(frozen=True, slots=True)
class Back:
    """A customer who is satisfied again: the scores before and after, why they were not, what was done."""

    case: Case
    name: str
    url: str
    tone: str
    tone_after: str
    why: str


def pid_of(workspace: Workspace, case: Case) -> str:
    """The id of a case as addresses have it."""
    return public_id(bytes(workspace.id_key), case.pk)


def rows_of(policy: CasePolicy, cases: Sequence[Case], *, sees: bool, phones: bool = False) -> list[Row]:
    """Cases as rows; their places, and with `phones` their customers' numbers, are read at once.

    Contacts in names and words only for those who may see them (`sees`).
    """
    workspace = policy.workspace
    labels = labels_of(case_term for case in cases for case_term in (case.touchpoint, case.branch))
    numbers = _phones({case.customer_id for case in cases}) if phones else {}
    count = working_days(workspace)
    found = []
    for case in cases:
        pid = pid_of(workspace, case)
        found.append(
            Row(
                case=case,
                name=readable(case.customer.name, sees=sees) or _("A customer without a name"),
                pid=pid,
                url=reverse("cases:case", args=[pid]),
                tone=score_tone(case, case.score_before),
                place=place_of(labels, case),
                said=quoted(readable(case.words, sees=sees), WORDS),
                reason=wording.reason_label(policy.reasons, case.reason) if case.reason else "",
                due=None if case.state == CaseState.CLOSED else wording.due_of(case, count),
                state=wording.state_label(case),
                state_tone=wording.state_tone(case),
                phone=numbers.get(case.customer_id, ""),
                tone_after=score_tone(case, case.score_after),
            )
        )
    return found


def backs_of(policy: CasePolicy, cases: Sequence[Case], *, sees: bool) -> list[Back]:
    """Customers who came back, each with what their case said at its end; contacts in it only for those who may see them."""
    ends = CaseEvent.objects.filter(case__in=[case.pk for case in cases], type=CaseEvent.Type.CLOSED).order_by("id")
    done = dict(ends.values_list("case_id", "text"))
    found = []
    for case in cases:
        reason = wording.reason_label(policy.reasons, case.reason) if case.reason else ""
        remedy = readable(done.get(case.pk, ""), sees=sees) or wording.outcome_label(case.outcome)
        said = f"{ISOLATED}{remedy}{APART}"  # it may be in the other script
        why = _("%(reason)s; %(remedy)s") % {"reason": reason, "remedy": said} if reason else remedy
        url = reverse("cases:case", args=[pid_of(policy.workspace, case)])
        found.append(
            Back(
                case,
                readable(case.customer.name, sees=sees) or _("A customer without a name"),
                url,
                score_tone(case, case.score_before),
                score_tone(case, case.score_after),
                why,
            )
        )
    return found


def labels_of(term_ids: Iterable[int | None]) -> dict[int, str]:
    """Labels of terms by integer."""
    terms = Term.objects.in_bulk([term_id for term_id in set(term_ids) if term_id is not None])
    return {term_id: term.label for term_id, term in terms.items()}


def place_of(labels: Mapping[int, str], case: Case) -> str:
    """Where it happened: touchpoint and branch, as far as they are known."""
    known = [labels[term_id] for term_id in (case.touchpoint, case.branch) if term_id is not None and term_id in labels]
    return _("%(one)s, %(two)s") % {"one": known[0], "two": known[1]} if len(known) > 1 else "".join(known)


def score_tone(case: Case, score: float | None) -> str:
    """How one of the two scores of a case is drawn."""
    return "" if score is None else tone_of(case.measure, score, case.low, case.high)


def _phones(customer_ids: set[int]) -> dict[int, str]:
    found = Identity.objects.filter(customer_id__in=customer_ids, type=IdentityType.PHONE).order_by("id")
    return dict(found.values_list("customer_id", "value"))
