"""How Django forms are drawn: every form of ours renders through the parts, named by FORM_RENDERER in the settings. And
numbers in the reader's digits, for the forms of every app.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates

from peyvand.core.display import digits
from peyvand.core.persian import to_latin_digits


class PartsRenderer(DjangoTemplates):
    """Draws forms with parts/form.html and fields with parts/field.html."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"


def refusals(field: forms.BoundField) -> list[str]:
    """What was refused of a field, a limit on it in the reader's digits: a length is named by %d, which no catalogue can change."""
    refused = field.errors.as_data()
    return [digits(said) if "limit_value" in (one.params or {}) else said for one in refused for said in one.messages]


class ShownInDigits:
    """Mixed into a number field: shown in the reader's digits, typed in those of any script. So are the limits that an error names."""

    def prepare_value(self, value: Any) -> Any:
        return digits(f"{value:g}" if isinstance(value, float) else value) if value not in (None, "") else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(to_latin_digits(value).replace("٫", ".") if isinstance(value, str) else value)  # type: ignore[misc]

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)  # type: ignore[misc]
        except ValidationError as refused:
            for one in refused.error_list:
                one.params = {key: digits(given) for key, given in (one.params or {}).items()}
            raise


def typed(inputmode: str, longest: int) -> forms.TextInput:
    """An input for a number in any digits, on a phone with its keys."""
    return forms.TextInput(attrs={"inputmode": inputmode, "maxlength": str(longest), "autocomplete": "off"})


class WholeNumber(ShownInDigits, forms.IntegerField):
    """A whole number of at most four digits."""

    widget = typed("numeric", 4)


class Amount(ShownInDigits, forms.FloatField):
    """A number that may have decimals."""

    widget = typed("decimal", 8)
