"""What an app must be able to do for one person: `<app>/privacy.py` has COVERS (labels of models), export(person) and erase(person).

Called by the privacy app. A `moved(move)` in it gives rows to another customer (identities.types.Move); called by
customers.services.merging.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, Final, Protocol, cast

from django.db import models, transaction

from peyvand.core.discovery import modules
from peyvand.core.persian import ZWNJ, search_key, to_latin_digits

Rows = Sequence[Mapping[str, Any]]
Sections = Mapping[str, Rows]

SHORTEST: Final = 5  # signs of a word that is looked for in texts: shorter ones stand in too many of others
SHORTEST_CODE: Final = 3  # where it has a letter and a digit, and stands by itself
SHORTEST_NUMBER: Final = 8  # digits
NO_DIGITS: Final = re.compile(r"[^0-9]+")
A_WORD: Final = re.compile(r"\w+")
A_RUN: Final = re.compile(r"[0-9]+|[a-z]+|[^\W0-9_a-z]+")  # of one kind of sign: Persian is often written on without a blank
A_TURN: Final = 500
GONE: Final = "•••"


@dataclass(frozen=True)
class Person:
    """One customer and everybody merged into them. `words` name them and nobody else; of their `names` there may be others.

    `interactions` are those they took part in, known once they are parted from them.
    """

    workspace_id: int
    customers: frozenset[int]
    identities: frozenset[int] = frozenset()
    words: tuple[str, ...] = field(default=(), repr=False)
    names: tuple[str, ...] = field(default=(), repr=False)
    interactions: frozenset[int] = field(default=frozenset(), repr=False)

    @property
    def nameless(self) -> "Person":
        """The same person known by their identities alone: where a namesake must not be taken for them."""
        return replace(self, names=())

    @cached_property
    def surely(self) -> "Person":
        """The same person without the ids that are words or short numbers: where a word of ours must not be taken for them."""
        return replace(self, words=tuple(word for word in self.words if _tells(word)))

    @property
    def reached(self) -> "Person":
        """The same person known by their addresses and numbers alone."""
        return replace(self, words=tuple(word for word in self.words if "@" in word or _is_number(word)), names=())

    @cached_property
    def _numbers(self) -> tuple[str, ...]:
        return tuple(_digits(word)[-10:] for word in self.words if _is_number(word))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        """What is looked for inside other words too."""
        told = (*(word for word in self.words if _tells(word) or not A_RUN.fullmatch(search_key(word))), *self.names)
        return tuple({key: 1 for word in told if len(word) >= SHORTEST for key in _keys(word) if key})

    @cached_property
    def _codes(self) -> frozenset[str]:
        """Short ids with a letter and a digit, which are looked for where they stand by themselves."""
        return frozenset(search_key(word) for word in self.words if SHORTEST_CODE <= len(word) < SHORTEST and _tells(word))

    @cached_property
    def _plain(self) -> frozenset[str]:
        """Ids that may be anybody's words, such as orders, which are looked for as whole ones."""
        keys = (search_key(word) for word in self.words if len(word) >= SHORTEST and not _tells(word))
        return frozenset(key for key in keys if A_RUN.fullmatch(key))

    def named_in(self, text: str) -> bool:
        """Whether a text holds one of their words, however its letters, half-spaces and digits are written."""
        keys = _keys(text)
        if any(word in key for key in keys for word in self._words):
            return True
        if self._plain and not self._plain.isdisjoint(A_RUN.findall(keys[0])):
            return True
        if self._codes and not self._codes.isdisjoint(A_WORD.findall(keys[0])):
            return True
        if not self._numbers:
            return False
        digits = NO_DIGITS.sub("", to_latin_digits(text))
        return any(number in digits for number in self._numbers)

    def named_anywhere(self, value: object) -> bool:
        """The same of a value of JSON with all that is in it."""
        if isinstance(value, str):
            return self.named_in(value)
        if isinstance(value, Mapping):
            return any(self.surely.named_in(str(key)) or self.named_anywhere(inner) for key, inner in value.items())
        if isinstance(value, list | tuple):
            return any(map(self.named_anywhere, value))
        return isinstance(value, int) and not isinstance(value, bool) and str(value)[-10:] in self._numbers

    def hidden_in(self, value: Any) -> Any:
        """The value with every text that names them replaced by dots; a list or object keeps its shape."""
        if isinstance(value, Mapping):
            kept = {key: self.hidden_in(inner) for key, inner in value.items() if not self.surely.named_in(str(key))}
            return kept if len(kept) == len(value) else {**kept, GONE: GONE}
        if isinstance(value, list | tuple):
            return [self.hidden_in(inner) for inner in value]
        return GONE if self.named_anywhere(value) else value


def _tells(word: str) -> bool:
    """Whether a word can hardly be anything but somebody's: an address, a long number, or an id with a letter and a digit in it."""
    return "@" in word or _is_number(word) or (any(map(str.isdigit, word)) and any(map(str.isalpha, word)))


def _is_number(word: str) -> bool:
    return word.lstrip("+").isdigit() and len(_digits(word)) >= SHORTEST_NUMBER


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))


def _keys(text: str) -> tuple[str, ...]:
    """What a text is compared by: half-spaces as blanks, and where it has some, as nothing too."""
    key = search_key(text)
    return (key, search_key(text.replace(ZWNJ, ""))) if ZWNJ in text else (key,)


class Keeper(Protocol):
    """An app that keeps something of people. Both functions may be called at any time and again after a kill."""

    COVERS: Iterable[str]

    def export(self, person: Person) -> Sections:
        """Everything kept of them as plain JSON, by section; codes and texts instead of integers."""
        ...

    def erase(self, person: Person) -> None:
        """Forget them, in transactions of a moment; what only counts may stay. Raises core.jobs.Later where it must wait."""
        ...


@cache
def keepers() -> tuple[Keeper, ...]:
    """Every app that keeps something of people, the highest first: it may name the rows of those below."""
    return tuple(cast("Keeper", module) for module in modules("privacy"))


def hide(rows: "models.QuerySet[Any]", person: Person, *fields: str) -> int:
    """Replace what names a person in these columns (texts or JSON), a few rows a transaction; returns how many rows changed.

    Called by the services that own the table.
    """
    if not person.words and not person.names:
        return 0
    changed = 0
    for piece in _pieces(rows.select_related(None).only("pk", *fields)):
        told = [row for row in piece if any(person.named_anywhere(getattr(row, name)) for name in fields)]
        if not told:
            continue
        for row in told:
            for name in fields:
                setattr(row, name, person.hidden_in(getattr(row, name)))
        with transaction.atomic():
            rows.model._default_manager.bulk_update(told, fields)  # noqa: SLF001 - Django's public way to a model's manager
        changed += len(told)
    return changed


def _pieces(rows: "models.QuerySet[Any]") -> Iterator[list[Any]]:
    last = 0
    while piece := list(rows.filter(pk__gt=last).order_by("pk")[:A_TURN]):
        yield piece
        last = piece[-1].pk
