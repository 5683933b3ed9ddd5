"""Finding customers by what is typed: names by Persian rules, phones in any writing, e-mail, own ids. For lists and the command box.

Every word must occur in what is stored (customers.keys). Words of one or two letters must begin a stored word.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Final

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from peyvand.core import bulk, emails, phones
from peyvand.core.db import is_sqlite
from peyvand.core.persian import search_terms, to_latin_digits
from peyvand.core.sets import as_json_array
from peyvand.identities.models import Identity
from peyvand.identities.types import IdentityType

GRAM: Final = 3
FEW: Final = 5_000  # so many are read and sorted at once
MOST_GRAMS: Final = 24  # of a search: more do not narrow it further
MOST_CANDIDATES: Final = 200_000  # what more people share than this is found by reading in order before the index is asked
_NUMBER: Final = re.compile(r"[+0-9()\-. ]+")
_FEWEST_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class Search:
    """One search: each alternative holds patterns that must all occur; `exact` is the customer a whole contact belongs to."""

    alternatives: tuple[tuple[str, ...], ...]
    in_contacts: bool
    exact: int | None = None
    known: dict[int, list[int]] = field(default_factory=dict, compare=False, repr=False)  # workspace → whom the index named first

    @property
    def columns(self) -> tuple[str, ...]:
        """Where to look."""
        return ("search_key", "contact_key") if self.in_contacts else ("search_key",)

    def condition(self) -> Q:
        """The search as a condition on profiles."""
        found = Q(pk=self.exact) if self.exact else Q(pk__in=[])
        for patterns in self.alternatives:
            here = Q()
            for pattern in patterns:
                here &= reduce(or_, [Q(**{f"entry__{column}__contains": pattern}) for column in self.columns])
            found |= here
        return found

    def on_entry(self) -> tuple[str, list[int | str]]:
        """The same in PostgreSQL's words, on rows of customers_searchentry, with its parameters."""
        condition, parameters = _like(self)
        return f"profile_id = %s{f' OR {condition}' if condition else ''}", [self.exact or 0, *parameters]

    def few(self, workspace_id: int) -> Q | None:
        """Those the index gives where they are few: all that the condition finds, and some more. None where they are many."""
        ids = self._named(workspace_id)
        return among(ids) if len(ids) <= FEW else None

    def first(self, workspace_id: int) -> Q:
        """Those the index gives first, in no order, and no more than are read at once."""
        return among(self._named(workspace_id)[:FEW])

    def _named(self, workspace_id: int) -> list[int]:
        """One more than few at most, or all the index gives. A page and its count ask once."""
        if workspace_id not in self.known:
            self.known[workspace_id] = self._ask(workspace_id)
        return self.known[workspace_id]

    def _ask(self, workspace_id: int) -> list[int]:
        found = {self.exact} if self.exact else set()
        asked = [_trigrams(self, FEW + 1), _pending(FEW + 1)] if is_sqlite() else [_likes(self, workspace_id, FEW + 1)]
        for one in asked if self.alternatives else ():
            with connection.cursor() as cursor:
                cursor.execute(one.sql, one.params)
                found |= {row[0] for row in cursor.fetchall()}
        return list(found)

    def candidates(self, workspace_id: int) -> Q:
        """Those the index gives, however many: all that the condition finds, and some more."""
        found = Q(pk=self.exact) if self.exact else Q(pk__in=[])
        if self.alternatives:
            found |= Q(pk__in=_trigrams(self)) | Q(pk__in=_pending()) if is_sqlite() else Q(pk__in=_likes(self, workspace_id))
        return found


def among(ids: Sequence[int]) -> Q:
    """The condition to be one of these: as one value, since thousands take PostgreSQL longer to read than to find."""
    sql = "SELECT value FROM json_each(%s)" if is_sqlite() else f"SELECT value FROM {bulk.INTEGERS}"
    return Q(pk__in=RawSQL(sql, [as_json_array(ids)]))  # noqa: S611 - parameters


def read_search(workspace_id: int, region: str, text: str, *, contacts: bool) -> Search:
    """Understand what was typed. Without `contacts`, phones and e-mails are found only when they are typed whole.

    Whoever may not see them must not be able to guess them letter by letter.
    """
    text = text.strip()[:200]
    exact, whole = _owner(workspace_id, region, text) if text else (None, False)
    if whole:
        return Search((), contacts, exact)  # nobody else has it, and it is in no other contact
    terms = [_pattern(term) for term in search_terms(text)]
    alternatives = [tuple(terms)] if terms else []
    if contacts and _NUMBER.fullmatch(latin := to_latin_digits(text)):
        alternatives = [(digits,) for digits in _ways_to_dial(latin)] or alternatives
    return Search(tuple(alternatives), contacts, exact)


def _pattern(term: str) -> str:
    return term if len(term) >= GRAM else " " + term


def _ways_to_dial(latin: str) -> list[str]:
    """The digits as typed, and without the prefix for abroad; «0012» may be either the last four or a prefix."""
    digits = re.sub(r"\D", "", latin)
    ways = {digits, digits.removeprefix("00")}
    return sorted(way for way in ways if len(way) >= _FEWEST_DIGITS)


def _owner(workspace_id: int, region: str, text: str) -> tuple[int | None, bool]:
    """The customer an own id, a whole phone number or e-mail address belongs to, and whether it is a contact that is nobody else's."""
    keys = [(IdentityType.OWN_ID, text)]
    with suppress(phones.PhoneError):
        keys.append((IdentityType.PHONE, phones.normalise(text, region)))
    with suppress(emails.EmailError):
        keys.append((IdentityType.EMAIL, emails.normalise(text)))
    wanted = Q()
    for kind, value in keys:
        wanted |= Q(type=kind.value, value=value)
    found = list(Identity.objects.filter(wanted, workspace_id=workspace_id).values_list("customer_id", "type"))
    whole = len({customer for customer, _type in found}) == 1 and any(kind != IdentityType.OWN_ID for _customer, kind in found)
    return (found[0][0] if found else None), whole


def _grams(pattern: str) -> list[str]:
    """The three-letter pieces of a pattern; a pattern that is shorter stands for the beginning of a word."""
    padded = pattern if len(pattern) >= GRAM else " " + pattern
    return [padded[n : n + GRAM] for n in range(len(padded) - GRAM + 1)]


def _trigrams(search: Search, most: int = MOST_CANDIDATES) -> RawSQL:
    asked = []
    for patterns in search.alternatives:
        grams = list(dict.fromkeys(gram for pattern in patterns for gram in _grams(pattern)))[:MOST_GRAMS]
        asked.append("(" + " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams) + ")")
    sql = "SELECT rowid FROM customers_search WHERE customers_search MATCH %s LIMIT %s"
    return RawSQL(sql, [" OR ".join(asked), most])  # noqa: S611 - parameters


def _pending(most: int = 5_000) -> RawSQL:
    """The latest of those the index does not hold yet."""
    return RawSQL("SELECT customer_id FROM customers_search_pending ORDER BY customer_id DESC LIMIT %s", [most])


def _likes(search: Search, workspace_id: int, most: int = MOST_CANDIDATES) -> RawSQL:
    condition, parameters = _like(search)
    sql = f"SELECT profile_id FROM customers_searchentry WHERE workspace_id = %s AND ({condition}) LIMIT %s"
    return RawSQL(sql, [workspace_id, *parameters, most])  # noqa: S611 - parameters


def _like(search: Search) -> tuple[str, list[str]]:
    alternatives, parameters = [], []
    for patterns in search.alternatives:
        parameters += ["%" + re.sub(r"([\\%_])", r"\\\1", pattern) + "%" for pattern in patterns for _ in search.columns]
        words = [f"({' OR '.join(f'{column} LIKE %s' for column in search.columns)})" for _ in patterns]
        alternatives.append(f"({' AND '.join(words)})")
    return " OR ".join(alternatives), parameters
