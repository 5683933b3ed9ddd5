"""Plain vocabulary of identities: the types, strongest first, and what resolution answers."""

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

IdentityKey = tuple[int, str]  # (type, normalised value)


class Resolved(NamedTuple):
    """Who an item belongs to: the strongest identity and its customer; both None when nobody is named."""

    identity_id: int | None
    customer_id: int | None
    is_new: bool = False
