"""A database as the first release laid it, with rows in every table of ours, and an upgrade of it that is killed again and again.

`python -m peyvand.config.tests.ageing lay | upgrade NTH`, on an installation's data. Called by test_upgrade_path.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import django

django.setup()

from django.db import IntegrityError, connection, models, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from peyvand.config.settings.applications import LAYERS  # noqa: E402
from peyvand.config.upgrading import upgrade  # noqa: E402

ROWS: Final = 3
DAY: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MADE: Final[dict[str, Callable[[int], Any]]] = {
    "BooleanField": lambda n: n % 2 == 0,
    "DateTimeField": lambda _n: DAY,
    "DateField": lambda n: date(2026, 1, n),
    "TimeField": time,
    "DecimalField": Decimal,
    "FloatField": lambda n: n / 2,
    "JSONField": lambda _n: {},
    "BinaryField": lambda n: bytes([n]) * 32,
    "EmailField": lambda n: f"person{n}@post.example",
    "GenericIPAddressField": lambda n: f"192.0.2.{n}",
    "DurationField": lambda n: DAY - DAY.replace(day=n),
}


def lay() -> None:
    """Bring an empty database to the first shape of every app of ours, and put rows into every table."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    first = [node for node in graph.nodes if node[0] in LAYERS and node[1].startswith("0001")]
    needed = sorted({node for target in first for node in graph.forwards_plan(target)})
    state = executor.migrate(list(dict(needed).items()))  # of each app the last one that a first one needs
    known: dict[str, list[Any]] = {}
    ours = [model for model in state.apps.get_models() if model._meta.app_label in LAYERS and model._meta.managed]
    with transaction.atomic():
        while ours:
            ready = [model for model in ours if _needs(model) <= known.keys()]
            if not ready:
                raise RuntimeError(f"these need each other: {[model._meta.label for model in ours]}")
            for model in ready:
                rows = known.setdefault(model._meta.label, [])
                for n in range(1, ROWS + 1):
                    rows.append(_row(model, n, known))
            ours = [model for model in ours if model not in ready]


def _needs(model: type[models.Model]) -> set[str]:
    needed = {field.related_model._meta.label for field in model._meta.fields if field.is_relation and not field.null}
    return needed - {model._meta.label}


def _row(model: type[models.Model], n: int, known: dict[str, list[Any]]) -> models.Model:
    given = {field.name: _value(field, n, known) for field in model._meta.fields if _is_wanted(field)}
    try:
        with transaction.atomic():
            return model._base_manager.create(**given)
    except IntegrityError:
        if n == 1:
            raise
        return known[model._meta.label][0]  # a table that holds one of its kind


def _is_wanted(field: Any) -> bool:
    generated = getattr(field, "generated", False) or field.get_internal_type() == "GeneratedField"
    return (
        not (field.primary_key and field.get_internal_type().endswith("AutoField"))
        and not generated
        and not (field.null and (field.is_relation or not field.unique))
    )


def _value(field: Any, n: int, known: dict[str, list[Any]]) -> Any:
    if field.is_relation:
        return known[field.related_model._meta.label][n - 1]
    if field.choices and not field.unique:
        return field.choices[0][0]
    kind = field.get_internal_type()
    if kind in MADE:
        return MADE[kind](n)
    if "Integer" in kind or kind.endswith("AutoField"):
        return n + 100 if field.unique else n  # beside what a change put there itself
    return f"w{n}"[: field.max_length or 10]


def kill_and_go_on(nth: int) -> int:
    """Upgrade in one child after the other, each killed inside the `nth` change it makes; returns how many were killed."""
    killed = 0
    connection.close()
    while True:
        child = os.fork()
        if child == 0:
            _die_inside(nth)
            upgrade(lambda _what: lambda _n: None, quiet=True)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status)) if status else None
            return killed
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1


def _die_inside(nth: int) -> None:
    whole, done = MigrationRecorder.record_applied, [0]

    def record(recorder: MigrationRecorder, app: str, name: str) -> None:
        """A change is recorded when it is made: where the record is missing, its end was not reached."""
        done[0] += 1
        if done[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        whole(recorder, app, name)

    MigrationRecorder.record_applied = record  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.stdout.write(f"{lay() if sys.argv[1] == 'lay' else kill_and_go_on(int(sys.argv[2]))}\n")
