"""What somebody is known by, as those may have it who do not see contacts. Called by pages, lists, files and the API."""

from typing import Final

from peyvand.core import emails, phones
from peyvand.core.masking import without_contacts
from peyvand.identities.types import IdentityType

HIDDEN: Final = "•••"


def masked(kind: int, value: str) -> str:
    """A value with what matters hidden; own ids are the brand's own and stay, but for a phone number or address that serves as one."""
    if kind == IdentityType.PHONE:
        return phones.mask(value)
    if kind == IdentityType.EMAIL:
        return emails.mask(value)
    if kind == IdentityType.OWN_ID:
        return without_contacts(value)
    name, colon, _rest = value.partition(":")
    return f"{name}{colon}{HIDDEN}" if colon else HIDDEN
