"""Forms of the settings: brand, region, hours, holidays, keys, the own account."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.core import colours
from peyvand.core.business_time import HoursError, check_hours
from peyvand.core.calendars import DateError, parse_date, weekday_name
from peyvand.core.display import digits
from peyvand.core.persian import to_latin_digits
from peyvand.workspaces.forms.founding import CALENDARS, LANGUAGES, RIAL_UNITS, ColourField, currency_choices, time_zones
from peyvand.workspaces.wording import SCOPES

PERSIAN_WEEK = (5, 6, 0, 1, 2, 3, 4)
SPANS = 2


class LookForm(forms.Form):
    """Names, logo and colour."""

    name_fa = forms.CharField(label=_("Name in Persian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    colour = ColourField(label=_("Colour"), required=False, initial=colours.DEFAULT)
    logo = forms.FileField(
        label=_("New logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 2 MB. It is drawn anew in a small size."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=_("Go without a logo"), required=False)

    def clean(self) -> dict[str, Any]:
        """A brand has a name in one language at least."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("name_fa", "").strip() and not given.get("name_en", "").strip():
            self.add_error("name_fa", _("Write the name in one language at least."))
        return given

    def changes(self) -> dict[str, Any]:
        """What is to be kept; our own colour is kept as none."""
        given = self.cleaned_data
        names = {"fa": given["name_fa"].strip(), "en": given["name_en"].strip()}
        colour = "" if given["colour"] == colours.DEFAULT else given["colour"]
        return {"names": {language: name for language, name in names.items() if name}, "colour": colour}


class RegionForm(forms.Form):
    """Languages, calendar, time zone, currency."""

    languages = forms.MultipleChoiceField(label=_("Languages your customers read"), choices=LANGUAGES, widget=forms.CheckboxSelectMultiple)
    default_language = forms.ChoiceField(label=_("Used where nobody chose"), choices=LANGUAGES, widget=forms.RadioSelect)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CALENDARS, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    currency = forms.ChoiceField(
        label=_("Currency"), choices=currency_choices, help_text=_("Amounts recorded so far keep the currency they came with.")
    )
    rial_shown_as = forms.ChoiceField(label=_("Amounts in Rial are shown as"), choices=RIAL_UNITS, widget=forms.RadioSelect)
    phone_region = forms.RegexField(
        label=_("Country of phone numbers without a code"),
        regex=r"^[A-Za-z]{2}$",
        help_text=_("Two letters, such as IR."),
        widget=forms.TextInput(attrs={"data-ltr": "", "maxlength": "2"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone, field = self.initial.get("time_zone"), self.fields["time_zone"]
        if isinstance(field, forms.ChoiceField) and zone and zone not in dict(time_zones()):
            field.choices = [(zone, zone), *time_zones()]  # a name from before stays until another is chosen

    def clean_phone_region(self) -> str:
        """Capital letters, as the standard has them."""
        return str(self.cleaned_data["phone_region"]).upper()

    def clean(self) -> dict[str, Any]:
        """The usual language is one of those chosen."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("default_language") not in given.get("languages", []):
            self.add_error("default_language", _("Choose one of the languages above."))
        return given


class HoursForm(forms.Form):
    """Two spans for each weekday; an empty day is closed. Keys of the result are Monday = 0."""

    def __init__(self, *args: Any, hours: dict[str, list[list[str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in PERSIAN_WEEK:
            spans = hours.get(str(day)) or []
            for n in range(SPANS):
                for end in (0, 1):
                    initial = digits(spans[n][end]) if n < len(spans) else ""
                    widget = forms.TextInput(attrs={"data-ltr": "", "placeholder": "--:--", "maxlength": "5", "inputmode": "numeric"})
                    label = f"{weekday_name(day, get_language() or 'en')}: " + str((_("from"), _("until"))[end])
                    self.fields[f"d{day}_{n}_{end}"] = forms.CharField(
                        label=label, required=False, max_length=5, initial=initial, widget=widget
                    )

    def days(self) -> list[dict[str, Any]]:
        """Rows for the template: the weekday's name and its pairs of fields."""
        language = get_language() or "en"
        return [
            {"name": weekday_name(day, language), "spans": [(self[f"d{day}_{n}_0"], self[f"d{day}_{n}_1"]) for n in range(SPANS)]}
            for day in PERSIAN_WEEK
        ]

    def clean(self) -> dict[str, Any]:
        """Spans make sense, and the week holds some time."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            found = self.hours()
            check_hours({int(day): [(a, b) for a, b in spans] for day, spans in found.items()})
        except HoursError as error:
            raise forms.ValidationError(str(error)) from error
        if not found:
            raise forms.ValidationError(_("Open at least one weekday; deadlines need some time to count."))
        return given

    def hours(self) -> dict[str, list[list[str]]]:
        """The spans as a workspace keeps them."""
        found: dict[str, list[list[str]]] = {}
        for day in PERSIAN_WEEK:
            for n in range(SPANS):
                pair = [to_latin_digits(str(self.cleaned_data.get(f"d{day}_{n}_{end}", ""))).strip() for end in (0, 1)]
                if any(pair):
                    found.setdefault(str(day), []).append(pair)
        return found


class HolidayForm(forms.Form):
    """A holiday of one's own, or a working day that others have off."""

    date = forms.CharField(
        label=_("Day"), max_length=24, help_text=_("Like 1405/01/13 or 2026-04-02."), widget=forms.TextInput(attrs={"data-ltr": ""})
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    off = forms.ChoiceField(
        label=_("On this day we are"),
        choices=[("1", _("closed")), ("0", _("open after all"))],
        initial="1",
        widget=forms.RadioSelect,
        help_text=_("Open after all: the weekday’s own hours count, or where it has none those of the last working day before it."),
    )

    def clean_date(self) -> dt.date:
        """Read a Jalali or Gregorian day."""
        try:
            return parse_date(self.cleaned_data["date"])
        except DateError as error:
            raise forms.ValidationError(str(error)) from error


class KeyForm(forms.Form):
    """A new key: what it is for and what it may do."""

    name = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("So that you know it again, for example “online shop”."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope.value, words[0]) for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class AccountForm(forms.Form):
    """How a person is called and reads."""

    name = forms.CharField(label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("as the browser")), *LANGUAGES], required=False, widget=forms.RadioSelect
    )
    digits = forms.ChoiceField(
        label=_("Digits"),
        choices=[("", _("as the language")), ("persian", "۱۲۳"), ("latin", "123")],
        required=False,
        widget=forms.RadioSelect,
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
        required=False,
        widget=forms.RadioSelect,
    )
