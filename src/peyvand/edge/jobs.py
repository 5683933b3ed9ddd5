"""Housekeeping of the doors, done by the worker."""

from datetime import timedelta
from typing import Any

from peyvand.edge.services import forget_answers


def _forget(payload: dict[str, Any]) -> None:  # noqa: ARG001 - the shape of a job
    forget_answers()


JOBS = {"edge.forget_answers": _forget}
EVERY = {"edge.forget_answers": timedelta(hours=1)}
