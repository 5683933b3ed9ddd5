"""Forms about companies: a new one, the details of one, and the other one of a pair."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.customers.models import Company
from peyvand.customers.types import COMPANY_FIELDS
from peyvand.desk.forms.closing import closed

LTR = {"data-ltr": "", "autocomplete": "off"}


class CompanyForm(forms.Form):
    """What a company is called and what is known of it."""

    name = forms.CharField(label=_("Name"), max_length=160, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    own_id = forms.CharField(
        label=_("Own id"), max_length=100, required=False, widget=forms.TextInput(attrs=LTR), help_text=_("As your own systems number it")
    )
    domain = forms.CharField(
        label=_("Domain"), max_length=200, required=False, widget=forms.TextInput(attrs=LTR), help_text=_("For example example.com")
    )
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=120, required=False)
    employees = forms.CharField(label=_("Employees"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    note = forms.CharField(label=_("Note"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, sees: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = {} if sees else closed(self, {"note": self.initial.get("note", "")})

    def clean(self) -> dict[str, Any]:
        """Unless its reader `sees` contacts, a note that holds one is kept as it is."""
        return (super().clean() or {}) | self._kept

    def given(self) -> dict[str, Any]:
        """What services take: the texts, and those of COMPANY_FIELDS under `attributes`."""
        said = self.cleaned_data
        return {name: said[name] for name in ("name", "own_id", "domain", "note")} | {
            "attributes": {code: said[code] for code in COMPANY_FIELDS}
        }


def initial_of(company: Company) -> dict[str, Any]:
    """What the form of a known company begins with."""
    known = {name: getattr(company, name) or "" for name in ("name", "own_id", "domain", "note")}
    return known | {code: company.attributes.get(code, "") for code in COMPANY_FIELDS}


class WhichCompanyForm(forms.Form):
    """A company named by its name or own id; empty for none. The page gives the list of names."""

    company = forms.CharField(
        label=_("Company"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "company-names"}),
        help_text=_("Name or own id"),
    )


class OtherCompanyForm(WhichCompanyForm):
    """The company that becomes part of another one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].required = True
        self.fields["company"].label = _("The other company")
