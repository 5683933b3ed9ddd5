"""The form of an own kind: its code, its names, its typed fields."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

TYPES = [("text", _("text")), ("number", _("number")), ("yes_no", _("yes or no")), ("date", _("date"))]
ROWS = 6
FIELD_NAME = re.compile(r"^[a-z][a-z0-9_]{0,38}$")


class KindForm(forms.Form):
    """A kind with up to six fields; rows left empty are no fields."""

    code = forms.CharField(
        label=_("Code"),
        max_length=79,
        help_text=_("Two words in small Latin letters with a dot between: what, and what happened. For example repair.finished."),
        widget=forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"}),
    )
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(ROWS):
            widget = forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"})
            self.fields[f"field_{n}"] = forms.CharField(label=_("Field"), required=False, max_length=40, widget=widget)
            self.fields[f"type_{n}"] = forms.ChoiceField(label=_("Type"), required=False, choices=TYPES)

    def field_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Pairs for the template: a field's name and its type."""
        return [(self[f"field_{n}"], self[f"type_{n}"]) for n in range(ROWS)]

    def clean(self) -> dict[str, Any]:
        """Field names are as programs write them."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        for n in range(ROWS):
            name = given.get(f"field_{n}", "").strip()
            if name and not FIELD_NAME.match(name):
                self.add_error(f"field_{n}", _("Small Latin letters, digits and _ only."))
        return given

    def declared(self) -> dict[str, Any]:
        """What `declare_kind` asks for."""
        given = self.cleaned_data
        fields = {given[f"field_{n}"].strip(): given[f"type_{n}"] or "text" for n in range(ROWS) if given[f"field_{n}"].strip()}
        return {"code": given["code"], "names": {"fa": given["name_fa"], "en": given["name_en"]}, "fields": fields}
