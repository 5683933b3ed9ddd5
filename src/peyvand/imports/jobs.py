"""Work put off by imports: checking, recording, and taking away what was undone. Done by the worker's lane for long work."""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from peyvand.core import clock
from peyvand.core.jobs import Later
from peyvand.imports import services
from peyvand.imports.models import Import
from peyvand.imports.services.starting import CHECK, QUIET, RUN
from peyvand.imports.services.undoing import CLEAR
from peyvand.imports.services.wording import for_reader
from peyvand.imports.types import CheckCancelled, State

PAUSE: Final = timedelta(seconds=3)


def _found(payload: dict[str, Any], state: State) -> Import | None:
    return Import.objects.select_related("workspace", "created_by").filter(pk=payload["import"], state=state).first()


def run(payload: dict[str, Any]) -> None:
    """Run an import, unless somebody who started it by hand was heard of a moment ago."""
    one = _found(payload, State.RUNNING)
    if one is None:
        return
    if one.heard_at is not None and clock.now() - one.heard_at < QUIET:
        raise Later(clock.now() + QUIET)
    with for_reader(one):
        services.run(one.pk)


def check(payload: dict[str, Any]) -> None:
    """Do a dry run."""
    one = _found(payload, State.CHECKING)
    if one is not None:
        with for_reader(one), suppress(CheckCancelled):
            services.check(one.pk, services.keep_progress(one.pk))


def clear(payload: dict[str, Any]) -> None:
    """Remove what an undone import recorded, once the lake has none of it."""
    if Import.objects.filter(pk=payload["import"], state=State.UNDOING).exists() and not services.clear(payload["import"]):
        raise Later(clock.now() + PAUSE)


JOBS = {RUN: run, CHECK: check, CLEAR: clear}
LONG_JOBS = (RUN, CHECK, CLEAR)
