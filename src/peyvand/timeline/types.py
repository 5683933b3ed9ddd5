"""What travels to and from the timeline: one item to record, its outcome, one event read back. Plain structs."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import msgspec

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]
Short = Annotated[str, msgspec.Meta(max_length=120)]

MOST_PERCEPTIONS = 64
MOST_PROPERTIES_BYTES = 64 * 1024


class IdentityIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One identity as it was given, not yet normalised."""

    type: Annotated[str, msgspec.Meta(max_length=16)]
    value: Annotated[str, msgspec.Meta(max_length=400)]


class ConsentIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What the customer agreed to or refused, as told by this item."""

    purpose: Annotated[str, msgspec.Meta(max_length=24)]
    channel: Annotated[str, msgspec.Meta(max_length=24)]
    granted: bool


class CompanyIn(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """The company (B2B) an item is about: its own id decides where one is given, else its name."""

    own_id: Annotated[str, msgspec.Meta(max_length=100)] = ""
    name: Annotated[str, msgspec.Meta(max_length=160)] = ""


class CustomerIn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """Who an item is about. Attributes, consents and the company go to the profile in timeline order."""

    identities: list[IdentityIn] = []
    name: Annotated[str, msgspec.Meta(max_length=160)] = ""
    language: Annotated[str, msgspec.Meta(max_length=8)] = ""
    attributes: dict[str, str | int | float | bool | None] = {}
    consents: list[ConsentIn] = []
    company: CompanyIn | None = None


class Subject(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What ties interactions together: an order, a conversation."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class PerceptionIn(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """How it felt: a score on its scale, words, or both."""

    measure: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    value: float | None = None
    scale: tuple[float, float] | None = None
    item: Annotated[str, msgspec.Meta(max_length=120)] = ""
    text: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    sentiment: Annotated[float, msgspec.Meta(ge=-1, le=1)] | None = None


class Item(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """One interaction to record, with its perceptions: the shape of the ingest API and of every inner producer.

    `amount` is in the minor unit (whole Rials) of its currency, the workspace's where none is said; durations in seconds.
    `source` and `external_id` together make a repeat harmless. Drafting takes the fields in this order.
    """

    kind: Short
    channel: Short = ""
    touchpoint: Short = ""
    stage: Short = ""
    source: Short = ""
    branch: Short = ""
    department: Short = ""
    employee: Short = ""
    device: Annotated[str, msgspec.Meta(max_length=40)] = ""
    language: Annotated[str, msgspec.Meta(max_length=8)] = ""
    occurred_at: Moment
    customer: CustomerIn | None = None
    product: Short = ""
    subject: Subject | None = None
    properties: dict[str, Any] = {}
    perceptions: Annotated[list[PerceptionIn], msgspec.Meta(max_length=MOST_PERCEPTIONS)] = []
    amount: Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)] | None = None
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)] | None = None
    duration_s: Annotated[float, msgspec.Meta(ge=0, le=10**8)] | None = None
    response_s: Annotated[float, msgspec.Meta(ge=0, le=10**8)] | None = None
    external_id: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Status(StrEnum):
    """What became of an item."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The answer to one item; `field` and `reason` say what was wrong with a rejected one."""

    status: Status
    interaction_id: int | None = None
    field: str = ""
    reason: str = ""
    customer_id: int | None = None


class Refused(ValueError):
    """An item that cannot be recorded: which field, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(slots=True)
class Felt:
    """A recorded perception."""

    n: int
    measure: str
    item: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    sentiment: float | None


@dataclass(slots=True)
class Event:
    """A recorded interaction as subscribers and screens read it: codes instead of integers."""

    id: int
    workspace_id: int
    kind: str
    occurred_at: dt.datetime
    recorded_at: dt.datetime
    identity_id: int | None
    customer_id: int | None
    codes: dict[str, str]  # dimension → code, of those it has
    term_ids: dict[str, int]
    subject: Subject | None
    amount: int | None
    currency: str
    duration_s: float | None
    response_s: float | None
    properties: dict[str, Any]
    batch: int | None
    source: str
    external_id: str | None
    perceptions: list[Felt] = field(default_factory=list)
