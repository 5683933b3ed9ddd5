"""Telling an endpoint what waits for it, in order, while it answers; a slow or silent one is left alone for a while."""

import datetime as dt
from typing import Final

import msgspec
import structlog
from django.db.models import F, Q
from django.utils.translation import gettext_noop as _

from peyvand.core import clock, jobs, outward
from peyvand.core.ids import public_id
from peyvand.core.reaching import turn
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.webhooks.services.endpoints import secrets_of
from peyvand.webhooks.signing import SIGNATURE, sign
from peyvand.webhooks.telling import content
from peyvand.webhooks.types import FIRST_WAIT, GIVE_UP, LONGEST_REST, LONGEST_WAIT, TESTED

log = structlog.get_logger("peyvand.webhooks")
TURN_SECONDS: Final = 1.5  # then others get theirs; a machine that is slower than that waits behind all others anyway
HOLD: Final = dt.timedelta(seconds=30)  # longer than one telling can take
LONGEST_ASKED: Final = 3600
TRIES_OF_ONE: Final = 3
GONE: Final = _("The interaction is no longer there.")
NO_SECRET: Final = _("Its secret cannot be read any more: make a new one.")
REFUSED: Final = _("It answered %(status)s.")


def deliver(endpoint_id: int) -> None:
    """Tell what waits, one after the other; called by the job. Raises jobs.Later where more waits."""
    endpoint = Endpoint.objects.select_related("workspace").filter(pk=endpoint_id, is_active=True).first()
    if endpoint is None:
        return
    if not _hold(endpoint):
        raise jobs.Later(clock.now() + dt.timedelta(seconds=1))
    try:
        _tell_in_turn(endpoint)
    finally:
        Endpoint.objects.filter(pk=endpoint.pk).update(busy_until=None)
    moment = _next_moment(endpoint)
    if moment is not None:
        raise jobs.Later(moment)


def send_test(*, endpoint: Endpoint) -> Telling:
    """Tell that this is a test, now; the row says what came back. It is not tried again. Raises reaching.BusyError."""
    with turn(endpoint.workspace_id):
        telling = Telling.objects.create(endpoint=endpoint, kind=TESTED, begun_at=clock.now() - GIVE_UP)
        attempt(endpoint, telling)
    telling.refresh_from_db()
    return telling


def _hold(endpoint: Endpoint) -> bool:
    now = clock.now()
    held = Q(busy_until__gte=now, busy_until__lte=now + 2 * HOLD)  # who seems to hold it longer died under a clock that went wrong
    free = Endpoint.objects.filter(Q(busy_until=None) | ~held, pk=endpoint.pk)
    return bool(free.update(busy_until=now + HOLD))


def _tell_in_turn(endpoint: Endpoint) -> None:
    began = clock.monotonic()
    while (endpoint.rests_until or clock.now()) <= clock.now() and clock.monotonic() - began < TURN_SECONDS:
        telling = Telling.objects.filter(endpoint=endpoint, state=Telling.State.WAITING, due_at__lte=clock.now()).order_by("id").first()
        if telling is None:
            return
        attempt(endpoint, telling)
        Endpoint.objects.filter(pk=endpoint.pk).update(busy_until=clock.now() + HOLD)


def _next_moment(endpoint: Endpoint) -> dt.datetime | None:
    rests = Endpoint.objects.filter(pk=endpoint.pk, is_active=True).values_list("rests_until", flat=True).first()
    waiting = Telling.objects.filter(endpoint=endpoint, state=Telling.State.WAITING)
    first = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    return max(first, rests or first) if first is not None else None


def attempt(endpoint: Endpoint, telling: Telling) -> None:
    """One try: what came of it stands in the row, and whether the endpoint is left alone in its own."""
    body = content(endpoint, telling)
    if body is None:
        _end(telling, Telling.State.DEAD, error=GONE)
        return
    try:
        answer = _post(endpoint, telling, msgspec.json.encode(body))
    except outward.NotAllowedError as error:
        _failed(endpoint, telling, str(error), all_of_it=True)
    except outward.NoAnswerError as error:
        _failed(endpoint, telling, str(error), all_of_it=True)
    else:
        _answered(endpoint, telling, answer)


def _post(endpoint: Endpoint, telling: Telling, body: bytes) -> outward.Answer:
    secrets = secrets_of(endpoint)
    if not secrets:
        raise outward.NoAnswerError(NO_SECRET)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Peyvand-Webhooks",
        "Peyvand-Event": telling.kind,
        "Peyvand-Delivery": public_id(bytes(endpoint.workspace.id_key), telling.pk),
        SIGNATURE: sign(secrets, int(clock.now().timestamp()), body),
    }
    return outward.post(endpoint.url, body, headers)


def _answered(endpoint: Endpoint, telling: Telling, answer: outward.Answer) -> None:
    status = answer.status
    if 200 <= status < 300:
        _end(telling, Telling.State.TOLD, status=status)
        if endpoint.failures:
            Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, rests_until=None)
            endpoint.failures = 0
        return
    busy = status in (429, 503)
    broken = status >= 500 and telling.attempts + 1 < TRIES_OF_ONE  # else it may be this one that it cannot take
    asked = answer.headers.get("retry-after", "")
    wait = dt.timedelta(seconds=min(int(asked), LONGEST_ASKED)) if busy and asked.isascii() and asked.isdecimal() else None
    _failed(endpoint, telling, REFUSED % {"status": status}, status=status, all_of_it=busy or broken, wait=wait)


def _failed(
    endpoint: Endpoint, telling: Telling, error: str, *, status: int | None = None, all_of_it: bool, wait: dt.timedelta | None = None
) -> None:
    """Note a failure: of this one alone, or of the endpoint, which then rests with everything that waits for it."""
    now = clock.now()
    log.info("webhook failed", webhook=endpoint.pk, telling=telling.pk, status=status, attempts=telling.attempts + 1)
    if telling.interaction_id is None:
        _end(telling, Telling.State.DEAD, status=status, error=error)
        return
    due_at = now + _wait(telling.attempts, LONGEST_WAIT)
    if all_of_it:
        due_at = endpoint.rests_until = now + (wait or _wait(endpoint.failures, LONGEST_REST))
        endpoint.failures += 1
        Endpoint.objects.filter(pk=endpoint.pk).update(failures=F("failures") + 1, rests_until=due_at)
    waiting = Telling.objects.filter(pk=telling.pk, state=Telling.State.WAITING)
    waiting.update(attempts=F("attempts") + 1, error=error[:200], status=status, due_at=due_at)
    old = Telling.objects.filter(endpoint=endpoint, state=Telling.State.WAITING, begun_at__lte=now - GIVE_UP)
    if not all_of_it:
        old = old.filter(pk=telling.pk)
    old.update(state=Telling.State.DEAD, ended_at=now)


def _end(telling: Telling, state: str, *, status: int | None = None, error: str = "") -> None:
    Telling.objects.filter(pk=telling.pk, state=Telling.State.WAITING).update(
        state=state, attempts=F("attempts") + 1, status=status, error=error[:200], ended_at=clock.now()
    )


def _wait(failures: int, longest: dt.timedelta) -> dt.timedelta:
    full: dt.timedelta = min(FIRST_WAIT * 3 ** min(failures, 12), longest)
    return full * clock.random().uniform(0.5, 1)
