"""Terms and imports as figures need them: which integers a code stands for, and what stands for an integer. Called by queries.

Inside `looked_up_once` each is asked of the records once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import reduce, wraps
from operator import or_
from typing import NamedTuple, ParamSpec, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.catalogue.defaults import usual_names
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core.display import shortday
from peyvand.insights.questions import IMPORT
from peyvand.timeline.kinds import kinds
from peyvand.timeline.models import Batch

AT_ONCE = 900
_SHOWN = ("pk", "dimension", "code", "names")
P = ParamSpec("P")
R = TypeVar("R")


class Named(NamedTuple):
    """The term that stands for an integer: after merging, the one that was kept. Or the import."""

    id: int
    code: str
    label: str


@dataclass(slots=True)
class _Known:
    integers: dict[tuple[int, str, str], frozenset[int]] = field(default_factory=dict)
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
    """Every integer that rows may carry for these codes, those merged into them included; empty for unknown codes and undone imports."""
    wanted, known = list(codes), _known.get() or _Known()
    _learn(known, workspace_id, {dimension: wanted})
    return tuple(sorted({integer for code in wanted for integer in known.integers[workspace_id, dimension, code]}))


def look_up(workspace_id: int, wanted: Mapping[str, Iterable[str]]) -> None:
    """Ask the records for the codes of several dimensions at once; `integers_of` knows them then, as long as terms are remembered."""
    if (known := _known.get()) is not None:
        _learn(known, workspace_id, wanted)


def _learn(known: _Known, workspace_id: int, wanted: Mapping[str, Iterable[str]]) -> None:
    unknown = {(workspace_id, dimension, code) for dimension, codes in wanted.items() for code in codes} - known.integers.keys()
    known.integers |= dict.fromkeys(unknown, frozenset())
    asked: dict[str, list[str]] = {}
    for _workspace, dimension, code in sorted(unknown):
        if "\x00" not in code:  # no code holds a NUL, and PostgreSQL would not even be asked for one
            asked.setdefault(dimension, []).append(code)
    if codes_of_imports := asked.pop(IMPORT, []):
        known.integers |= {(workspace_id, IMPORT, one.code): frozenset((one.pk,)) for one in imports_of(workspace_id, codes_of_imports)}
    if not asked:
        return
    named = reduce(or_, (Q(dimension=dimension, code__in=codes) for dimension, codes in asked.items()))
    rows = list(Term.objects.filter(named, workspace_id=workspace_id).values_list("dimension", "code", "id", "merged_into_id"))
    heads = {merged or term_id for _dimension, _code, term_id, merged in rows}
    together: dict[int, set[int]] = {head: {head} for head in heads}
    for head, absorbed in Term.objects.filter(merged_into__in=heads).values_list("merged_into_id", "id"):
        together[head].add(absorbed)
    known.integers |= {(workspace_id, dimension, code): frozenset(together[merged or term_id]) for dimension, code, term_id, merged in rows}


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
    language = get_language() or "en"
    columns = ("pk", *(f"{head}{name}" for head in ("", "merged_into__") for name in _SHOWN))
    for start in range(0, len(missing), AT_ONCE):
        wanted = missing[start : start + AT_ONCE]
        rows = Term.objects.filter(workspace_id=workspace_id, pk__in=wanted).values_list(*columns)
        known.named |= {(workspace_id, term_id): None for term_id in wanted}
        for term_id, *own_and_head in rows:
            own, head = own_and_head[: len(_SHOWN)], own_and_head[len(_SHOWN) :]
            kept, dimension, code, names = own if head[0] is None else head
            known.named[workspace_id, term_id] = Named(kept, code, _label(dimension, code, names, language))
    pairs = ((term_id, known.named[workspace_id, term_id]) for term_id in ids)
    return {term_id: name for term_id, name in pairs if name is not None}


def only_branch(workspace_id: int, filters: Sequence[tuple[str, str]]) -> int | None:
    """The integer that stands for the branch, where it is one branch that filters ask for and nothing else."""
    if [cut for cut, _code in filters] != [Dimension.BRANCH]:
        return None
    branches = named(workspace_id, integers_of(workspace_id, Dimension.BRANCH, [filters[0][1]]))
    return next((one.id for one in branches.values()), None)


def named_by(workspace_id: int, cut: str, ids: Collection[int]) -> dict[int, Named]:
    """The same for the integers of a cut: of `import` they are batches, those recorded by hand are left out."""
    if cut != IMPORT:
        return named(workspace_id, ids)
    wanted = sorted(ids)
    pages = (imports_of(workspace_id).filter(pk__in=wanted[start : start + AT_ONCE]) for start in range(0, len(wanted), AT_ONCE))
    return {one.pk: Named(one.pk, one.code, label_of_import(one)) for page in pages for one in page}


def imports_of(workspace_id: int, codes: Iterable[str] | None = None) -> QuerySet[Batch]:
    """The imports that were not undone, the latest first; only those of these codes where some are given."""
    there = Batch.objects.filter(workspace_id=workspace_id, state__in=(Batch.State.OPEN, Batch.State.DONE)).exclude(code="")
    return (there if codes is None else there.filter(code__in=codes)).order_by("-pk")


def label_of_import(batch: Batch) -> str:
    """The file and the day it came, since the same name comes again."""
    return _("%(file)s, %(day)s") % {"file": f"\u2068{batch.label}\u2069", "day": shortday(batch.created_at)}  # a name of either script


def label_of(term: Term) -> str:
    """The term's name in the reader's language; a built-in kind's own name unless the workspace gave it one."""
    return _label(term.dimension, term.code, term.names, get_language() or "en")


def _label(dimension: str, code: str, names: Mapping[str, str], language: str) -> str:
    if dimension == Dimension.KIND and not names and (kind := kinds().get(code)):
        return kind.label(language)
    known = names or usual_names(dimension, code)
    return known.get(language[:2]) or next(iter(known.values()), "") or code


def measures_met(workspace_id: int) -> list[Term]:
    """The measures this workspace has answers of, in their order."""
    return list(Term.objects.filter(workspace_id=workspace_id, dimension=Dimension.MEASURE, merged_into=None).order_by("position", "id"))
