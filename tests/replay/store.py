"""The real spine as the model sees it: the store read back in the model's own words, and the readers and jobs of a history."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from peyvand.core.models import Job
from peyvand.identities.models import Customer, Identity, Leaving, LinkConflict, SharedValue
from peyvand.timeline.models import DeadLetter, Interaction, Place
from peyvand.timeline.reading import Page, events
from peyvand.timeline.subscriptions import Subscriber
from peyvand.timeline.types import Event
from tests.replay.model import FRAIL, WANTED, Effect, Task
from tests.replay.people import Key
from tests.replay.steps import POISON

EFFECT, DONE = "replay_effect", "replay_done"


def lay_tables() -> None:
    """Where readers and jobs of a history write what they do."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {EFFECT} (reader text, interaction bigint, kind text, branch text, customer bigint)")
        cursor.execute(f"CREATE TABLE {DONE} (number bigint)")


def empty_tables() -> None:
    """Forget what was done."""
    with connection.cursor() as cursor:
        for table in (EFFECT, DONE):
            cursor.execute(f"DELETE FROM {table}")


def drop_tables() -> None:
    """Leave the database as it was."""
    with connection.cursor() as cursor:
        for table in (EFFECT, DONE):
            cursor.execute(f"DROP TABLE {table}")


def readers(is_sick: Callable[[], bool]) -> dict[str, Subscriber]:
    """The subscriptions of a history: of every kind, of one kind, one that cannot bear poison while it is sick, and one that plans."""

    def noting(reader: str) -> Callable[[Sequence[Event]], None]:
        def react(found: Sequence[Event]) -> None:
            if reader == FRAIL and is_sick() and any(event.codes.get("employee") == POISON for event in found):
                raise ValueError("poison")
            _note(reader, found)

        return react

    def planning(page: Page) -> Callable[[], None]:
        found = events(page.rows)
        return lambda: _note("planner", found)

    return {
        "all": Subscriber("all", noting("all"), batch=4),
        "orders": Subscriber("orders", noting("orders"), frozenset(WANTED["orders"]), batch=7),
        FRAIL: Subscriber(FRAIL, noting(FRAIL), batch=5),
        "planner": Subscriber("planner", plan=planning, batch=4),
    }


def _note(reader: str, found: Sequence[Event]) -> None:
    with connection.cursor() as cursor:
        rows = [(reader, event.id, event.kind, event.codes.get("branch", ""), event.customer_id) for event in found]
        cursor.executemany(f"INSERT INTO {EFFECT} VALUES (%s, %s, %s, %s, %s)", rows)


def note_done(number: int) -> None:
    """A job of a history did what it does."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {DONE} VALUES (%s)", [number])


def effects() -> Counter[Effect]:
    """What readers did."""
    return Counter(Effect(*row) for row in _all(f"SELECT reader, interaction, kind, branch, customer FROM {EFFECT}"))


def done() -> Counter[int]:
    """How often each job was done."""
    return Counter(number for (number,) in _all(f"SELECT number FROM {DONE}"))


def _all(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def rows() -> dict[int, tuple[str | None, int | None, int | None]]:
    """Interaction → its external id, identity and batch."""
    found = Interaction.objects.order_by("pk").values_list("pk", "external_id", "identity_id", "batch")
    return {pk: (external, identity, batch) for pk, external, identity, batch in found}


def owners() -> dict[int, tuple[Key, int]]:
    """Identity → what it is and whose."""
    return {pk: ((kind, value), owner) for pk, kind, value, owner in Identity.objects.values_list("pk", "type", "value", "customer_id")}


def homes() -> dict[Key, int]:
    """Identity → whose it is when all merges are undone."""
    found = Identity.objects.values_list("type", "value", "customer_id", "home")
    return {(kind, value): owner if home is None else home for kind, value, owner, home in found}


def merged() -> dict[int, int | None]:
    """Customer → who stands for them."""
    return dict(Customer.objects.values_list("pk", "merged_into_id"))


def leaving() -> set[int]:
    """Customers who are being forgotten."""
    return set(Leaving.objects.values_list("pk", flat=True))


def shared() -> set[Key]:
    """Values that name nobody."""
    return set(SharedValue.objects.filter(state=SharedValue.State.SHARED).values_list("type", "value"))


def pairs() -> dict[tuple[int, int, Key], tuple[str, int]]:
    """Pair → what was decided and how often it was seen."""
    found = LinkConflict.objects.values_list("kept_id", "other_id", "other_type", "other_value", "decision", "times")
    return {(kept, other, (kind, value)): (decision, times) for kept, other, kind, value, decision, times in found}


def places() -> dict[str, int]:
    """How far each reader is."""
    return dict.fromkeys(WANTED, 0) | dict(Place.objects.values_list("name", "interaction_id"))


def letters() -> dict[tuple[str, int], str]:
    """(Reader, interaction) → how the letter was settled."""
    found = DeadLetter.objects.values_list("subscription", "interaction_id", "settled_how")
    return {(reader, number): how for reader, number, how in found}


def tasks() -> dict[int, Task]:
    """The jobs that are not done yet."""
    return {job.payload["n"]: Task(job.payload["how"], job.key, job.state, job.due_at, job.attempts) for job in Job.objects.order_by("pk")}
