"""The statements that keep profiles: counters added in one upsert for many customers, on SQLite and PostgreSQL.

Called by the subscriber (adding) and by recounts (replacing), inside their transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from peyvand.core import bulk
from peyvand.customers.counting import Counted
from peyvand.customers.keys import Keys, keys_of
from peyvand.customers.services.upserts import Upsert

# Column → type in PostgreSQL. The order is that of _row().
KEYS: Final = {
    "customer_id": "bigint", "workspace_id": "bigint", "merged": "boolean", "sort_name": "text", "has_phone": "boolean",
    "has_email": "boolean", "known": "boolean", "made_from": "bigint",
}  # fmt: skip
COUNTERS: Final = {
    "first_seen_at": "bigint", "last_seen_at": "bigint", "interactions": "int", "contacts": "int", "purchases": "int", "deliveries": "int",
    "matters": "int", "purchase_total": "bigint", "currency": "text", "first_purchase_at": "bigint", "last_purchase_at": "bigint",
    "last_channel": "int", "last_channel_at": "bigint", "last_measure": "int", "last_value": "float8", "last_low": "float8",
    "last_high": "float8", "last_band": "smallint", "last_score_at": "bigint", "last_nps": "float8", "last_nps_at": "bigint",
}  # fmt: skip
_P: Final = "customers_profile"
_WITH_SCORE: Final = ("last_measure", "last_value", "last_low", "last_high", "last_band", "last_score_at")


class Person(NamedTuple):
    """What profiles take from identities: the workspace, whether merged away, and the keys to be found by.

    `keys` is None for somebody whose keys stand as they would be written. `made_from` tells what keys are made from, and how; `stood`
    is that of the keys that stood there at that time.
    """

    workspace_id: int
    merged: bool
    keys: Keys | None
    made_from: int
    stood: int | None = None


def _sum(column: str) -> str:
    return f"{_P}.{column} + excluded.{column}"


def _latest(moment: str, column: str) -> str:
    newer = f"excluded.{moment} IS NOT NULL AND ({_P}.{moment} IS NULL OR excluded.{moment} >= {_P}.{moment})"
    return f"CASE WHEN {newer} THEN excluded.{column} ELSE {_P}.{column} END"


def _extreme(column: str, sign: str, unset: str) -> str:
    """The smaller (<) or larger (>) of both; what is `unset` gives way."""
    return f"CASE WHEN {unset} OR excluded.{column} {sign} {_P}.{column} THEN excluded.{column} ELSE {_P}.{column} END"


def _seen(column: str, sign: str) -> str:
    return f"CASE WHEN excluded.interactions = 0 THEN {_P}.{column} ELSE {_extreme(column, sign, f'{_P}.interactions = 0')} END"


def _bought(column: str, sign: str) -> str:
    return f"CASE WHEN excluded.{column} IS NULL THEN {_P}.{column} ELSE {_extreme(column, sign, f'{_P}.{column} IS NULL')} END"


ADDED: Final = {
    "first_seen_at": _seen("first_seen_at", "<"),
    "last_seen_at": _seen("last_seen_at", ">"),
    **{column: _sum(column) for column in ("interactions", "contacts", "purchases", "deliveries", "matters")},
    "purchase_total": f"CASE WHEN {_P}.currency IN ('', excluded.currency) THEN {_sum('purchase_total')} ELSE {_P}.purchase_total END",
    "currency": f"CASE WHEN {_P}.currency = '' THEN excluded.currency ELSE {_P}.currency END",
    "first_purchase_at": _bought("first_purchase_at", "<"),
    "last_purchase_at": _bought("last_purchase_at", ">"),
    **{column: _latest("last_channel_at", column) for column in ("last_channel", "last_channel_at")},
    **{column: _latest("last_score_at", column) for column in _WITH_SCORE},
    **{column: _latest("last_nps_at", column) for column in ("last_nps", "last_nps_at")},
}
_NEW_KEYS: Final = {column: f"excluded.{column}" for column in KEYS if column not in {"customer_id", "workspace_id"}}
_LOOK: Final = ", look_again_at = 0"  # who was counted may stand elsewhere now: services.lifecycle looks
_ADD: Final = ", ".join(f"{column} = {value}" for column, value in (_NEW_KEYS | ADDED).items()) + _LOOK
_ADD_COUNTERS: Final = ", ".join(f"{column} = {value}" for column, value in ADDED.items()) + _LOOK
_REPLACE: Final = ", ".join(f"{column} = excluded.{column}" for column in (*_NEW_KEYS, *COUNTERS)) + _LOOK
_NO_KEYS: Final = Keys("", "", "", has_phone=False, has_email=False, known=False)
PROFILES: Final = Upsert(_P, KEYS | COUNTERS, {"language": "''", "attributes": "'{}'", "preferences": "'{}'"})
ENTRIES: Final = Upsert(
    "customers_searchentry", {"profile_id": "bigint", "workspace_id": "bigint", "search_key": "text", "contact_key": "text"}, {}
)


def add(people: Mapping[int, Person], counted: Mapping[int, Counted]) -> None:
    """Add counts to the profiles of these customers, making those that are missing."""
    keyed = [customer for customer in counted if people[customer].keys is not None]
    plain = [customer for customer in counted if people[customer].keys is None]
    PROFILES.run([_row(customer, people[customer], counted[customer]) for customer in keyed], _ADD)
    PROFILES.run([_row(customer, people[customer], counted[customer]) for customer in plain], _ADD_COUNTERS)
    for customer, one in counted.items():
        for row in _more_money(customer, people[customer], one):
            PROFILES.run([row], _ADD_COUNTERS)
    write_entries(people)


def replace(people: Mapping[int, Person], counted: Mapping[int, Counted]) -> None:
    """Set the counts of these customers, making profiles that are missing."""
    PROFILES.run([_row(customer, people[customer], one) for customer, one in counted.items()], _REPLACE)
    write_entries(people)


def write_entries(people: Mapping[int, Person]) -> None:
    """Write what these customers are searched by, where it may have changed; their profiles exist."""
    ENTRIES.run(
        [
            (customer, person.workspace_id, person.keys.search_key, person.keys.contact_key)
            for customer, person in people.items()
            if person.keys is not None
        ],
        "search_key = excluded.search_key, contact_key = excluded.contact_key",
    )


def _row(customer_id: int, person: Person, one: Counted) -> list[Any]:
    currency, total = next(iter(one.money.items()), ("", 0))
    score, keys = one.score, person.keys or _NO_KEYS
    return [
        customer_id,
        person.workspace_id,
        person.merged,
        keys.sort_name,
        keys.has_phone,
        keys.has_email,
        keys.known,
        person.made_from if person.keys else None,
        one.born if one.first is None else one.first,
        one.born if one.last is None else one.last,
        one.interactions,
        one.contacts,
        one.purchases,
        one.deliveries,
        one.matters,
        total,
        currency,
        one.first_purchase,
        one.last_purchase,
        one.channel,
        one.channel_at,
        *((score.measure, score.value, score.low, score.high, score.band, score.at) if score else (None, None, None, None, 0, None)),
        *((one.nps[1], one.nps[0]) if one.nps else (None, None)),
    ]


def _more_money(customer_id: int, person: Person, one: Counted) -> Iterable[list[Any]]:
    """Sums in further currencies, each in a row of its own: which one counts is known only where the profile is."""
    for currency, total in list(one.money.items())[1:]:
        row = _row(customer_id, person, Counted(one.born))
        row[PROFILES.columns.index("purchase_total")], row[PROFILES.columns.index("currency")] = total, currency
        yield row


PEOPLE: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(c.id, c.workspace_id, c.merged_into_id, c.name, i.type, i.value, p.made_from)) "
    "FROM json_each(?) w CROSS JOIN identities_customer c ON c.id = w.value "
    "LEFT JOIN customers_profile p ON p.customer_id = c.id LEFT JOIN identities_identity i ON i.customer_id = c.id",
    postgres="SELECT c.id, c.workspace_id, c.merged_into_id, c.name, i.type, i.value, p.made_from "
    f"FROM {bulk.INTEGERS} JOIN identities_customer c ON c.id = w.value "
    "LEFT JOIN customers_profile p ON p.customer_id = c.id LEFT JOIN identities_identity i ON i.customer_id = c.id",
)
MADE_BY: Final = 1  # another number once customers.keys makes other texts: then everybody's are written again when they come by
_encode: Final = msgspec.json.Encoder().encode


def people(customer_ids: Collection[int], *, anew: bool = False) -> dict[int, Person]:
    """Names and identities of these customers as they are now, worked into keys; `anew` also where nothing changed."""
    found: dict[int, tuple[int, bool, str, int | None, list[tuple[int, str]]]] = {}
    for customer_id, workspace_id, merged_into, name, kind, value, stands in bulk.ask(PEOPLE, customer_ids):
        known = found.get(customer_id)
        if known is None:
            known = found[customer_id] = (workspace_id, merged_into is not None, name, None if anew else stands, [])
        if kind is not None:
            known[4].append((kind, value))
    return {customer_id: _person(known) for customer_id, known in found.items()}


def _person(known: tuple[int, bool, str, int | None, list[tuple[int, str]]]) -> Person:
    workspace_id, merged, name, stands, ids = known
    ids.sort()
    made_from = int.from_bytes(blake2b(_encode((MADE_BY, merged, name, ids)), digest_size=8).digest(), "big", signed=True)
    return Person(workspace_id, merged, None if made_from == stands else keys_of(name, ids), made_from, stands)


STANDING: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(p.customer_id, p.made_from)) "
    "FROM json_each(?) w CROSS JOIN customers_profile p ON p.customer_id = w.value",
    postgres=f"SELECT p.customer_id, p.made_from FROM {bulk.INTEGERS} "
    "JOIN customers_profile p ON p.customer_id = w.value ORDER BY 1 FOR UPDATE OF p",
)


def changed_since(people: Mapping[int, Person]) -> list[int]:
    """Those about to be written whose keys somebody else wrote since these were made; until the transaction ends nobody does."""
    made = {customer: person.stood for customer, person in people.items() if person.keys is not None}
    return [customer for customer, stands in bulk.ask(STANDING, made.keys()) if stands != made[customer]] if made else []
