"""A job that fails and quotes what it was given."""

from datetime import timedelta
from typing import Any

from peyvand.config.tests.spilling import SARA


def fail(payload: dict[str, Any]) -> None:
    raise ValueError(f"cannot write to {SARA} {payload}")


JOBS = {"spilling.fail": fail}
EVERY = {"spilling.fail": timedelta(seconds=1)}
