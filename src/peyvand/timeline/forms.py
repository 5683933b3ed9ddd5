"""The form of an own kind: its code, its names, its typed fields with their names."""

import re
from typing import Any

from django import forms
from django.http.request import QueryDict
from django.utils.translation import gettext_lazy as _

from peyvand.catalogue.models import Term
from peyvand.timeline.checking import FACTS
from peyvand.timeline.queries import declared_fields

TYPES = [("text", _("text")), ("number", _("number")), ("yes_no", _("yes or no")), ("date", _("date"))]
ROWS = 6
FIELD_NAME = re.compile(r"^[a-z][a-z0-9_]{0,38}$")


class KindForm(forms.Form):
    """A kind with up to six fields; rows left empty are no fields. One that is declared already keeps its code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=79,
        help_text=_("Two words in small Latin letters with a dot between: what, and what happened. For example repair.finished."),
        widget=forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"}),
    )
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))

    def __init__(self, given: QueryDict | None = None, *, known: Term | None = None) -> None:
        super().__init__(given, initial=_initial(known) if known is not None else None)
        self._known = known
        if known is not None:
            self.fields["code"].disabled = True
        for n in range(ROWS):
            widget = forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"})
            self.fields[f"field_{n}"] = forms.CharField(label=_("Field"), required=False, max_length=40, widget=widget)
            self.fields[f"type_{n}"] = forms.ChoiceField(label=_("Type"), required=False, choices=TYPES)
            self.fields[f"fa_{n}"] = forms.CharField(label=_("Name in Persian"), required=False, max_length=80)
            left = forms.TextInput(attrs={"dir": "ltr"})
            self.fields[f"en_{n}"] = forms.CharField(label=_("Name in English"), required=False, max_length=80, widget=left)

    def field_rows(self) -> list[list[forms.BoundField]]:
        """Rows for the template: a field's code, its type and its names."""
        return [[self[f"{part}_{n}"] for part in ("field", "type", "fa", "en")] for n in range(ROWS)]

    @property
    def has_more_fields(self) -> bool:
        """Whether any row behind the first is filled in or wrong."""
        return any(self[f"field_{n}"].value() or self.errors.get(f"field_{n}") for n in range(1, ROWS))

    def clean(self) -> dict[str, Any]:
        """Field names are as programs write them, each once."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        met: set[str] = set()
        for n in range(ROWS):
            name = given.get(f"field_{n}", "").strip()
            if name and not FIELD_NAME.match(name):
                self.add_error(f"field_{n}", _("Small Latin letters, digits and _ only."))
            elif name in met:
                self.add_error(f"field_{n}", _("This field stands above already."))
            elif name == FACTS:
                self.add_error(f"field_{n}", _("This name is kept for what is told of the customer."))
            met |= {name} - {""}
        return given

    def declared(self) -> dict[str, Any]:
        """What `declare_kind` asks for."""
        given = self.cleaned_data
        rows = {name: n for n in range(ROWS) if (name := given[f"field_{n}"].strip())}
        return {
            "code": given["code"],
            "names": {"fa": given["name_fa"], "en": given["name_en"]},
            "fields": {name: given[f"type_{n}"] or "text" for name, n in rows.items()},
            "labels": {name: {"fa": given[f"fa_{n}"], "en": given[f"en_{n}"]} for name, n in rows.items()},
        }


def _initial(kind: Term) -> dict[str, str]:
    """What a form shows of a kind that is declared already."""
    given = {"code": kind.code, "name_fa": kind.names.get("fa", ""), "name_en": kind.names.get("en", "")}
    labels = kind.details.get("labels") or {}
    for n, (name, of) in enumerate(declared_fields(kind).items()):
        given |= {f"field_{n}": name, f"type_{n}": of}
        given |= {f"{language}_{n}": labels.get(name, {}).get(language, "") for language in ("fa", "en")}
    return given
