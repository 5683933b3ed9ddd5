"""What an answer means for follow-up: it opens a case, joins one, or is the second answer of one. Called by the subscriber."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from peyvand.cases.models import Case, CaseEvent, CasePolicy
from peyvand.cases.services.opening import first_reason, open_for
from peyvand.cases.services.policy import policy_of
from peyvand.cases.types import CaseState, is_unhappy, on_usual_scale
from peyvand.catalogue.queries import term_names
from peyvand.core import bulk, clock
from peyvand.core.fields import as_key, to_micros
from peyvand.identities.models import Customer
from peyvand.identities.queries import one_person
from peyvand.timeline.reading import AT, Page, Row, events
from peyvand.timeline.types import Event, Felt
from peyvand.workspaces.models import Workspace

OPINION = "opinion"  # the type of subject of the words that come after a spoken score
FRESH = dt.timedelta(days=7)
SECOND_ANSWER = dt.timedelta(days=60)  # so long after its end an unasked answer still tells how a case went


class _House(NamedTuple):
    workspace: Workspace
    policy: CasePolicy


# Those of these identities whose owner, or somebody merged into them, was followed up and has not answered since.
_WAITS: Final = "c.state = 'closed' AND c.answered_again_at IS NULL"
_WAITING: Final = (
    f"EXISTS (SELECT 1 FROM cases_case c WHERE c.customer_id = i.customer_id AND {_WAITS}) OR EXISTS (SELECT 1 FROM identities_customer m "
    f"JOIN cases_case c ON c.customer_id = m.id WHERE m.merged_into_id = i.customer_id AND {_WAITS})"
)
WAITING: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(i.id)) FROM json_each(?) w "
    f"CROSS JOIN identities_identity i ON i.id = w.value WHERE {_WAITING}",
    postgres=f"SELECT i.id FROM {bulk.INTEGERS} JOIN identities_identity i ON i.id = w.value WHERE {_WAITING}",
)


def plan(page: Page) -> Callable[[], None]:
    """The effect of a page of the timeline; of most rows it is none, which is seen without reading them further."""
    known = [row for row in page.rows if row[AT["identity_id"]] is not None]
    mine = {row[0] for row in known if _speaks_of_earlier(row)}
    scored = [row for row in known if row[0] not in mine and row[0] in page.felt]
    mine |= _may_open_a_case(scored, page)
    quiet = {row[AT["identity_id"]] for row in scored if row[0] not in mine}
    waiting = {identity for (identity,) in bulk.ask(WAITING, quiet)} if quiet else set()
    mine |= {row[0] for row in scored if row[AT["identity_id"]] in waiting}
    return partial(react, events([row for row in known if row[0] in mine], page.felt) if mine else ())


def _speaks_of_earlier(row: Row) -> bool:
    """Whether it may complete an answer (an opinion's words have it for their subject) or was asked for after a case."""
    properties = row[AT["properties"]] or ""
    return '"completes"' in properties or '"again"' in properties or _is_about_an_opinion(row)


def _is_about_an_opinion(row: Row) -> bool:
    subject_type = row[AT["subject_type"]]
    return subject_type is not None and any(name.code == OPINION for name in term_names([subject_type]).values())


def _may_open_a_case(scored: Sequence[Row], page: Page) -> set[int]:
    """Of these rows, the fresh ones with a score at or below the limit its workspace follows up from."""
    since = to_micros(clock.now() - FRESH)
    fresh = [row for row in scored if row[AT["occurred_at"]] >= since]
    limits = {pk: policy_of(workspace).limits for pk, workspace in Workspace.objects.in_bulk({row[1] for row in fresh}).items()}
    measures = term_names({p[1] for row in fresh for p in page.felt[row[0]]})
    return {
        row[0]
        for row in fresh
        for _id, measure, item, value, low, high, *_words in page.felt[row[0]]
        if value is not None and item is None and is_unhappy(limits[row[1]], measures[measure].code, value, (low, high))
    }


def react(found: Sequence[Event]) -> None:
    """Open a case for each fresh unhappy answer; an answer after follow-up fills its case's second score.

    Old interactions (an import of last year) open nothing. Reading an event twice has one effect.
    """
    told = [event for event in found if event.customer_id is not None and (_scores(event) or _completed(event))]
    if not told:
        return
    ended = _ended(told)
    houses: dict[int, _House] = {}
    for event in told:
        if not _scores(event):
            _complete(event)
            continue
        if _fill_asked(event):
            continue
        for case in ended.get(event.customer_id or 0, ()):
            _fill_unasked(case, event)
        if event.workspace_id not in houses:
            workspace = Workspace.objects.get(pk=event.workspace_id)
            houses[event.workspace_id] = _House(workspace, policy_of(workspace))
        _answer(houses[event.workspace_id], event)


def _scores(event: Event) -> list[Felt]:
    return [felt for felt in event.perceptions if felt.value is not None and not felt.item]


def _completed(event: Event) -> int | None:
    """The interaction whose answer this one completes with words or reasons; None for all others."""
    if (said := as_key(event.properties.get("completes"))) is not None:
        return said
    opinion = event.subject is not None and event.subject.type == OPINION and event.subject.id.isdecimal()
    return as_key(int(event.subject.id)) if opinion and event.subject is not None else None


def _complete(event: Event) -> None:
    """Give a case the words and the reason that came after its score."""
    first = CaseEvent.objects.filter(interaction=_completed(event), case__workspace=event.workspace_id).select_related("case").first()
    words = next((felt.text for felt in event.perceptions if felt.text), "")
    if first is None or CaseEvent.objects.filter(interaction=event.id).exists():
        return
    case = first.case
    if first.type == CaseEvent.Type.OPENED and not case.words:
        reason = case.reason or first_reason(event, policy_of(case.workspace))
        Case.objects.filter(pk=case.pk).update(words=words, reason=reason)
    elif words and case.words != words:
        CaseEvent.objects.create(case=case, type=CaseEvent.Type.AGAIN, at=event.occurred_at, text=words, interaction=event.id)


def _answer(house: _House, event: Event) -> None:
    limits = house.policy.limits
    bad = [felt for felt in _scores(event) if is_unhappy(limits, felt.measure, felt.value or 0.0, (felt.low, felt.high))]
    if bad and house.policy.is_active and clock.now() - event.occurred_at <= FRESH:
        open_for(house.workspace, house.policy, event, min(bad, key=lambda felt: _above_limit(felt, limits)))


def _above_limit(felt: Felt, limits: dict[str, float]) -> float:
    return on_usual_scale(felt.measure, felt.value or 0.0, felt.low, felt.high) - limits[felt.measure]


def _fill_asked(event: Event) -> bool:
    """Fill the second score of the case this answer was asked for after; False when it was asked for no case of this customer."""
    asked = as_key(event.properties.get("case")) if event.properties.get("again") else None
    if asked is None:
        return False
    people = one_person(event.customer_id or 0)
    case = Case.objects.filter(pk=asked, workspace_id=event.workspace_id, customer_id__in=people).first()
    if case is None:
        return False
    scores = _scores(event)
    felt = next((felt for felt in scores if felt.measure == case.measure), scores[0])
    if not case.events.filter(type=CaseEvent.Type.SECOND).exists():
        Case.objects.filter(pk=case.pk).update(score_after=felt.value, answered_again_at=event.occurred_at)
        _keep(case, CaseEvent.Type.SECOND, event, felt)
    return True


def _ended(told: Sequence[Event]) -> dict[int, list[Case]]:
    """Customers of these events → their closed cases that still lack a second answer; asked once for the whole batch."""
    people = {customer_id: customer_id for event in told if (customer_id := event.customer_id) is not None}
    for absorbed, into in Customer.objects.filter(merged_into_id__in=list(people)).values_list("pk", "merged_into_id"):
        people[absorbed] = into or absorbed
    waiting = Case.objects.filter(customer_id__in=list(people), state=CaseState.CLOSED, answered_again_at=None)
    found: dict[int, list[Case]] = {}
    for case in waiting.order_by("-closed_at"):
        found.setdefault(people[case.customer_id], []).append(case)
    return found


def _fill_unasked(case: Case, event: Event) -> None:
    """Somebody who did not answer the second question told later anyway how they feel by the same measure."""
    if case.closed_at is None or not case.closed_at < event.occurred_at <= case.closed_at + SECOND_ANSWER:
        return
    felt = next((felt for felt in _scores(event) if felt.measure == case.measure), None)
    if felt is None or event.workspace_id != case.workspace_id:
        return
    first = Case.objects.filter(pk=case.pk, answered_again_at=None)
    if first.update(score_after=felt.value, answered_again_at=event.occurred_at):
        _keep(case, CaseEvent.Type.AGAIN, event, felt)


def _keep(case: Case, kind: CaseEvent.Type, event: Event, felt: Felt) -> None:
    interaction = event.id if kind is CaseEvent.Type.SECOND else None
    CaseEvent.objects.create(case=case, type=kind, at=event.occurred_at, text=felt.text, value=felt.value, interaction=interaction)
