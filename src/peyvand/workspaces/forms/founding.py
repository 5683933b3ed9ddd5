"""Forms of first-run set-up and of a new brand."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.core import colours
from peyvand.core.money import currencies, currency_name
from peyvand.core.zones import zone_choices
from peyvand.workspaces.forms.signing import PASSWORD_HINT
from peyvand.workspaces.models import User
from peyvand.workspaces.setup_code import code_is_right

LANGUAGES = [("fa", "فارسی"), ("en", "English")]
CALENDARS = [("jalali", _("Jalali (solar Hijri)")), ("gregorian", _("Gregorian"))]
RIAL_UNITS = [("toman", _("Toman")), ("rial", _("Rial"))]


def time_zones() -> list[tuple[str, str]]:
    """Every place that has a time of its own, Tehran first, in the reader's words."""
    return list(zone_choices((get_language() or "en")[:2]))


def currency_choices() -> list[tuple[str, str]]:
    """Every currency by its name, the Rial first."""
    language = get_language() or "en"
    named = sorted(((code, f"{currency_name(code, language)} ({code})") for code in currencies()), key=lambda pair: pair[1])
    return [pair for pair in named if pair[0] == "IRR"] + [pair for pair in named if pair[0] != "IRR"]


class PersonForm(forms.Form):
    """A new account: name and password; the password is checked against the person's own words."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invited_email = email

    def clean(self) -> dict[str, Any]:
        """Check the password last, when name and address are known."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in given:
            person = User(email=given.get("email", self.invited_email), name=given.get("name", ""))
            try:
                validate_password(given["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class FirstPersonForm(PersonForm):
    """The first account of an installation, which only who holds the code may make."""

    code = forms.CharField(
        label=_("Set-up code"),
        max_length=40,
        help_text=_("The server printed it when it started; it also lies in the file setup.code of the data folder."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-ltr": "", "spellcheck": "false"}),
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("code", "name", "email", "password")

    def clean_code(self) -> str:
        """The code of this installation; a wrong one is named beside whatever else is wrong."""
        code = str(self.cleaned_data["code"])
        if not code_is_right(code):
            raise forms.ValidationError(_("This is not the set-up code of this installation."))
        return code

    def clean_email(self) -> str:
        """One spelling only."""
        return str(self.cleaned_data["email"]).strip().lower()


class ColourField(forms.CharField):
    """A colour as #rrggbb; empty means ours."""

    widget = forms.TextInput(attrs={"type": "color"})

    def clean(self, value: Any) -> str:
        """Raise a plain word for anything that is no colour."""
        text = str(super().clean(value) or "")
        try:
            return colours.parse_hex(text) if text else ""
        except colours.ColourError as error:
            raise forms.ValidationError(str(error)) from error


class BrandForm(forms.Form):
    """A brand's name, language, calendar, time zone, currency and look."""

    name_fa = forms.CharField(label=_("Name in Persian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    language = forms.ChoiceField(label=_("Language of your customers"), choices=LANGUAGES, widget=forms.RadioSelect)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CALENDARS, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    rial_shown_as = forms.ChoiceField(
        label=_("Amounts in Rial are shown as"), choices=RIAL_UNITS, widget=forms.RadioSelect, required=False, initial="toman"
    )
    colour = ColourField(label=_("Colour"), required=False, initial=colours.DEFAULT)
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, up to 2 MB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    def clean(self) -> dict[str, Any]:
        """A brand has a name in one language at least."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not given.get("name_fa", "").strip() and not given.get("name_en", "").strip():
            self.add_error("name_fa", _("Write the name in one language at least."))
        return given

    def names(self) -> dict[str, str]:
        """The names that were given, by language."""
        given = {"fa": self.cleaned_data["name_fa"].strip(), "en": self.cleaned_data["name_en"].strip()}
        return {language: name for language, name in given.items() if name}
