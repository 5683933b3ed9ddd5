"""Sealed texts put under a new key, wherever apps keep them: each lists its places as SEALED in `sealed.py`. For `rotate-secrets`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import models, transaction

from peyvand.core.discovery import modules
from peyvand.core.vault import SealBroken, resealed

PAGE: Final = 100


@dataclass(frozen=True)
class Place:
    """A column that holds sealed texts: itself, or, where it is JSON, under these keys (a text, or a list of them)."""

    model: str
    column: str
    keys: tuple[str, ...] = ()


@dataclass
class Count:
    """Texts put under the new key, and texts that no key opens: those must be entered again."""

    renewed: int = 0
    broken: int = 0


def places() -> list[Place]:
    """Every place of every installed app."""
    return [place for module in modules("sealed") for place in module.SEALED]


def rekey(place: Place, keys: Sequence[str], tell: Callable[[int], None] = lambda _rows: None) -> Count:
    """Put a place's texts under the first of the keys, a hundred rows a transaction.

    What is under it already is left, so that a run which was cut short is simply made again.
    """
    model = apps.get_model(place.model)
    count, last, rows = Count(), 0, 0
    while page := _page(model, place, keys, last, count):
        last, rows = page[-1], rows + len(page)
        tell(rows)
    return count


@transaction.atomic
def _page(model: type[models.Model], place: Place, keys: Sequence[str], last: int, count: Count) -> list[int]:
    stored = model._default_manager.select_for_update().filter(pk__gt=last).order_by("pk")  # noqa: SLF001 - Django's public name
    page = list(stored.only("pk", place.column)[:PAGE])
    changed = []
    for row in page:
        before = getattr(row, place.column)
        after = _renewed(before, place.keys, keys, count)
        if after != before:
            setattr(row, place.column, after)
            changed.append(row)
    model._default_manager.bulk_update(changed, [place.column])  # noqa: SLF001 - as above
    return [row.pk for row in page]


def _renewed(value: Any, names: Sequence[str], keys: Sequence[str], count: Count) -> Any:
    if not names:
        return _text(value, keys, count)
    if not isinstance(value, dict):
        return value
    return {name: _inside(inner, keys, count) if name in names else inner for name, inner in value.items()}


def _inside(value: Any, keys: Sequence[str], count: Count) -> Any:
    return [_text(one, keys, count) for one in value] if isinstance(value, list) else _text(value, keys, count)


def _text(value: Any, keys: Sequence[str], count: Count) -> Any:
    if not isinstance(value, str):
        return value
    try:
        after = resealed(value, keys)
    except SealBroken:
        count.broken += 1
        return value
    count.renewed += after != value
    return after


def everywhere(keys: Sequence[str], tell: Callable[[int], None] = lambda _rows: None) -> Iterator[tuple[Place, Count]]:
    """Rekey every place, telling what became of each."""
    for place in places():
        yield place, rekey(place, keys, tell)
