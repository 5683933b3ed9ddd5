"""Codes of filters that nothing of a workspace bears, with those that are nearest. Called by asking and by the pages of figures."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.insights.amounts import AMOUNT
from peyvand.insights.questions import ANY, IMPORT, PROPERTY, cut_of, leaves_out
from peyvand.insights.terms import imports_of, integers_of
from peyvand.timeline.kinds import kinds
from peyvand.timeline.queries import declared_fields
from peyvand.workspaces.models import Workspace

NEAREST: Final = 5
SHOWN: Final = 8
CLOSE: Final = 0.5
LOOKED_AT: Final = 1_000  # codes, and
LETTERS: Final = 40  # of each: to tell how near two are takes their lengths multiplied
YES_NO: Final = ("true", "false")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code nothing bears: of which cut, and the known codes it may have been meant as (`all_known`: these are all there are).

    `left_out`: it was to be left out, so that all answers meet it.
    """

    cut: str
    code: str
    nearest: Sequence[str]
    all_known: bool
    left_out: bool = False

    def __str__(self) -> str:
        said = f"there is no {self.cut} '{self.code[:60]}' in this workspace"
        if not self.nearest:
            return f"{said}, nor any other"
        return f"{said}; {'there is' if self.all_known else 'nearest'}: {', '.join(self.nearest)}"


def unknown_codes(workspace: Workspace, filters: Iterable[tuple[str, str]]) -> Iterator[Unknown]:
    """Those of the filters that no answer can meet, or none can fail, since their code does not exist; whoever refuses the first looks
    at no other.
    """
    for cut, code in filters:
        if cut != AMOUNT:
            yield from (_of_property if PROPERTY.match(cut) else _of_term)(workspace, cut, code)


def unknown_property(workspace: Workspace, cut: str) -> Iterator[Unknown]:
    """The kind or the field of a property cut, where there is none of that name."""
    found = PROPERTY.match(cut)
    if found is None:
        return
    fields = _fields(workspace, found["kind"])
    if fields is None:
        yield _unknown("kind", found["kind"], _codes(workspace, Dimension.KIND))
    elif found["name"] not in fields:
        yield _unknown(f"field of {found['kind']}", found["name"], list(fields))


def _of_term(workspace: Workspace, name: str, code: str) -> Iterator[Unknown]:
    cut = cut_of(name)
    if not integers_of(workspace.pk, cut, [code]):
        known = _codes(workspace, cut)
        if code not in known:
            yield replace(_unknown(cut, code, known), left_out=leaves_out(name))


def _of_property(workspace: Workspace, cut: str, code: str) -> Iterator[Unknown]:
    wrong = list(unknown_property(workspace, cut))
    found = PROPERTY.match(cut)
    if wrong or found is None:
        yield from wrong
    elif (_fields(workspace, found["kind"]) or {}).get(found["name"]) and code not in (*YES_NO, ANY):
        yield _unknown(cut, code, YES_NO)


def _fields(workspace: Workspace, code: str) -> dict[str, bool] | None:
    """The fields of a kind and whether each says yes or no; None where there is no such kind."""
    if kind := kinds().get(code):
        return {field.name: field.type is bool or field.type == bool | None for field in msgspec.structs.fields(kind.payload)}
    term = Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, code=code).first()
    if term is None:
        return None
    return {name: of == "yes_no" for name, of in declared_fields(term).items()}


def _codes(workspace: Workspace, dimension: str) -> list[str]:
    """The codes a person may mean; built-in kinds that were never recorded among them."""
    if dimension == IMPORT:
        return list(imports_of(workspace.pk).values_list("code", flat=True))
    terms = Term.objects.filter(workspace=workspace, dimension=dimension, merged_into=None, archived=False).order_by("position", "code")
    built_in = list(kinds()) if dimension == Dimension.KIND else []
    return list(dict.fromkeys([*terms.values_list("code", flat=True), *built_in]))


def _unknown(cut: str, code: str, known: Sequence[str]) -> Unknown:
    if len(known) <= SHOWN:
        return Unknown(cut, code, known, all_known=True)
    near = difflib.get_close_matches(code[:LETTERS], [one[:LETTERS] for one in known[:LOOKED_AT]], NEAREST, CLOSE)
    return Unknown(cut, code, near or known[:NEAREST], all_known=False)
