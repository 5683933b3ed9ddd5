"""A large store of records: `python -m tests.bench.large_records WORKSPACE COUNT`, called by measure_records.

The product itself records a tile, 50,000 interactions of 2,500 customers (tests.bench.tile), and counts, indexes and places them.
The database then copies its rows: ids woven, so that a customer's interactions lie as far apart as time put them, moments a little
later, own ids, phones, addresses and orders by the copy's number. The first customer stays one and gets every copy's interactions.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from peyvand.core import clock
from peyvand.core.db import is_sqlite
from peyvand.core.fields import to_micros
from peyvand.customers.history import SUBSCRIPTION
from peyvand.customers.services import profiles
from peyvand.customers.services.counting import recount
from peyvand.customers.services.indexing import index_some
from peyvand.customers.services.lifecycle import FAR, note_moves
from peyvand.customers.services.upserts import Upsert
from peyvand.identities.models import Customer, Identity
from peyvand.timeline.lake.flushing import NAME as LAKE
from peyvand.timeline.models import Interaction, Place
from peyvand.timeline.reading import Position
from peyvand.timeline.services import record_many
from peyvand.timeline.subscriptions import advance, subscribers
from peyvand.timeline.tests.settling import settle
from peyvand.workspaces.models import Workspace
from tests.bench import tile

TILE: Final = 50_000
PEOPLE: Final = 2_500
WHALE: Final = 20_000  # interactions of the first customer, in all copies together
MOST_COPIES: Final = 999
APART: Final = 3_000_000  # microseconds between the same moment of two copies
PIECE: Final = 200_000  # rows a transaction
AT_ONCE: Final = 10_000  # customers looked at
BESIDE: Final = 6  # the last sixth goes in beside the indexes, so that their pages are as full as pages that grew
OWN_ID: Final = f"replace({{0}}, '{tile.MARK}', c.tag || 'x')"
CONTACT: Final = f"replace({OWN_ID}, '91{tile.MARK[:3]}', '91' || c.tag)"


@dataclass(frozen=True, slots=True)
class Table:
    """How rows of a table are copied: its key, the keys it names, moments, and what each text becomes; `grown`: beside its indexes."""

    name: str
    key: str
    of: str = ""  # the table whose keys the key is one of, where it is not its own
    named: Mapping[str, str] = field(default_factory=dict)  # column → table
    moments: Sequence[str] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    alone: str = ""  # column: who is one person in all copies
    grown: bool = False


CUSTOMER, IDENTITY, PROFILE, INTERACTION = "identities_customer", "identities_identity", "customers_profile", "timeline_interaction"
MADE: Final = Upsert("made", {"customer_id": "bigint", "made_from": "bigint"}, {})
TABLES: Final = (
    Table(CUSTOMER, "id", moments=("created_at",), alone="id"),
    Table(IDENTITY, "id", named={"customer_id": CUSTOMER}, texts={"value": CONTACT}, alone="customer_id", grown=True),
    Table(
        PROFILE, "customer_id", CUSTOMER, alone="customer_id",
        moments=(
            "first_seen_at", "last_seen_at", "first_purchase_at", "last_purchase_at", "last_channel_at", "last_score_at", "last_nps_at",
            "look_again_at",
        ),
    ),
    Table("customers_searchentry", "profile_id", CUSTOMER, alone="profile_id", texts={"search_key": OWN_ID, "contact_key": CONTACT}),
    Table("customers_stagemove", "id", named={"customer_id": CUSTOMER}, moments=("at",), alone="customer_id"),
    Table(
        INTERACTION, "id", named={"identity_id": IDENTITY}, moments=("occurred_at", "recorded_at"), grown=True,
        texts={"subject_id": OWN_ID, "properties": OWN_ID},
    ),
    Table("timeline_perception", "id", INTERACTION),
)  # fmt: skip


def make(workspace: Workspace, count: int, *, rows: int = TILE, people: int = PEOPLE, whale: int = WHALE) -> dict[str, int]:
    """Make so many interactions, a multiple of a tile's `rows`; returns the number of copies and of some customers."""
    copies = count // rows
    if not 1 <= copies <= MOST_COPIES:
        raise ValueError(f"{count} interactions are {copies} tiles of {rows}: choose from {rows} to {rows * MOST_COPIES}")
    with connection.cursor() as cursor, _in_haste(cursor):
        record(workspace, rows, people, max(1, whale // copies))
        copy(cursor, copies, _whale(workspace))
        _stand_at_the_end(cursor)
        recount([whale_now := _whale(workspace)])
        while note_moves():
            pass
        _tidy(cursor)
    return {"workspace": workspace.pk, "copies": copies, "people": people, "whale": whale_now}


def _whale(workspace: Workspace) -> int:
    """The first customer, whose number is another one after copying."""
    return Identity.objects.get(workspace=workspace, value=tile.identities(0)[0].value).customer_id


def record(workspace: Workspace, rows: int, people: int, heavy: int) -> None:
    """Let the product record the tile and follow it: profiles, the search index, stages."""
    items = tile.items(people, rows, heavy, clock.now())
    for start in range(0, len(items), 500):
        with transaction.atomic():
            if refused := [one for one in record_many(workspace.pk, items[start : start + 500]) if one.interaction_id is None]:
                raise RuntimeError(f"the tile was refused: {refused[0]}")
    settle()
    while advance(subscribers()[SUBSCRIPTION]):
        pass
    while note_moves():
        pass
    while is_sqlite() and index_some(1_000):
        pass


def copy(cursor: Any, copies: int, whale: int) -> None:
    """Put every row that stands so many times in its place; `whale` is the customer who stays one."""
    cursor.execute("CREATE TEMPORARY TABLE copies (k integer PRIMARY KEY, tag text)")
    cursor.executemany("INSERT INTO copies VALUES (%s, %s)", [(k, f"{k:03d}") for k in range(copies)])
    firsts = {table.name: _first(cursor, table) for table in TABLES if not table.of}
    weave = _Weave(firsts, copies, _one_person(whale))
    for table in TABLES:
        if table.name == PROFILE:
            _look_what_keys_are_made_from(cursor)
        _copy(cursor, table, weave)
        if not table.of and not is_sqlite():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")
    cursor.execute("DROP TABLE copies")


def _look_what_keys_are_made_from(cursor: Any) -> None:
    """Let the product say it of every customer, copies too, who stand with their identities by now."""
    cursor.execute("CREATE TEMPORARY TABLE made (customer_id bigint PRIMARY KEY, made_from bigint)")
    every = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(every), AT_ONCE):
        people = profiles.people(every[start : start + AT_ONCE], anew=True)
        MADE.run([(customer, person.made_from) for customer, person in people.items()], "made_from = excluded.made_from")


def _first(cursor: Any, table: Table) -> int:
    cursor.execute(f"SELECT coalesce(min({table.key}), 1) FROM {table.name}")
    return int(cursor.fetchone()[0])


def _one_person(whale: int) -> dict[str, Sequence[int]]:
    return {CUSTOMER: [whale], IDENTITY: list(Identity.objects.filter(customer_id=whale).values_list("pk", flat=True))}


@dataclass(frozen=True, slots=True)
class _Weave:
    """How keys of copies lie: those of one row beside each other, in the order of the tile."""

    firsts: Mapping[str, int]
    copies: int
    alone: Mapping[str, Sequence[int]]

    def key(self, table: str, column: str) -> str:
        first = self.firsts[table]
        place = f"({column} - {first}) * {self.copies} + {first}"
        if not (alone := self.alone.get(table)):
            return f"{place} + c.k"
        return f"{place} + CASE WHEN {column} IN ({', '.join(map(str, alone))}) THEN 0 ELSE c.k END"


def _copy(cursor: Any, table: Table, weave: _Weave) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE tile AS SELECT * FROM {table.name} ORDER BY {table.key}")
    cursor.execute("SELECT * FROM tile LIMIT 0")
    columns = [column[0] for column in cursor.description if column[0] != "xid"]
    dropped = _drop_indexes(cursor, table.name)
    cursor.execute(f"DELETE FROM {table.name}")
    keys = _keys(cursor, table)
    bounds = [*keys[:: max(1, PIECE // weave.copies)], keys[-1] + 1] if keys else []
    grown = len(bounds) * (BESIDE - 1) // BESIDE if table.grown else len(bounds)
    statement = _statement(table, columns, weave)
    for n, (start, end) in enumerate(pairwise(bounds)):
        if n == grown:
            _build(cursor, dropped)
            dropped = []
        with transaction.atomic():
            cursor.execute(statement, [start, end])
    _build(cursor, dropped)
    cursor.execute("DROP TABLE tile")


def _keys(cursor: Any, table: Table) -> list[int]:
    cursor.execute(f"SELECT {table.key} FROM tile ORDER BY 1")
    return [row[0] for row in cursor.fetchall()]


def _statement(table: Table, columns: Sequence[str], weave: _Weave) -> str:
    values = [_value(table, column, weave) for column in columns]
    source = "tile t CROSS JOIN copies c"  # SQLite keeps this order of loops
    here = f"t.{table.key} >= %s AND t.{table.key} < %s" + (_not_again(table, weave) if table.alone else "")
    order = "" if is_sqlite() else f" ORDER BY t.{table.key}, c.k"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source} WHERE {here}{order}"


def _not_again(table: Table, weave: _Weave) -> str:
    return f" AND (c.k = 0 OR t.{table.alone} NOT IN ({', '.join(map(str, weave.alone[CUSTOMER]))}))"


def _value(table: Table, column: str, weave: _Weave) -> str:
    mine = f"t.{column}"
    if column == "external_id":
        return _external_id(weave.key(INTERACTION, "t.id"))
    if table.name == "timeline_perception" and column == "id":
        return f"(({weave.key(INTERACTION, '(t.id >> 6)')}) << 6) | (t.id & 63)"
    if column == table.key:
        return weave.key(table.of or table.name, mine)
    if column == "made_from":
        return f"(SELECT m.made_from FROM made m WHERE m.customer_id = {weave.key(CUSTOMER, f't.{table.key}')})"
    if column in table.named:
        return weave.key(table.named[column], mine)
    if column in ("recorded_at", "created_at") and table.name == INTERACTION:
        return f"t.occurred_at + c.k * {APART} + 2000000"
    if column in table.moments:
        return f"CASE WHEN {mine} < {to_micros(FAR)} THEN {mine} + c.k * {APART} ELSE {mine} END"
    return table.texts.get(column, "{0}").format(mine)


def _external_id(key: str) -> str:
    """Ids as a shop's own numbers, and as those that look like chance."""
    number = f"printf('%%010d', {key})" if is_sqlite() else f"lpad(({key})::text, 10, '0')"
    chance = "lower(hex(randomblob(16)))" if is_sqlite() else "replace(gen_random_uuid()::text, '-', '')"
    return f"CASE WHEN t.external_id LIKE 's%%' THEN 'shop-' || {number} ELSE {chance} END"


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """Take away indexes and triggers, and say how they are made again."""
    made = []
    if is_sqlite():
        cursor.execute("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = %s AND type <> 'table' AND sql IS NOT NULL", [table])
        for kind, name, sql in cursor.fetchall():
            cursor.execute(f'DROP {kind} "{name}"')
            made.append(sql)
        return made
    cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'", [table])
    for name, definition in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        made.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary",
        [table],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        made.append(definition)
    return made


def _build(cursor: Any, statements: Sequence[str]) -> None:
    for statement in statements:
        cursor.execute(statement)


@contextmanager
def _in_haste(cursor: Any) -> Iterator[None]:
    """No commit waits for the disk, much memory, no row looked up twice: who makes a store makes it anew when the power fails."""
    asked = (
        ("synchronous = OFF", "cache_size = -2000000", "foreign_keys = OFF")
        if is_sqlite()
        else ("synchronous_commit = off", "maintenance_work_mem = '1GB'", "work_mem = '256MB'", "session_replication_role = replica")
    )
    for one in asked:
        cursor.execute(f"{'PRAGMA' if is_sqlite() else 'SET'} {one}")
    yield
    connection.close()  # and with it what was asked


def _stand_at_the_end(cursor: Any) -> None:
    """Let whoever reads the timeline stand behind what was made."""
    last = Interaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    end = Position(0, 0, last)
    if not is_sqlite():
        cursor.execute("SELECT era, xid::text::bigint, id FROM timeline_interaction ORDER BY era DESC, xid DESC, id DESC LIMIT 1")
        end = Position(*cursor.fetchone())
    for name in (*subscribers(), LAKE):
        place = {"era": end.era, "xid": end.xid, "interaction_id": end.interaction_id, "moved_at": clock.now()}
        Place.objects.update_or_create(name=name, defaults=place)


def _tidy(cursor: Any) -> None:
    """What a store has done that grew: a search index of everybody, statistics."""
    if is_sqlite():
        cursor.execute("INSERT INTO customers_search (customers_search) VALUES ('rebuild')")
        cursor.execute("DELETE FROM customers_search_pending")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    for table in TABLES:
        cursor.execute(f"VACUUM (ANALYZE) {table.name}")


if __name__ == "__main__":
    print(json.dumps(make(Workspace.objects.get(slug=sys.argv[1]), int(sys.argv[2]))))
