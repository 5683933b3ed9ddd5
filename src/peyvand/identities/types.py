"""Plain vocabulary of identities: the types, strongest first, and what resolution answers."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple


class IdentityType(IntEnum):
    """How a person can be known. Smaller is stronger; a device may be shared, so it never decides alone."""

    OWN_ID = 1
    PHONE = 2
    EMAIL = 3
    MESSENGER = 4
    DEVICE = 5


TYPE_NAMES: dict[str, IdentityType] = {t.name.lower(): t for t in IdentityType}
VALUE_LENGTH = 190
MOST_IDENTITIES = 20  # of one item; a person gathers more over time
MOST_GATHERED = 40  # ways but devices that one person gathers by themselves; beyond, a person looks

IdentityKey = tuple[int, str]  # (type, normalised value)


class Resolved(NamedTuple):
    """Who an item belongs to: the strongest identity and its customer; both None when nobody is named."""

    identity_id: int | None
    customer_id: int | None


class Move(NamedTuple):
    """What `moved()` of an app's privacy.py gives to another customer: what came by `identities`, and what `rows` names (None: all)."""

    source: int
    target: int
    identities: frozenset[int] = frozenset()
    rows: Mapping[str, Sequence[int]] | None = None
