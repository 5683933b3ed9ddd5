"""Jobs of surveys: send what is due, learn what became of it, keep answers that were left half-way, close old links."""

from datetime import timedelta
from typing import Any, Final

from peyvand.core import jobs
from peyvand.surveys.services.answering import keep_partial_answers
from peyvand.surveys.services.sending import A_TURN, expire, send_due, settle

SEND: Final = "surveys.send"
TEND: Final = "surveys.tend"


def _send(_payload: dict[str, Any]) -> None:
    settle()
    if send_due() == A_TURN:  # there is more; others get their turn first
        jobs.enqueue(name=SEND, key="more")


def _tend(_payload: dict[str, Any]) -> None:
    keep_partial_answers()
    expire()


JOBS = {SEND: _send, TEND: _tend}
EVERY = {SEND: timedelta(seconds=20), TEND: timedelta(minutes=5)}
