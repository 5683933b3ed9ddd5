"""Writes terms: resolves codes met in events, lays the defaults, renames and merges."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.catalogue.defaults import DEFAULTS, usual_names
from peyvand.catalogue.models import Term
from peyvand.catalogue.types import CODE_LENGTH, Dimension
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

Codes = dict[str, dict[str, int]]  # dimension → code as given → integer
_known: dict[int, Codes] = {}
KNOWN_LIMIT = 200_000
FIRST_IS_USUAL = frozenset(
    {
        *(Dimension.SOURCE, Dimension.KIND, Dimension.SUBJECT, Dimension.MEASURE, Dimension.ITEM, Dimension.DEVICE, Dimension.LANGUAGE),
        Dimension.COMPANY,  # has a list and pages of its own
    }
)


class CatalogueError(Exception):
    """A change to the catalogue that cannot be made; the message is for the person who asked."""


def clean_code(code: str) -> str:
    """A code as it is kept: trimmed, single spaces, at most CODE_LENGTH characters."""
    return " ".join(code.split())[:CODE_LENGTH]


def known(workspace_id: int) -> Codes:
    """The integers this process remembers of a workspace, to be read and never written by the caller."""
    codes = _known.get(workspace_id)
    if codes is None:
        codes = _known[workspace_id] = {dimension.value: {} for dimension in Dimension}
    return codes


def resolve(workspace_id: int, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], int]:
    """Give the integer of each (dimension, code as given), creating those never met, in the caller's transaction.

    What a dimension is first seen with is listed for tidying. A merged code gives the term it was merged into.
    Integers are remembered by this process once they are committed.
    """
    memory = known(workspace_id)
    found: dict[tuple[str, str], int] = {}
    missing: dict[tuple[str, str], tuple[str, str]] = {}
    for dimension, codes in wanted.items():
        for code in codes:
            term_id = memory[dimension].get(code)
            if term_id is None:
                missing[dimension, code] = (dimension, clean_code(code) or "?")
            else:
                found[dimension, code] = term_id
    if missing:
        stored = _stored(workspace_id, set(missing.values()))
        fresh = {given: stored[clean] for given, clean in missing.items()}
        found |= fresh
        transaction.on_commit(lambda: _remember(workspace_id, fresh))
    return found


def _stored(workspace_id: int, keys: AbstractSet[tuple[str, str]]) -> dict[tuple[str, str], int]:
    stored = _read(workspace_id, keys)
    if unseen := sorted(keys - stored.keys()):
        Term.objects.bulk_create([_first_seen(workspace_id, *key) for key in unseen], ignore_conflicts=True)
        stored |= _read(workspace_id, unseen)
    return stored


def _read(workspace_id: int, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_dimension: dict[str, list[str]] = {}
    for dimension, code in keys:
        by_dimension.setdefault(dimension, []).append(code)
    found: dict[tuple[str, str], int] = {}
    for dimension, codes in by_dimension.items():
        for start in range(0, len(codes), 500):
            rows = Term.objects.filter(workspace_id=workspace_id, dimension=dimension, code__in=codes[start : start + 500])
            for term_id, code, merged in rows.values_list("id", "code", "merged_into_id"):
                found[dimension, code] = merged or term_id
    return found


def _remember(workspace_id: int, fresh: Mapping[tuple[str, str], int]) -> None:
    memory = known(workspace_id)
    if sum(len(codes) for codes in memory.values()) > KNOWN_LIMIT:
        forget_known()
        memory = known(workspace_id)
    for (dimension, code), term_id in fresh.items():
        memory[dimension][code] = term_id


def forget_known() -> None:
    """Drop what this process remembers; after a restore, an undo or between tests."""
    _known.clear()


def _first_seen(workspace_id: int, dimension: str, code: str) -> Term:
    return Term(
        workspace_id=workspace_id,
        dimension=dimension,
        code=code,
        names=usual_names(dimension, code),
        seen_only=Dimension(dimension) not in FIRST_IS_USUAL,
    )


@transaction.atomic
def lay_defaults(*, workspace: Workspace) -> None:
    """Give a new workspace its first stages, touchpoints and channels; those it has already stay as they are."""
    have = {(t.dimension, t.code): t for t in Term.objects.filter(workspace=workspace)}
    for position, default in enumerate(DEFAULTS):
        key = (default.dimension.value, default.code)
        if key not in have:
            have[key] = Term.objects.create(
                workspace=workspace,
                dimension=default.dimension,
                code=default.code,
                names={"fa": default.fa, "en": default.en},
                position=position,
                parent=have.get((Dimension.STAGE.value, default.parent)) if default.parent else None,
            )


@transaction.atomic
def save_term(
    *,
    workspace: Workspace,
    actor: User | None,
    term: Term | None = None,
    dimension: str = "",
    code: str = "",
    changes: Mapping[str, object],
) -> Term:
    """Create a term or change its names, parent, position, details or `archived`; either way it counts as looked at."""
    if term is None:
        code = clean_code(code)
        if not code:
            raise CatalogueError(_("Give it a short code, for example “delivery”."))
        if Term.objects.filter(workspace=workspace, dimension=dimension, code=code).exists():
            raise CatalogueError(_("“%(code)s” exists already.") % {"code": code})
        term = Term(workspace=workspace, dimension=Dimension(dimension), code=code)
    parent = changes.get("parent")
    if isinstance(parent, Term) and parent.workspace_id != workspace.pk:
        raise CatalogueError(_("That belongs to another workspace."))
    for name in ("names", "parent", "position", "details", "archived"):
        if name in changes:
            setattr(term, name, changes[name])
    term.seen_only = False
    term.save()
    audit(workspace=workspace, actor=actor, action=f"{term.dimension}.saved", target=term)
    return term


def name_term(*, term_id: int, names: Mapping[str, str]) -> None:
    """Call a term otherwise, for a caller that has a record of its own for it and keeps the audit entry."""
    Term.objects.filter(pk=term_id).update(names=dict(names), seen_only=False)


@transaction.atomic
def merge_terms(*, keep: Term, away: Term, actor: User | None) -> None:
    """Let `keep` stand for both; the integer of `away` stays in old rows and is read as `keep`."""
    if keep.pk == away.pk or keep.dimension != away.dimension or keep.workspace_id != away.workspace_id:
        raise CatalogueError(_("Only two different terms of the same kind can be merged."))
    if keep.merged_into_id:
        raise CatalogueError(_("“%(name)s” was merged into another one; choose that one.") % {"name": keep.label})
    Term.objects.filter(merged_into=away).update(merged_into=keep)
    Term.objects.filter(parent=away).update(parent=keep)
    Term.objects.filter(pk=away.pk).update(merged_into=keep, seen_only=False)
    transaction.on_commit(forget_known)
    audit(workspace=keep.workspace, actor=actor, action=f"{keep.dimension}.merged", target=keep, detail={"merged": away.code})


@transaction.atomic
def separate_term(*, term: Term, actor: User | None) -> None:
    """Undo a merge: `term` stands for itself again, in old rows too, since they kept its integer."""
    keep = term.merged_into
    if keep is None:
        raise CatalogueError(_("“%(name)s” stands for itself already.") % {"name": term.label})
    Term.objects.filter(pk=term.pk).update(merged_into=None)
    transaction.on_commit(forget_known)
    audit(workspace=term.workspace, actor=actor, action=f"{term.dimension}.separated", target=keep, detail={"separated": term.code})


@transaction.atomic
def settle_term(*, term: Term, archived: bool, actor: User | None) -> None:
    """Say that a term was looked at: it stays as it is, or is put away from lists people choose from."""
    Term.objects.filter(pk=term.pk).update(seen_only=False, archived=archived)
    transaction.on_commit(forget_known)
    audit(workspace=term.workspace, actor=actor, action=f"{term.dimension}.saved", target=term, detail={"archived": archived})


@transaction.atomic
def move_term(*, term: Term, by: int, actor: User | None) -> None:
    """Move a term one place up (-1) or down (+1) among its like; the order is numbered anew."""
    rows = list(
        Term.objects.filter(workspace_id=term.workspace_id, dimension=term.dimension, merged_into=None)
        .order_by("position", "code")
        .select_for_update()
    )
    here = next(n for n, row in enumerate(rows) if row.pk == term.pk)
    there = min(max(here + by, 0), len(rows) - 1)
    rows.insert(there, rows.pop(here))
    for position, row in enumerate(rows):
        row.position = position
    Term.objects.bulk_update(rows, ["position"], batch_size=500)
    audit(workspace=term.workspace, actor=actor, action=f"{term.dimension}.saved", target=term, detail={"position": there + 1})
