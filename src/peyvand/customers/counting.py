"""What rows of the timeline add up to for each customer: plain Python, called by the subscriber and by recounts.

Times are microseconds since 1970, as the rows hold them. Whoever folds the same rows in the same order gets the same counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from peyvand.catalogue.queries import term_names
from peyvand.core import bulk
from peyvand.customers.scores import band
from peyvand.timeline.kinds import kinds
from peyvand.timeline.reading import AT, Row, read_perceptions

_OCCURRED: Final = AT["occurred_at"]
_RECORDED: Final = AT["recorded_at"]
_IDENTITY: Final = AT["identity_id"]
_CHANNEL: Final = AT["channel"]
_AMOUNT: Final = AT["amount"]
_CURRENCY: Final = AT["currency"]
_PROPERTIES: Final = AT["properties"]
_SOURCE: Final = AT["source"]
_BATCH: Final = AT["batch"]
_SUBJECT_ID: Final = AT["subject_id"]
_decode: Final = msgspec.json.Decoder().decode

GIVEN_BACK: Final = frozenset({"order.refunded", "order.cancelled"})
DELIVERED: Final = "order.delivered"  # proves a purchase where the order itself was never told
_EARLIER: Final = (
    "JOIN timeline_interaction e ON e.subject_type = i.subject_type AND e.subject_id = i.subject_id AND e.kind = i.kind "
    "AND e.workspace_id = i.workspace_id AND e.id < i.id LEFT JOIN timeline_batch b ON b.id = e.batch "
    "WHERE b.id IS NULL OR b.state NOT IN ('undoing', 'undone')"
)
_FURTHER: Final = bulk.Question(
    sqlite="SELECT json_group_array(json_array(f.id)) FROM (SELECT DISTINCT i.id FROM json_each(?) w "
    f"CROSS JOIN timeline_interaction i ON i.id = w.value CROSS {_EARLIER}) f",
    postgres=f"SELECT DISTINCT i.id FROM {bulk.INTEGERS} JOIN timeline_interaction i ON i.id = w.value {_EARLIER}",
)


class Score(NamedTuple):
    """The latest overall score: when, of which measure (Term integer), on which scale, and its band."""

    at: int
    measure: int
    value: float
    low: float | None
    high: float | None
    band: int


class Told(NamedTuple):
    """What one interaction told about its customer."""

    at: int
    interaction_id: int
    source: int
    facts: dict[str, Any]


class Counted:
    """What some rows add to one customer. `first` and `last` are None where the customer was not seen; `born` is when
    the first row was recorded.
    """

    __slots__ = (
        "born", "channel", "channel_at", "contacts", "deliveries", "first", "first_purchase", "interactions", "last", "last_purchase",
        "matters", "money", "nps", "purchases", "score", "told",
    )  # fmt: skip

    def __init__(self, born: int = 0) -> None:
        self.born = born
        self.first: int | None = None
        self.last: int | None = None
        self.interactions = self.contacts = self.purchases = self.deliveries = self.matters = 0
        self.money: dict[str, int] = {}
        self.first_purchase: int | None = None
        self.last_purchase: int | None = None
        self.channel: int | None = None
        self.channel_at: int | None = None
        self.score: Score | None = None
        self.nps: tuple[int, float] | None = None
        self.told: list[Told] = []


def _earlier(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _later(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)


class _Meaning(NamedTuple):
    """What a kind's Term integer means for the counters."""

    seen: bool
    contact: bool
    purchase: bool
    delivery: bool
    given_back: bool
    matter: int = 0


class Book:
    """Counts rows by customer, in order. Rows of nobody are passed over."""

    def __init__(self, rows: Sequence[Row], felt: Mapping[int, Sequence[Row]] | None = None) -> None:
        rows = [row for row in rows if row[_IDENTITY] is not None]
        self._felt = read_perceptions([row[0] for row in rows]) if felt is None and rows else felt or {}
        self._meanings = _meanings({row[AT["kind"]] for row in rows})
        self._measures = term_names({p[1] for found in self._felt.values() for p in found})
        self.identities: set[int] = {row[_IDENTITY] for row in rows}
        self.batches: set[int] = {row[_BATCH] for row in rows if row[_BATCH] is not None}
        self._rows = rows
        deliveries = [row[0] for row in rows if self._meanings[row[AT["kind"]]].delivery and row[_SUBJECT_ID] is not None]
        self._repeated = _further_parcels(deliveries)

    def counted(self, owners: Mapping[int, int], without: Collection[int] = ()) -> dict[int, Counted]:
        """Customer → what their rows add up to; `owners` says whose an identity is, rows of the batches `without` count nothing."""
        found: dict[int, Counted] = {}
        for row in self._rows:
            customer_id = owners.get(row[_IDENTITY])
            if customer_id is None or (without and row[_BATCH] in without):
                continue
            counted = found.get(customer_id)
            if counted is None:
                counted = found[customer_id] = Counted(row[_RECORDED])
            self._count(counted, row)
        return found

    def _count(self, counted: Counted, row: Row) -> None:
        at, meaning = row[_OCCURRED], self._meanings[row[AT["kind"]]]
        if meaning.seen:
            _see(counted, at, row[_CHANNEL])
        counted.contacts += meaning.contact
        counted.matters += meaning.matter
        if meaning.purchase:
            counted.purchases += 1
            counted.first_purchase = _earlier(counted.first_purchase, at)
            counted.last_purchase = _later(counted.last_purchase, at)
        if meaning.delivery and row[0] not in self._repeated:
            counted.deliveries += 1
        if (amount := row[_AMOUNT]) and (currency := row[_CURRENCY]) and (meaning.purchase or meaning.given_back):
            counted.money[currency] = counted.money.get(currency, 0) + (-abs(amount) if meaning.given_back else amount)
        if felt := self._felt.get(row[0]):
            self._feel(counted, at, felt)
        properties = row[_PROPERTIES]
        if properties and '"customer":' in properties and isinstance(facts := _decode(properties).get("customer"), dict):
            counted.told.append(Told(at, row[0], row[_SOURCE], facts))

    def _feel(self, counted: Counted, at: int, felt: Iterable[Row]) -> None:
        """Note the first overall score of an interaction, and its NPS."""
        main = True
        for _id, measure, item, value, low, high, _text, _sentiment in felt:
            if item is not None or value is None:
                continue
            code = self._measures[measure].code
            if main and (counted.score is None or at >= counted.score.at):
                counted.score = Score(at, measure, value, low, high, band(code, value, low, high).value)
            main = False
            if code == "nps" and (counted.nps is None or at >= counted.nps[0]):
                counted.nps = (at, value)


def _see(counted: Counted, at: int, channel: int | None) -> None:
    counted.interactions += 1
    if counted.first is None or at < counted.first:
        counted.first = at
    if counted.last is None or at > counted.last:
        counted.last = at
    if channel is not None and (counted.channel_at is None or at >= counted.channel_at):
        counted.channel, counted.channel_at = channel, at


def _further_parcels(deliveries: list[int]) -> set[int]:
    """Those of these deliveries whose order had one before: two parcels are one purchase."""
    return {row[0] for row in bulk.ask(_FURTHER, deliveries)} if deliveries else set()


def _meanings(kind_ids: set[int]) -> dict[int, _Meaning]:
    declared = kinds()
    found = {}
    for kind_id, name in term_names(kind_ids).items():
        kind = declared.get(name.code)
        if kind is None:  # declared by a workspace
            found[kind_id] = _Meaning(seen=True, contact=False, purchase=False, delivery=False, given_back=False)
        else:
            found[kind_id] = _Meaning(
                not kind.by_brand, kind.is_contact, kind.is_purchase, kind.code == DELIVERED, kind.code in GIVEN_BACK, kind.matter
            )
    return found
