"""What goes by its age: `<app>/privacy.py` lists records that a workspace's rule may let go (KEEPS), and those that go by themselves
(GOES). Both are read by the privacy app; each app cleans its own tables.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise

from peyvand.core.discovery import modules

TEXTS: Final = "texts"
WHOLE: Final = "whole"


@dataclass(frozen=True)
class Kept:
    """Records of one sort. `losses` maps what a rule may take of them (TEXTS, WHOLE) to what that means, in a sentence.

    `old(workspace_id, before, loss)` are those from before a moment that still have it, never one that somebody works on;
    `forget(ids, loss)` takes it, in transactions of a moment, and bears being done twice. `least` and `usual` are months;
    so many as `piece` go in some 20 ms on SQLite.
    """

    code: str
    label: str | Promise
    losses: Mapping[str, str | Promise]
    usual: int
    old: Callable[[int, dt.datetime, str], "QuerySet[Any]"]
    forget: Callable[[Sequence[int], str], None]
    least: int = 1
    piece: int = 50


@dataclass(frozen=True)
class Goes:
    """Records that go by themselves, so long after they are over."""

    label: str | Promise
    after: dt.timedelta


@cache
def kept() -> Mapping[str, Kept]:
    """Every sort of records that may have a rule, by its code, the highest app first."""
    return {one.code: one for one in _listed("KEEPS")}


@cache
def going() -> tuple[Goes, ...]:
    """Everything that goes by itself, the soonest first."""
    return tuple(sorted(_listed("GOES"), key=lambda one: one.after))


def _listed(name: str) -> Iterable[Any]:
    return [one for module in modules("privacy") for one in getattr(module, name, ())]
