"""What is put down to be told, taken up again, and forgotten. The subscription's effect is `plan`."""

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import transaction

from peyvand.catalogue.queries import term_names
from peyvand.core import clock, jobs
from peyvand.core.fields import from_micros
from peyvand.timeline.reading import AT, Page
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.webhooks.types import KEEP_DEAD, KEEP_TOLD
from peyvand.workspaces.models import User
from peyvand.workspaces.services import audit

DELIVER = "webhooks.deliver"
PIECE = 500


def plan(page: Page) -> Callable[[], None]:
    """Put every interaction of a page down for the endpoints that want it; what an import brought is history, and told to nobody."""
    live = list(Endpoint.objects.filter(is_active=True))
    if not live:
        return _nothing
    by_workspace: dict[int, list[Endpoint]] = {}
    for endpoint in live:
        by_workspace.setdefault(endpoint.workspace_id, []).append(endpoint)
    rows = [row for row in page.rows if row[AT["workspace_id"]] in by_workspace and row[AT["batch"]] is None]
    codes = {term: name.code for term, name in term_names({row[AT["kind"]] for row in rows}).items()}
    wanted = [
        Telling(endpoint=endpoint, interaction_id=row[0], kind=codes.get(row[AT["kind"]], ""))
        for row in rows
        for endpoint in by_workspace[row[AT["workspace_id"]]]
        if from_micros(row[AT["recorded_at"]]) >= endpoint.created_at
        and (not endpoint.kinds or codes.get(row[AT["kind"]], "") in endpoint.kinds)
    ]
    return lambda: _put_down(wanted)


def _nothing() -> None:
    """The effect where nobody wants to be told."""


def _put_down(tellings: list[Telling]) -> None:
    if not tellings:
        return
    Telling.objects.bulk_create(tellings, ignore_conflicts=True)
    for endpoint in {telling.endpoint_id: telling.endpoint for telling in tellings}.values():
        enqueue(endpoint)


def enqueue(endpoint: Endpoint) -> None:
    """Have a worker look after an endpoint, once its rest is over."""
    jobs.enqueue(
        name=DELIVER,
        payload={"endpoint": endpoint.pk},
        run_at=max(clock.now(), endpoint.rests_until or clock.now()),
        key=str(endpoint.pk),
        workspace_id=endpoint.workspace_id,
    )


@transaction.atomic
def replay(*, telling: Telling, actor: User | None, label: str = "") -> None:
    """Tell it again under the same id, with three days anew; a telling that still waits is tried at once."""
    again(Telling.objects.filter(pk=telling.pk))
    endpoint = telling.endpoint
    audit(workspace=endpoint.workspace, actor=actor, action="webhook.replayed", target=endpoint, detail={"rows": 1}, actor_label=label)
    wake(endpoint=endpoint)


@transaction.atomic
def replay_dead(*, endpoint: Endpoint, actor: User | None, label: str = "") -> int:
    """Tell everything again that was given up; returns how many."""
    count = again(Telling.objects.filter(endpoint=endpoint, state=Telling.State.DEAD))
    if count:
        audit(
            workspace=endpoint.workspace,
            actor=actor,
            action="webhook.replayed",
            target=endpoint,
            detail={"rows": count},
            actor_label=label,
        )
        wake(endpoint=endpoint)
    return count


def again(tellings: "Iterable[Telling]") -> int:
    """Let tellings wait anew from now on."""
    now = clock.now()
    rows = Telling.objects.filter(pk__in=[telling.pk for telling in tellings])
    return rows.update(state=Telling.State.WAITING, attempts=0, error="", status=None, begun_at=now, due_at=now, ended_at=None)


def wake(*, endpoint: Endpoint) -> None:
    """End an endpoint's rest: whoever asks knows that it answers again."""
    Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
    endpoint.rests_until = None
    enqueue(endpoint)


def tidy() -> int:
    """Forget what was told a week ago and given up a month ago, in pieces; returns how many rows."""
    gone = 0
    for state, kept in ((Telling.State.TOLD, KEEP_TOLD), (Telling.State.DEAD, KEEP_DEAD)):
        while piece := _ended_before(state, clock.now() - kept):
            gone += Telling.objects.filter(pk__in=piece).delete()[0]
    return gone


def _ended_before(state: str, moment: dt.datetime) -> list[int]:
    return list(Telling.objects.filter(state=state, ended_at__lt=moment).values_list("pk", flat=True)[:PIECE])
