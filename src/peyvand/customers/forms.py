"""Forms of the settings: a customer field, a value that many people share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.core.forms import WholeNumber
from peyvand.customers.types import AttributeType

TYPES = [
    (AttributeType.TEXT.value, _("text")),
    (AttributeType.NUMBER.value, _("number")),
    (AttributeType.DATE.value, _("date")),
    (AttributeType.YES_NO.value, _("yes or no")),
    (AttributeType.CHOICE.value, _("one of a list")),
]


SHAREABLE = [("phone", _("Phone number")), ("email", _("E-mail address")), ("messenger", _("Messenger id"))]


class SharedForm(forms.Form):
    """A value that many people share."""

    type = forms.ChoiceField(label=_("What it is"), choices=SHAREABLE)
    value = forms.CharField(label=_("Value"), max_length=190, widget=forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"}))
    note = forms.CharField(label=_("Whose it is"), max_length=120, required=False, help_text=_("For example: the till of the Tehran shop."))


class FieldForm(forms.Form):
    """A field of the customers of a workspace."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("As programs and files write it, for example size; it never changes."),
        widget=forms.TextInput(attrs={"data-ltr": "", "spellcheck": "false"}),
    )
    name_fa = forms.CharField(label=_("Name in Persian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    type_name = forms.ChoiceField(label=_("Its values are"), choices=TYPES)
    choices = forms.CharField(
        label=_("The list, one a line"),
        max_length=4000,
        required=False,
        help_text=_("Only where the values are one of a list."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not new:
            del self.fields["code"]

    def given(self) -> dict[str, Any]:
        """What `save_attribute` asks for beside the code."""
        said = self.cleaned_data
        names = {"fa": said["name_fa"], "en": said["name_en"]}
        choices = said["choices"].splitlines() if said["type_name"] == AttributeType.CHOICE else []
        return {"names": names, "type_name": said["type_name"], "choices": choices}


class RulesForm(forms.Form):
    """By what a brand judges its relationships; limits are checked by the service."""

    risk_days = WholeNumber(label=_("At risk after so many days out of sight"))
    lost_days = WholeNumber(label=_("Lost after so many days out of sight"))
    hurt_days = WholeNumber(label=_("At risk for so many days after a bad score"))
    loyal_purchases = WholeNumber(label=_("Loyal from so many purchases"))
