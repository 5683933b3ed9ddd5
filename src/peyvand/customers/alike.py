"""Whether two customers look like one person: points for what they share, plain functions on what is known of both.

Points are no probability: they put the likeliest pairs first, for a person to decide. Only who has the same name is compared, and of
those only who shares one more thing: so no name, however frequent, is compared with itself all over. Called by services.suggesting.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, Final, NamedTuple

from peyvand.core.persian import search_key
from peyvand.customers.types import AttributeType

LEAST: Final = 60  # points from which a pair is listed
MOST_ATTRIBUTES: Final = 45
ONE_WORD: Final = 20
RARE, FREQUENT, COMMON = 50, 40, 25  # the same name, of at most 3, at most 10, more people
DAY_POINTS, TEXT_POINTS = 35, 20
PLACES: Final = {"city": 15, "province": 5, "country": 0, "gender": 0}
PHONE_DIGIT, SAME_BOX, MAIL_LETTER, MAIL_NAME = 40, 50, 40, 30
CONTRADICTION: Final = 40  # two birthdays, two genders
MOST_SHARING: Final = 30  # what more namesakes share tells nobody apart
DIGITS: Final = 10
DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})  # where dots in the name make no difference


class Known(NamedTuple):
    """What is compared of a customer; attributes by code, values as text."""

    customer_id: int
    attributes: Mapping[str, str]
    phones: Sequence[str]
    emails: Sequence[str]


class Reason(NamedTuple):
    """One thing that speaks for a pair: `code` names it, `about` an attribute, `value` what both have, `n` how many people have it."""

    code: str
    points: int
    about: str = ""
    value: str = ""
    n: int = 0


class Alike(NamedTuple):
    """Two customers, the one known longer first, their points (0 to 99) and what they are for."""

    score: int
    one: int
    other: int
    reasons: tuple[Reason, ...]


def alike(name: str, namesakes: Sequence[Known], types: Mapping[str, str]) -> Iterator[Alike]:
    """The pairs among people of one (normalised) name that have enough in common; `types` says what each attribute's values are."""
    same_name = _name_points(name, len(namesakes))
    sharing: dict[str, list[int]] = {}
    for n, known in enumerate(namesakes):
        for key in _keys(known, types):
            sharing.setdefault(key, []).append(n)
    met = {pair for group in sharing.values() if 1 < len(group) <= MOST_SHARING for pair in combinations(group, 2)}
    for one, other in sorted(met):
        first, second = sorted((namesakes[one], namesakes[other]))
        reasons = (same_name, *_shared(first, second, types))
        score = min(99, sum(reason.points for reason in reasons) - _against(first, second, types))
        if score >= LEAST:
            yield Alike(score, first.customer_id, second.customer_id, reasons)


def _name_points(name: str, n: int) -> Reason:
    points = RARE if n <= 3 else FREQUENT if n <= 10 else COMMON
    return Reason("name", points if " " in name else min(points, ONE_WORD), n=n)


def _keys(known: Known, types: Mapping[str, str]) -> set[str]:
    """What somebody can be met by: values, phones with one digit open, spellings of mailboxes."""
    keys = {f"a{code}={value}" for code, value in known.attributes.items() if _attribute_points(code, types)}
    for phone in known.phones:
        keys |= {f"p{phone[:n]}.{phone[n + 1 :]}" for n in range(max(0, len(phone) - DIGITS), len(phone))}
    for email in known.emails:
        local, domain = box(email)
        keys |= {f"l{local}"} | {f"d{local[:n]}{local[n + 1 :]}@{domain}" for n in range(len(local))} | {f"d{local}@{domain}"}
    return keys


def _attribute_points(code: str, types: Mapping[str, str]) -> int:
    if code in PLACES:
        return PLACES[code]
    return {AttributeType.DATE.value: DAY_POINTS, AttributeType.TEXT.value: TEXT_POINTS}.get(types.get(code, ""), 0)


def _shared(one: Known, other: Known, types: Mapping[str, str]) -> Iterator[Reason]:
    left = MOST_ATTRIBUTES
    for code in sorted(one.attributes.keys() & other.attributes.keys()):
        points = min(left, _attribute_points(code, types))
        if points and one.attributes[code] == other.attributes[code]:
            left -= points
            yield Reason("attribute", points, code, one.attributes[code])
    if any(_one_digit_apart(mine, theirs) for mine in one.phones for theirs in other.phones):
        yield Reason("phone", PHONE_DIGIT)
    mails = [reason for mine in one.emails for theirs in other.emails if (reason := _mail(mine, theirs)) is not None]
    if mails:
        yield max(mails, key=lambda reason: reason.points)


def _against(one: Known, other: Known, types: Mapping[str, str]) -> int:
    telling = [
        code for code in one.attributes.keys() & other.attributes.keys() if code == "gender" or types.get(code) == AttributeType.DATE
    ]
    return CONTRADICTION if any(one.attributes[code] != other.attributes[code] for code in telling) else 0


def _one_digit_apart(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _mail(one: str, other: str) -> Reason | None:
    (mine, at), (theirs, there) = box(one), box(other)
    if (mine, at) == (theirs, there):
        return Reason("box", SAME_BOX)
    if mine == theirs:
        return Reason("mail_name", MAIL_NAME)
    return Reason("mail_letter", MAIL_LETTER) if at == there and one_letter_apart(mine, theirs) else None


def box(email: str) -> tuple[str, str]:
    """Name and domain of the mailbox an address leads to: without what stands after a plus, nor dots where they count for nothing."""
    local, _at, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    return (local.replace(".", "") if domain in DOTLESS else local), domain


def one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter is another, too many or missing."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    short, long = sorted((one, other), key=len)
    n = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    return short[n:] == long[n + 1 :] if len(short) < len(long) else short[n + 1 :] == long[n + 1 :]


def as_texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as they are compared: texts by their search key, the rest as written; nothing that is empty."""
    texts = {code: folded(value) if isinstance(value, str) else str(value) for code, value in attributes.items() if value is not None}
    return {code: text for code, text in texts.items() if text}


@lru_cache(20_000)
def folded(text: str) -> str:
    """The search key of a text, remembered: names and cities repeat."""
    return search_key(text)


def of_names(people: Iterable[tuple[str, Known]]) -> dict[str, list[Known]]:
    """People by their normalised name."""
    found: dict[str, list[Known]] = {}
    for name, known in people:
        found.setdefault(name, []).append(known)
    return found
