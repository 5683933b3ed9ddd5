"""Whom to ask, and when: from what happened to invitations, with limits against fatigue.

Called by the surveys' subscriber; every decision is repeatable, so reading an interaction twice plans nothing twice.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db.models import Max, Q

from peyvand.catalogue.queries import TermName, term_names
from peyvand.core import clock
from peyvand.core.fields import as_key, to_micros
from peyvand.customers.models import Profile
from peyvand.customers.queries.consent import may_contact_many
from peyvand.identities.models import Identity
from peyvand.identities.types import IdentityType
from peyvand.surveys.models import AskRule, Invitation, Survey
from peyvand.surveys.types import CASE_CLOSED, FRESH, InvitationState
from peyvand.timeline.models import Batch
from peyvand.timeline.reading import AT, Page, Row, events, read_ids
from peyvand.timeline.types import Event
from peyvand.workspaces.models import Workspace

CHANNEL = "email"
PURPOSE = "survey"
SLICED = ("touchpoint", "stage", "product", "branch", "department", "employee")
TIRING = (
    InvitationState.PLANNED,
    InvitationState.QUEUED,
    InvitationState.SENT,
    InvitationState.STARTED,
    InvitationState.ANSWERED,
    InvitationState.EXPIRED,
)


def plan_rows(page: Page) -> Callable[[], None]:
    """What rows of every kind lead to, as the function that writes it: most concern no survey and cost next to nothing."""
    fresh = _fresh(page.rows)
    if not fresh:
        return _nothing
    names = term_names({row[AT["kind"]] for row in fresh})
    rules = _rules({row[1] for row in fresh}, {name.code for name in names.values()})
    wanted = [row for row in fresh if (row[1], _code(names, row)) in rules or _code(names, row) == CASE_CLOSED]
    if not wanted:
        return _nothing

    def write() -> None:
        happened = events(wanted, felt={})
        plan_after(happened)
        for event in happened:
            if event.kind == CASE_CLOSED:
                plan_again(event)

    return write


def _nothing() -> None:
    """The effect of rows that concern no survey."""


def _fresh(rows: Sequence[Row]) -> list[Row]:
    """Rows of somebody, of the last two weeks, that no undone import brought."""
    since = to_micros(clock.now() - FRESH)
    recent = [row for row in rows if row[AT["identity_id"]] is not None and row[AT["occurred_at"]] >= since]
    batches = {row[AT["batch"]] for row in recent if row[AT["batch"]] is not None}
    if not batches:
        return recent
    states = (Batch.State.UNDOING, Batch.State.UNDONE)
    undone = set(Batch.objects.filter(pk__in=batches, state__in=states).values_list("pk", flat=True))
    return [row for row in recent if row[AT["batch"]] not in undone]


def _code(names: Mapping[int, TermName], row: Row) -> str:
    name = names.get(row[AT["kind"]])
    return name.code if name is not None else ""


def plan_after(happened: Sequence[Event]) -> int:
    """Plan invitations for interactions that an active survey asks about; returns how many.

    Old interactions (an import of last year) ask nobody. A customer is drawn by a fixed share of themselves and the
    survey, rests `rest_days` from any other question, and is planned once for an interaction. Whoever has no address
    or refused is not planned at all.
    """
    now = clock.now()
    happened = [event for event in happened if event.customer_id is not None and now - event.occurred_at <= FRESH]
    rules = _rules({event.workspace_id for event in happened}, {event.kind for event in happened})
    wanted = [(rule, event) for event in happened for rule in rules.get((event.workspace_id, event.kind), ()) if _fits(rule, event)]
    if not wanted:
        return 0
    reachable = _reachable({event.customer_id for _rule, event in wanted if event.customer_id})
    asked = _asked(reachable)
    languages = _languages(reachable)
    fresh: list[Invitation] = []
    for rule, event in wanted:
        customer_id = event.customer_id or 0
        send_at = max(event.occurred_at + dt.timedelta(hours=rule.delay_hours), now)
        rest = dt.timedelta(days=rule.rest_days)
        if customer_id not in reachable or any(abs(send_at - before) < rest for before in asked.get(customer_id, ())):
            continue
        asked.setdefault(customer_id, []).append(send_at)
        fresh.append(_invitation(rule, event, send_at, languages.get(customer_id, "")))
    Invitation.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _rules(workspaces: Iterable[int], kinds: Iterable[str]) -> dict[tuple[int, str], list[AskRule]]:
    found: dict[tuple[int, str], list[AskRule]] = {}
    rules = AskRule.objects.filter(survey__is_active=True, survey__workspace__in=set(workspaces), kind__in=set(kinds))
    for rule in rules.select_related("survey__workspace").order_by("id"):
        found.setdefault((rule.survey.workspace_id, rule.kind), []).append(rule)
    return found


def _fits(rule: AskRule, event: Event) -> bool:
    if rule.touchpoint and event.term_ids.get("touchpoint") != rule.touchpoint:
        return False
    if rule.branch and event.term_ids.get("branch") != rule.branch:
        return False
    return drawn(rule.survey_id, event.customer_id or 0, event.id, rule.share)


def drawn(survey_id: int, customer_id: int, interaction_id: int, share: int) -> bool:
    """Whether chance picks this one: the same answer each time it is asked, `share` percent of all."""
    digest = hashlib.blake2b(f"{survey_id}|{customer_id}|{interaction_id}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) % 10_000 < share * 100


def _reachable(customers: set[int]) -> set[int]:
    """Those who have an address and did not refuse."""
    addressed = Identity.objects.filter(customer_id__in=customers, type=IdentityType.EMAIL).values_list("customer_id", flat=True)
    return may_contact_many(set(addressed), PURPOSE, CHANNEL)


def _asked(customers: set[int]) -> dict[int, list[dt.datetime]]:
    rows = Invitation.objects.filter(customer_id__in=customers, state__in=TIRING)
    return {customer: [last] for customer, last in rows.values_list("customer_id").annotate(last=Max("send_at"))}


def _languages(customers: set[int]) -> dict[int, str]:
    return dict(Profile.objects.filter(Q(pk__in=customers) & ~Q(language="")).values_list("pk", "language"))


def _invitation(rule: AskRule, event: Event, send_at: dt.datetime, language: str) -> Invitation:
    workspace = rule.survey.workspace
    return Invitation(
        workspace=workspace,
        survey=rule.survey,
        customer_id=event.customer_id or 0,
        trigger=event.id,
        slices=slices_of(event),
        language=spoken(workspace, _told_language(event) or language or event.codes.get("language", "")),
        nonce=clock.token(12),
        send_at=send_at,
    )


def _told_language(event: Event) -> str:
    """The language this very interaction tells of its customer; the profile learns it only a moment later."""
    told = event.properties.get("customer")
    return str(told.get("language") or "") if isinstance(told, dict) else ""


def slices_of(event: Event) -> dict[str, str]:
    """What an answer inherits from the interaction it is about."""
    slices = {name: event.codes[name] for name in SLICED if event.codes.get(name)}
    slices["occurred_at"] = event.occurred_at.isoformat()
    if event.subject is not None:
        slices |= {"subject_type": event.subject.type, "subject_id": event.subject.id}
    return slices


def spoken(workspace: Workspace, language: str) -> str:
    """The customer's language where the workspace speaks it, else the workspace's own."""
    return language[:2] if language[:2] in workspace.languages else workspace.default_language


def plan_again(event: Event) -> bool:
    """Ask a customer once more after their case was closed; False when that is not wanted or was planned before.

    The question is the one that was answered before, about the same matter. Neither share nor rest days count here: the
    customer was told that they would be asked.
    """
    case = as_key(event.properties.get("case"))
    if not event.properties.get("ask_again") or case is None or event.customer_id is None:
        return False
    known = Invitation.objects.filter(workspace_id=event.workspace_id, case=case)
    if known.exists() or event.customer_id not in _reachable({event.customer_id}):
        return False
    again = _again_as_invited(event, of_case=True) or _again_as_answered(event) or _again_as_invited(event, of_case=False)
    if again is None:
        return False
    rule = AskRule.objects.filter(survey=again.survey).first()
    again.case, again.nonce = case, clock.token(12)
    again.send_at = event.occurred_at + dt.timedelta(days=rule.again_days if rule is not None else 3)
    Invitation.objects.bulk_create([again], ignore_conflicts=True)
    return True


def _again_as_invited(event: Event, *, of_case: bool) -> Invitation | None:
    """The same question as in an invitation that was answered: the one the case came of, else the customer's last."""
    answered = Invitation.objects.filter(
        customer_id=event.customer_id or 0, workspace_id=event.workspace_id, state=InvitationState.ANSWERED
    )
    if of_case:
        answered = answered.filter(response__interaction=as_key(event.properties.get("answer")) or 0)
    last = answered.select_related("survey").order_by("-sent_at", "-id").first()
    if last is None:
        return None
    return Invitation(
        workspace_id=event.workspace_id,
        survey=last.survey,
        customer_id=event.customer_id or 0,
        trigger=last.trigger,
        slices=last.slices,
        language=last.language,
    )


def _again_as_answered(event: Event) -> Invitation | None:
    """The survey an answer names that came another way (a kiosk, a chat, a file), about what that answer was about."""
    answer = as_key(event.properties.get("answer"))
    found = events(read_ids([answer])) if answer is not None else []
    code = str(found[0].properties.get("survey") or "") if found and found[0].workspace_id == event.workspace_id else ""
    survey = Survey.objects.filter(workspace_id=event.workspace_id, code=code).select_related("workspace").first() if code else None
    if survey is None:
        return None
    language = _languages({event.customer_id or 0}).get(event.customer_id or 0, "") or found[0].codes.get("language", "")
    return Invitation(
        workspace_id=event.workspace_id,
        survey=survey,
        customer_id=event.customer_id or 0,
        trigger=answer,
        slices=slices_of(found[0]),
        language=spoken(survey.workspace, language),
    )
