"""The few set-based statements resolution runs on, for SQLite and PostgreSQL."""

import datetime as dt
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from peyvand.core import bulk
from peyvand.identities.types import IdentityKey, IdentityType

LOCK_BUCKETS: Final = 1024  # a transaction holds at most so many locks; PostgreSQL's table has 6,400 by default
LOCK_SPACE: Final = 0x5059
DEVICE: Final = IdentityType.DEVICE.value
OWN_ID: Final = IdentityType.OWN_ID.value
CUSTOMER: Final = bulk.Columns("identities_customer", ("workspace_id", "created_at"), ("id", "name"), ("int8", "int8", "int8", "text"))
IDENTITY: Final = bulk.Columns(
    "identities_identity", ("workspace_id",), ("id", "type", "value", "customer_id"), ("int8", "int8", "int2", "text", "int8")
)
HOMED: Final = IDENTITY._replace(own=(*IDENTITY.own, "home"), types=(*IDENTITY.types, "int8"))
CONFLICT: Final = ("kept_id", "other_id", "other_type", "other_value", "kept_type", "kept_value", "times")

LOCK: Final = "SELECT pg_advisory_xact_lock(%s, b) FROM unnest(%s::int[]) b"
READING: Final = "SELECT pg_advisory_xact_lock_shared(%s, %s)"
TAKING_AWAY: Final = "SELECT pg_advisory_xact_lock(%s, %s)"
WORKSPACE_SPACE: Final = LOCK_SPACE + 1

Known = dict[IdentityKey, tuple[int, int]]  # (type, value) → (identity, customer)
Conflict = tuple[int, int, int, str, int, str, int]

# CROSS JOIN keeps SQLite from scanning the table; LATERAL with its LIMIT keeps PostgreSQL to one step down the index a
# value, whatever it believes of a table that is new and has no statistics yet.
FIND = bulk.Question(
    sqlite="SELECT json_group_array(json_array(i.value, i.id, i.customer_id)) FROM json_each(?) w "
    "CROSS JOIN identities_identity i ON i.workspace_id = ? AND i.type = ? AND i.value = w.value",
    postgres="SELECT w.value, i.id, i.customer_id FROM json_array_elements_text(%s::json) w CROSS JOIN LATERAL "
    "(SELECT id, customer_id FROM identities_identity WHERE workspace_id = %s AND type = %s AND value = w.value LIMIT 1) i",
)
STRENGTH = bulk.Question(
    sqlite="SELECT json_group_array(json_array(i.customer_id, i.type, i.value, i.home)) FROM json_each(?) w "
    "CROSS JOIN identities_identity i ON i.customer_id = w.value AND i.type <> ?",
    postgres=f"SELECT i.customer_id, i.type, i.value, i.home FROM {bulk.INTEGERS} CROSS JOIN LATERAL "
    "(SELECT customer_id, type, value, home FROM identities_identity WHERE customer_id = w.value AND type <> %s OFFSET 0) i",
)
NAMELESS = bulk.Question(
    sqlite="SELECT json_group_array(json_array(c.id)) FROM json_each(?) w "
    "CROSS JOIN identities_customer c ON c.id = w.value AND c.name = ''",
    postgres=f"SELECT c.id FROM {bulk.INTEGERS} CROSS JOIN LATERAL "
    "(SELECT id FROM identities_customer WHERE id = w.value AND name = '' LIMIT 1) c",
)


def find(workspace_id: int, keys: Iterable[IdentityKey], *, locked: bool = False) -> Known:
    """Known identities of a workspace: none of them is taken away until the transaction ends (`hold`).

    With `locked`, on PostgreSQL, the buckets of these keys are first held until the transaction ends, always in rising order.
    """
    by_type: dict[int, list[str]] = {}
    for kind, value in keys:
        try:
            by_type[kind].append(value)
        except KeyError:
            by_type[kind] = [value]
    if not by_type:
        return {}
    first = (LOCK, (LOCK_SPACE, _buckets(workspace_id, by_type))) if locked else (READING, _whole(workspace_id))
    answers = bulk.ask_all(*(bulk.Asked(FIND, values, (workspace_id, kind)) for kind, values in by_type.items()), first=first)
    return {
        (kind, value): (identity, customer) for kind, found in zip(by_type, answers, strict=True) for value, identity, customer in found
    }


def hold(workspace_id: int) -> None:
    """Wait until nobody is about to record by identities of this workspace, and let nobody find one until the transaction ends.

    First thing in a transaction, so that nobody waits for it who is waited for. On SQLite its one writer is all it takes.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(TAKING_AWAY, _whole(workspace_id))


def _whole(workspace_id: int) -> tuple[int, int]:
    return WORKSPACE_SPACE, workspace_id % 2**31


def _buckets(workspace_id: int, by_type: Mapping[int, Iterable[str]]) -> str:
    """Those of these values in rising order, as an array of PostgreSQL."""
    found = {zlib.crc32(f"{workspace_id}|{kind}|{value}".encode()) % LOCK_BUCKETS for kind, values in by_type.items() for value in values}
    return f"{{{','.join(map(str, sorted(found)))}}}"


class Strength(NamedTuple):
    """Of some customers: the own id of each that has one, by how many identities but devices each is known, and which go elsewhere."""

    own_id: dict[int, str]
    strong: dict[int, int]
    homes: dict[IdentityKey, int]


def strength(customers: Collection[int]) -> Strength:
    """What linking asks of these customers, devices aside."""
    own_id: dict[int, str] = {}
    strong: dict[int, int] = {}
    homes: dict[IdentityKey, int] = {}
    if customers:
        for customer, kind, value, home in bulk.ask(STRENGTH, customers, DEVICE):
            strong[customer] = strong.get(customer, 0) + 1
            if kind == OWN_ID:
                own_id[customer] = value
            if home is not None:
                homes[kind, value] = home
    return Strength(own_id, strong, homes)


def people(
    workspace_id: int, created_at: int, customers: Sequence[tuple[int, str]], identities: Sequence[tuple[Any, ...]], *, homed: bool = False
) -> tuple[bulk.Part, ...]:
    """Customers (id, name) and identities (id, type, value, customer; `homed`: their home too) to insert; created_at in microseconds."""
    into = HOMED if homed else IDENTITY
    return bulk.Part(CUSTOMER, (workspace_id, created_at), customers), bulk.Part(into, (workspace_id,), identities)


def fill_names(names: Mapping[int, str]) -> None:
    """Name those of these customers (id → name) who have no name yet."""
    nameless = [(names[customer], customer) for (customer,) in sorted(bulk.ask(NAMELESS, names.keys()))]
    if nameless:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE identities_customer SET name = %s WHERE id = %s AND name = ''", nameless)


def note_conflicts(workspace_id: int, seen_at: dt.datetime, rows: Iterable[Conflict]) -> None:
    """List conflicts (in the order of CONFLICT, `times` last); one that is listed already was seen so often more."""
    moment = connection.ops.adapt_datetimefield_value(seen_at)
    columns = ", ".join(("workspace_id", "seen_at", "decision", *CONFLICT))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO identities_linkconflict ({columns}) VALUES (%s, %s, 'open', %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (kept_id, other_id, other_type, other_value) DO UPDATE SET times = identities_linkconflict.times + excluded.times",
            [(workspace_id, moment, *row) for row in sorted(rows)],
        )


def note_turned_away(workspace_id: int, seen_at: dt.datetime, times: Mapping[int, int]) -> None:
    """List customers who have gathered all they may, and how often more was turned away; who was settled is listed again."""
    moment = connection.ops.adapt_datetimefield_value(seen_at)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO identities_crowd (customer_id, workspace_id, turned_away, seen_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (customer_id) DO UPDATE SET turned_away = identities_crowd.turned_away + excluded.turned_away, "
            "seen_at = excluded.seen_at, settled_at = NULL, settled_by_id = NULL",
            [(customer, workspace_id, n, moment) for customer, n in sorted(times.items())],
        )
