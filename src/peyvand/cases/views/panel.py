"""One case as it stands open: who, what they said, how to reach them, what comes next, what happened. Built for the pages."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.forms import Form
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.cases import queries, wording
from peyvand.cases.course import Step, steps_of
from peyvand.cases.forms import CloseForm, ContactForm, DeadlineForm, MessageForm, NoteForm, OwnerForm, PromiseForm
from peyvand.cases.models import Case, CaseEvent, CasePolicy
from peyvand.cases.rows import Row, labels_of, place_of, rows_of, score_tone
from peyvand.catalogue.queries import terms_of
from peyvand.catalogue.types import Dimension
from peyvand.core import clock, display, phones
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import Profile
from peyvand.customers.types import NEVER
from peyvand.identities.models import Customer, Identity
from peyvand.identities.queries import standing
from peyvand.identities.types import IdentityType
from peyvand.tasks.models import Task
from peyvand.timeline.kinds import kinds
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.workspaces.access import ConsoleRequest
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission

LATELY = 5
FORMS: dict[str, type[Any]] = {
    "contact": ContactForm,
    "message": MessageForm,
    "promise": PromiseForm,
    "close": CloseForm,
    "note": NoteForm,
    "owner": OwnerForm,
    "deadline": DeadlineForm,
}
OWN_KINDS = frozenset({"case.opened", "case.reopened", "case.closed", "contact.made"})


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a case's history."""

    icon: str
    label: str
    text: str
    who: str
    at: dt.datetime
    value: float | None = None
    tone: str = ""
    trouble: str = ""  # why a message did not reach the customer


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that is still open."""

    text: str
    due_at: dt.datetime
    late: bool
    url: str


@dataclass(frozen=True, slots=True)
class Lately:
    """One of the last things that happened with the customer."""

    icon: str
    label: str
    at: dt.datetime


@dataclass(slots=True)
class Panel:
    """Everything the template of an open case needs. `query` keeps the list's filters in every address."""

    row: Row
    words: str
    reached: "Reach"
    about: str
    source: str
    steps: list[Step]
    promises: list[Promised]
    history: list[Happened]
    lately: list[Lately]
    customer_url: str
    may_work: bool
    may_assign: bool
    query: str = ""
    forms: dict[str, Form] = field(default_factory=dict)
    opened: str = ""

    @property
    def case(self) -> Case:
        return self.row.case

    def act(self, name: str) -> str:
        """The address of something done to this case."""
        return reverse(f"cases:{name}", args=[self.row.pid]) + self.query

    @property
    def acts(self) -> dict[str, str]:
        """Every address by name, for the template."""
        return {name: self.act(name) for name in ("contact", "message", "promise", "close", "note", "owner", "deadline", "take", "reopen")}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a customer can be reached, as this member may see it."""

    phone: str = ""
    dial: str = ""
    email: str = ""


def build(request: ConsoleRequest, policy: CasePolicy, case: Case, bound: Mapping[str, Form] | None = None) -> Panel:
    """Put an open case together; `bound` are forms that came back with errors."""
    work, sees = request.member.may(Permission.CASES_WORK), request.member.may(Permission.CONTACTS_SEE)
    case.workspace = request.workspace
    customer = standing(case.customer)
    row = rows_of(policy, [case], sees=sees)[0]
    panel = Panel(
        row=row,
        words=readable(case.words, sees=sees),
        reached=reach_of(customer, request.member),
        about=about(customer),
        source=_source(case, sees=sees),
        steps=steps_of(case),
        promises=[_promised(row.pid, task, sees=sees) for task in queries.open_promises(case)],
        history=[_happened(policy, case, event, sees=sees) for event in queries.history(case)],
        lately=_lately(customer),
        customer_url=_customer_url(request, customer),
        may_work=work,
        may_assign=request.member.may(Permission.CASES_ASSIGN),
    )
    if work:
        panel.forms = {name: form(case, prefix=name, **_start(name, case)) for name, form in FORMS.items()} | dict(bound or {})
        panel.opened = next(iter(bound), "") if bound else ""
    return panel


def _start(name: str, case: Case) -> dict[str, Any]:
    if name != "message":
        return {}
    return {"initial": {"subject": _("%(brand)s: about what you told us") % {"brand": case.workspace.name}}}


def reach_of(customer: Customer, member: Member) -> Reach:
    """Phone and e-mail of a customer, masked for those who do not need them; `dial` only for those who may call."""
    known = Identity.objects.filter(customer=customer, type__in=(IdentityType.PHONE, IdentityType.EMAIL)).order_by("id")
    found = dict(known.values_list("type", "value"))
    phone, email = found.get(IdentityType.PHONE, ""), found.get(IdentityType.EMAIL, "")
    if member.may(Permission.CONTACTS_SEE):
        return Reach(phone, phone, email)
    return Reach(phones.mask(phone) if phone else "", "", "•••" if email else "")


def about(customer: Customer) -> str:
    """Who a customer is in one line: loyal, 23 purchases, 2 years and 7 months."""
    profile = Profile.objects.filter(pk=customer.pk).first()
    if profile is None or profile.first_seen_at == NEVER:
        return _("new to us")
    bought = ngettext("%(n)s purchase", "%(n)s purchases", profile.bought) % {"n": display.num(profile.bought)}
    since = display.duration(max(dt.timedelta(days=1), clock.now() - profile.first_seen_at))
    stage = wording.stage_label(stage_of(profile.standing, clock.now()))
    return _("%(stage)s, %(bought)s, %(since)s with us") % {"stage": stage, "bought": bought, "since": since}


def _source(case: Case, *, sees: bool) -> str:
    """What was said about what: a score on its scale, and where it was given."""
    place = place_of(labels_of([case.touchpoint, case.branch]), case)
    number = display.digits(readable(case.subject_id, sees=sees))
    order = _("order %(number)s") % {"number": number} if case.subject_type == "order" else ""
    score = ""
    if case.score_before is not None and case.high is not None:
        score = _("score %(value)s of %(top)s") % {"value": display.num(case.score_before), "top": display.num(case.high)}
    return " · ".join(part for part in (score, place, order) if part)


def _promised(pid: str, task: Task, *, sees: bool) -> Promised:
    task_pid = public_id(bytes(task.workspace.id_key), task.pk)
    return Promised(readable(task.title, sees=sees), task.due_at, task.due_at < clock.now(), reverse("cases:settle", args=[pid, task_pid]))


def _happened(policy: CasePolicy, case: Case, event: CaseEvent, *, sees: bool) -> Happened:
    text = readable(event.text, sees=sees)
    if event.type == CaseEvent.Type.REASON:
        text = wording.reason_label(policy.reasons, event.text)
    elif event.type in (CaseEvent.Type.ASSIGNED, CaseEvent.Type.OPENED):
        text = ""  # the label names the person; what was said stands at the top
    return Happened(
        icon=wording.event_icon(event),
        label=wording.event_label(event),
        text=text,
        who=str(event.by) if event.by else "",
        at=event.at,
        value=event.value,
        tone=score_tone(case, event.value),
        trouble=readable(wording.message_trouble(event.message), sees=sees) if event.message is not None else "",
    )


def _lately(customer: Customer) -> list[Lately]:
    """The last things that happened with a customer, beside the case itself."""
    mine = Interaction.objects.filter(identity__customer=customer).order_by("-occurred_at")[: 4 * LATELY]
    found = events(read_ids(list(mine.values_list("id", flat=True))), felt={})
    latest = sorted((event for event in found if event.kind not in OWN_KINDS), key=lambda event: event.occurred_at, reverse=True)[:LATELY]
    known, language = kinds(), display.active_reader().language
    unknown = {event.kind for event in latest} - set(known)
    own = {term.code: term.label for term in terms_of(customer.workspace_id, Dimension.KIND)} if unknown else {}
    lines = []
    for event in latest:
        kind = known.get(event.kind)
        label = kind.label(language) if kind else own.get(event.kind, event.kind)
        lines.append(Lately(kind.icon if kind else "pulse", label, event.occurred_at))
    return lines


def _customer_url(request: ConsoleRequest, customer: Customer) -> str:
    if not request.member.may(Permission.CUSTOMERS_READ):
        return ""
    try:
        return reverse("desk:customer", args=[public_id(bytes(request.workspace.id_key), customer.pk)])
    except NoReverseMatch:
        return ""
