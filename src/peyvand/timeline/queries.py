"""What kinds and their fields are called: those built in and those a workspace declared, for every screen that names one."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import get_language

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.kinds import kinds
from peyvand.timeline.models import DeadLetter
from peyvand.workspaces.models import Workspace


def kind_labels(workspace_id: int, codes: Iterable[str]) -> dict[str, str]:
    """The name of each kind in the reader's language; a code nobody declared is its own name. Own kinds that were put away keep theirs."""
    language, built_in, wanted = get_language() or "en", kinds(), set(codes)
    labels = {code: built_in[code].label(language) if code in built_in else code for code in wanted}
    if own := wanted - built_in.keys():
        terms = Term.objects.filter(workspace_id=workspace_id, dimension=Dimension.KIND, code__in=own)
        labels |= {term.code: term.label for term in terms}
    return labels


def declared_fields(kind: Term) -> dict[str, str]:
    """The fields of an own kind with their types, in the order they were declared in, which a JSON object of PostgreSQL does not keep."""
    fields: dict[str, str] = kind.details.get("fields") or {}
    return {name: fields[name] for name in kind.details.get("order") or fields}


def field_labels(kind: Term) -> dict[str, str]:
    """What the fields of an own kind are called in the reader's language; one without a name by its code."""
    language = (get_language() or "en")[:2]
    named = kind.details.get("labels") or {}
    return {
        code: named.get(code, {}).get(language) or next(iter(named.get(code, {}).values()), "") or code.replace("_", " ")
        for code in declared_fields(kind)
    }


def kind_label(workspace_id: int, code: str) -> str:
    """The name of one kind in the reader's language."""
    return kind_labels(workspace_id, [code])[code]


def open_letters(workspace: Workspace) -> QuerySet[DeadLetter]:
    """What reactions failed on and nobody has settled yet."""
    return DeadLetter.objects.filter(workspace=workspace, settled_at=None)
