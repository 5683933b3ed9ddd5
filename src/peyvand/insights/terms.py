"""Terms as figures need them: which integers a code stands for, and which term stands for an integer. Called by queries.

Inside `looked_up_once` each is asked of the records once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils.translation import get_language

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.kinds import kinds

AT_ONCE = 900
_SHOWN = ("dimension", "code", "names", "merged_into__dimension", "merged_into__code", "merged_into__names")
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Named:
    """The term that stands for an integer: after merging, the one that was kept."""

    id: int
    code: str
    label: str


@dataclass(slots=True)
class _Known:
    integers: dict[tuple[int, str, tuple[str, ...]], tuple[int, ...]] = field(default_factory=dict)
    named: dict[tuple[int, int], Named | None] = field(default_factory=dict)
    stages: dict[int, dict[int, int]] = field(default_factory=dict)


_known: ContextVar[_Known | None] = ContextVar("peyvand_terms", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Ask the records for each term at most once inside the block."""
    token = _known.set(_known.get() or _Known())
    try:
        yield
    finally:
        _known.reset(token)


def looked_up_once(function: Callable[P, R]) -> Callable[P, R]:
    """The same as `remembering` around a whole function."""

    @wraps(function)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with remembering():
            return function(*args, **kwargs)

    return inside


def integers_of(workspace_id: int, dimension: str, codes: Iterable[str]) -> tuple[int, ...]:
    """Every integer that rows may carry for these codes, those merged into them included; empty for unknown codes."""
    # no code holds a NUL, and PostgreSQL would not even be asked for one
    key, known = (workspace_id, dimension, tuple(code for code in codes if "\x00" not in code)), _known.get()
    if known is not None and key in known.integers:
        return known.integers[key]
    kept = Term.objects.filter(workspace_id=workspace_id, dimension=dimension, code__in=key[2]).values_list("id", "merged_into_id")
    heads = {merged or term_id for term_id, merged in kept}
    absorbed = Term.objects.filter(merged_into__in=heads).values_list("id", flat=True) if heads else ()
    found = tuple(sorted(heads.union(absorbed)))
    if known is not None:
        known.integers[key] = found
    return found


def stages_of_touchpoints(workspace_id: int) -> dict[int, int]:
    """The stage each touchpoint has now, by integers; one merged into another has that one's."""
    known = _known.get()
    if known is not None and workspace_id in known.stages:
        return known.stages[workspace_id]
    rows = Term.objects.filter(workspace_id=workspace_id, dimension=Dimension.TOUCHPOINT).order_by("pk")
    heads = rows.values_list("pk", "merged_into", "parent_id", "merged_into__parent_id")
    stages = {pk: of_head if head else own for pk, head, own, of_head in heads}
    found = {pk: stage for pk, stage in stages.items() if stage is not None}
    if known is not None:
        known.stages[workspace_id] = found
    return found


def named(workspace_id: int, ids: Collection[int]) -> dict[int, Named]:
    """The term that stands for each integer, named for the reader; unknown integers are left out."""
    known = _known.get() or _Known()
    missing = sorted(term_id for term_id in ids if (workspace_id, term_id) not in known.named)
    for start in range(0, len(missing), AT_ONCE):
        wanted = missing[start : start + AT_ONCE]
        rows = Term.objects.filter(workspace_id=workspace_id, pk__in=wanted).select_related("merged_into").only(*_SHOWN)
        known.named |= {(workspace_id, term_id): None for term_id in wanted}
        for term in rows:
            head = term.merged_into or term
            known.named[workspace_id, term.pk] = Named(head.pk, head.code, label_of(head))
    pairs = ((term_id, known.named[workspace_id, term_id]) for term_id in ids)
    return {term_id: name for term_id, name in pairs if name is not None}


def label_of(term: Term) -> str:
    """The term's name in the reader's language; a built-in kind's own name unless the workspace gave it one."""
    if term.dimension == Dimension.KIND and not term.names and (kind := kinds().get(term.code)):
        return kind.label(get_language() or "en")
    return term.label


def measures_met(workspace_id: int) -> list[Term]:
    """The measures this workspace has answers of, in their order."""
    return list(Term.objects.filter(workspace_id=workspace_id, dimension=Dimension.MEASURE, merged_into=None).order_by("position", "id"))
