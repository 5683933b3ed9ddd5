"""Cuts by a property of another interaction of the same subject: which ones a workspace can ask for, and their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core.masking import readable
from peyvand.insights.questions import ANY
from peyvand.timeline.kinds import kinds
from peyvand.timeline.queries import declared_fields, field_labels
from peyvand.workspaces.models import Workspace

# property → (title, what is said when it is bad, which value is bad, words of its values)
_WORDS: Final = {
    "order.delivered:late": (
        gettext_lazy("Late delivery"),
        gettext_lazy("late deliveries"),
        "true",
        {"true": gettext_lazy("late"), "false": gettext_lazy("on time")},
    ),
    "call.ended:resolved": (
        gettext_lazy("Settled in the call"),
        gettext_lazy("calls that settled nothing"),
        "false",
        {"true": gettext_lazy("settled"), "false": gettext_lazy("not settled")},
    ),
    "order.delivered:carrier": (gettext_lazy("Carrier"), "", "", {}),
    "order.delivered:city": (gettext_lazy("City of delivery"), "", "", {}),
    "call.ended:reason": (gettext_lazy("Reason of the call"), "", "", {}),
}


@dataclass(frozen=True, slots=True)
class PropertyCut:
    """One such cut. `bad` is the value that hurts where it says yes or no; `bad_label` names answers that have it."""

    kind: str
    name: str
    title: str
    yes_no: bool
    bad: str = ""
    bad_label: str = ""

    @property
    def key(self) -> str:
        """As questions name it."""
        return f"{self.kind}:{self.name}"


def property_cuts(workspace: Workspace) -> list[PropertyCut]:
    """The cuts of the kinds this workspace has recorded, those that say yes or no first."""
    met = Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, merged_into=None)
    found = [cut for term in met for cut in _of_term(term)]
    return sorted(found, key=lambda cut: (not cut.yes_no, cut.title))


def value_label(key: str, value: str) -> str:
    """The words for a value of a property: late or on time, yes or no, else itself."""
    if value == ANY:
        return _("any")
    words = _WORDS[key][3] if key in _WORDS else {}
    return str(words.get(value) or {"true": _("yes"), "false": _("no")}.get(value, value))


def property_value(key: str, value: str, *, sees: bool) -> tuple[str, str]:
    """The code and the words of a value, with contacts hidden in both unless the reader `sees` them."""
    code = readable(value, sees=sees)
    return code, value_label(key, code)


def title_of(key: str, workspace: Workspace) -> str:
    """The title of a property cut."""
    return next((cut.title for cut in property_cuts(workspace) if cut.key == key), key)


def _of_term(term: Term) -> Iterator[PropertyCut]:
    kind = kinds().get(term.code)
    if kind is None:
        fields, labels = declared_fields(term), field_labels(term)
        for name, of in fields.items():
            if of in {"yes_no", "text"}:
                called = _("%(kind)s: %(field)s") % {"kind": term.label, "field": labels[name]}
                yield PropertyCut(term.code, name, called, yes_no=of == "yes_no")
        return
    for field in msgspec.structs.fields(kind.payload):
        key = f"{kind.code}:{field.name}"
        if key in _WORDS:
            title, bad_label, bad, values = _WORDS[key]
            yield PropertyCut(kind.code, field.name, str(title), bool(values), bad, str(bad_label))
