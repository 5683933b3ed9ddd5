"""What a customer is found and sorted by: texts made from names and identities, stored on the profile.

The search index reads three letters at a time, so every word stands behind two blanks: then one or two letters find the
beginnings of words, and a name is found with and without its spaces.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from peyvand.core.masking import without_contacts
from peyvand.core.persian import search_key
from peyvand.identities.types import IdentityType

LONGEST: Final = 400
SORTED_LETTERS: Final = 30
NAMELESS: Final = "99"

# Every letter as two digits, so that any collation of any database sorts alike: Persian alphabet first, then Latin.
_PERSIAN: Final = "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_PLACES: Final[dict[int, str]] = {
    ord(" "): "00",
    **{ord(letter): f"{n:02d}" for n, letter in enumerate(_PERSIAN, 10)},
    **{ord(letter): f"{n:02d}" for n, letter in enumerate(_LATIN, 50)},
    **{ord(digit): f"{n:02d}" for n, digit in enumerate("0123456789", 80)},
}
_OTHER: Final = "95"


class Keys(NamedTuple):
    """The texts stored for one customer, and by which kinds of identity they are known."""

    search_key: str
    contact_key: str
    sort_name: str
    has_phone: bool
    has_email: bool
    known: bool


def keys_of(name: str, identities: Iterable[tuple[int, str]]) -> Keys:
    """Work out what a customer of this name and these (type, value) is found by: a contact in a name or own id as a contact."""
    shown = without_contacts(name)
    names: list[str] = [name_text(shown)]
    contacts: list[str] = [] if shown == name else [name_text(name)]  # found by those who see phones
    types: set[int] = set()
    for kind, value in identities:
        types.add(kind)
        if kind == IdentityType.OWN_ID:
            found = names if without_contacts(value) == value else contacts
            found.append(spaced(search_key(value)))
        elif kind != IdentityType.DEVICE:
            contacts.append(contact_text(kind, value))
    return Keys(
        "".join(names)[:LONGEST],
        "".join(contacts)[:LONGEST],
        sort_name(shown),
        IdentityType.PHONE in types,
        IdentityType.EMAIL in types,
        bool(types - {IdentityType.DEVICE.value}),
    )


def name_text(name: str) -> str:
    """The words of a name, and all of them joined: «محمد رضا» is found as «محمدرضا» and the other way round."""
    words = search_key(name).split()
    joined = "".join(words)
    return spaced(*words, joined) if len(words) > 1 else spaced(*words)


def contact_text(kind: int, value: str) -> str:
    """A phone with and without its country code as people type it; anything else as it is."""
    if kind != IdentityType.PHONE:
        return spaced(search_key(value))
    digits = value.lstrip("+")
    return spaced(digits, "0" + digits[2:]) if digits.startswith("98") else spaced(digits)


def spaced(*words: str) -> str:
    """Words with the two blanks before each that mark their beginning."""
    return "".join("  " + word for word in words if word)


def sort_name(name: str) -> str:
    """A text of digits that sorts names as a Persian dictionary does: پ after ب, گ after ک, Latin after Persian, nameless last."""
    letters = _dictionary_form(name)
    if not letters:
        return NAMELESS
    return "".join([_PLACES.get(ord(letter), _OTHER) for letter in letters])


def _dictionary_form(name: str) -> str:
    """The search key, but with آ kept apart from ا, which a dictionary puts first."""
    if "آ" not in name:
        return search_key(name)[:SORTED_LETTERS]
    return " ".join("آ".join(search_key(part) for part in word.split("آ")) for word in name.split())[:SORTED_LETTERS]
