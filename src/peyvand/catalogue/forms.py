"""Forms of the catalogue: one term, and merging two."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.catalogue.models import Term


class TermForm(forms.Form):
    """A term's names, code (only when new) and place."""

    code = forms.CharField(
        label=_("Code"),
        max_length=120,
        help_text=_("As programs write it, for example delivery; it never changes."),
        widget=forms.TextInput(attrs={"data-ltr": ""}),
    )
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=120, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    parent = forms.TypedChoiceField(
        label=_("Stage"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Counts from now on; what is recorded already keeps the stage it had."),
    )

    def __init__(self, *args: object, stages: Sequence[Term] = (), new: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not new:
            del self.fields["code"]
        if stages:
            self.fields["parent"].choices = [("", _("none")), *((term.pk, term.label) for term in stages)]  # type: ignore[attr-defined]
        else:
            del self.fields["parent"]

    def changes(self, stages: Sequence[Term] = ()) -> dict[str, object]:
        """What is to be kept of the names and the place."""
        given = self.cleaned_data
        names = {"fa": given["name_fa"].strip(), "en": given["name_en"].strip()}
        changes: dict[str, object] = {"names": {language: name for language, name in names.items() if name}}
        if "parent" in self.fields:
            changes["parent"] = next((term for term in stages if term.pk == given["parent"]), None)
        return changes
