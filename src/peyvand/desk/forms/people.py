"""Forms about customers: a new one, the details of one, a way to know them, a call, a note, words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from peyvand.core.calendars import date_parts
from peyvand.core.display import digits
from peyvand.core.masking import readable
from peyvand.core.reader import active_reader
from peyvand.customers.attributes import AttributeRefused, Value, typed
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.types import AttributeType, Hour
from peyvand.desk.forms.closing import closed
from peyvand.identities.normal import IdentityRefused, normal

ATTRIBUTE = "attribute_"
WAYS = ("phone", "email", "own_id")
LTR = {"data-ltr": "", "autocomplete": "off"}


class NewCustomerForm(forms.Form):
    """A customer met in person: a name and at least one way to know them."""

    name = forms.CharField(label=_("Name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": ""}))
    phone = forms.CharField(
        label=_("Mobile or phone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={**LTR, "inputmode": "tel"}),
        help_text=_("As people write it: 09120000012"),
    )
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={**LTR, "inputmode": "email"}))
    own_id = forms.CharField(
        label=_("Own id"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("The number your shop or accounting knows them by."),
    )

    def __init__(self, sent: QueryDict | None, *, region: str) -> None:
        super().__init__(sent)
        self.region = region

    def clean(self) -> dict[str, Any]:
        """Ask for one way to know the customer, and say beside each what it cannot be."""
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(said.get(kind) for kind in WAYS):
            self.add_error("phone", _("Give a phone number, an e-mail address or an own id: by it the customer is known next time."))
        for kind in WAYS:
            if text := said.get(kind):
                try:
                    normal(kind, text, self.region)
                except IdentityRefused as refused:
                    self.add_error(kind, str(refused))
        return said

    def given(self) -> dict[str, str]:
        """Identity type → text as typed."""
        return {kind: self.cleaned_data[kind] for kind in WAYS}


class SideForm(forms.Form):
    """A form that stands on a page beside others: its fields' ids begin with its name."""

    def __init__(self, given: Any = None) -> None:
        super().__init__(given, auto_id=f"{type(self).__name__.lower()}_%s")


class IdentityForm(SideForm):
    """One more way to know a customer."""

    type = forms.ChoiceField(
        label=_("What"),
        choices=[("phone", _("Phone")), ("email", _("E-mail")), ("messenger", _("Messenger")), ("own_id", _("Own id"))],
    )
    value = forms.CharField(
        label=_("Value"),
        max_length=190,
        widget=forms.TextInput(attrs=LTR),
        help_text=_("A messenger is written with its name before it: telegram:negar_s"),
    )


class DetailsForm(forms.Form):
    """Name, language, attributes and preferences of a customer; one field for each attribute of the workspace.

    Unless its reader `sees` contacts, what holds one is shown with it hidden, cannot be changed, and is kept as it is.
    """

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    channel = forms.ChoiceField(label=_("Likes to be reached by"), required=False)
    hour = forms.ChoiceField(label=_("Time of day"), required=False)
    note = forms.CharField(
        label=_("To know before writing or calling"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, profile: Profile, definitions: Sequence[AttributeDefinition], given: Any = None, *, sees: bool) -> None:
        self.definitions = list(definitions)
        known = {
            "name": profile.customer.name,
            "note": profile.preferences.get("note", ""),
            **{ATTRIBUTE + one.code: _shown(one.type, profile.attributes.get(one.code)) for one in self.definitions},
        }
        super().__init__(given, initial={"language": profile.language, **profile.preferences, **known})
        _choices(self.fields["language"], [("", _("Not known")), *settings.LANGUAGES])
        ways = [("", _("No wish")), ("sms", _("SMS")), ("email", _("E-mail")), ("phone", _("Phone call")), ("telegram", _("Telegram"))]
        _choices(self.fields["channel"], ways)
        hours = {Hour.MORNING: _("In the morning"), Hour.NOON: _("Around noon"), Hour.EVENING: _("In the evening")}
        _choices(self.fields["hour"], [("", _("Any time")), *((hour.value, label) for hour, label in hours.items())])
        for one in self.definitions:
            self.fields[ATTRIBUTE + one.code] = _attribute_field(one, readable(known[ATTRIBUTE + one.code], sees=sees))
        self._kept = {} if sees else closed(self, known)

    def clean(self) -> dict[str, Any]:
        """Read each attribute as its type."""
        said: dict[str, Any] = (super().clean() or {}) | self._kept
        for one in (one for one in self.definitions if ATTRIBUTE + one.code not in self._kept):
            try:
                said[ATTRIBUTE + one.code] = typed(one.type, said.get(ATTRIBUTE + one.code) or "", one.label)
            except AttributeRefused as refused:
                self.add_error(ATTRIBUTE + one.code, str(refused))
        return said

    def changed_attributes(self) -> dict[str, Value | None]:
        """Code → new value of the attributes that were changed."""
        names = {ATTRIBUTE + one.code: one.code for one in self.definitions}
        return {names[field]: self.cleaned_data[field] for field in self.changed_data if field in names}


def _choices(field: forms.Field, choices: Sequence[tuple[str, Any]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = list(choices)


def _attribute_field(one: AttributeDefinition, known: str) -> forms.Field:
    if one.type == AttributeType.YES_NO:
        return forms.ChoiceField(label=one.label, required=False, choices=[("", _("Not known")), ("true", _("Yes")), ("false", _("No"))])
    if one.type == AttributeType.CHOICE:
        # A value from before the list was changed stays choosable, else nothing of this customer could be saved.
        choices = dict.fromkeys([*one.choices, known] if known else one.choices)
        return forms.ChoiceField(label=one.label, required=False, choices=[("", _("Not known")), *((c, c) for c in choices)])
    hint = _("For example 1405/08/30") if one.type == AttributeType.DATE else ""
    return forms.CharField(label=one.label, required=False, max_length=500, help_text=hint)


def _shown(type_name: str, value: object) -> str:
    """A known value as its field writes it; days in the reader's calendar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if type_name == AttributeType.DATE and isinstance(value, str) and (day := parse_date(value)):
        parts = date_parts(day, active_reader().calendar)
        return digits(f"{parts.year:04d}/{parts.month:02d}/{parts.day:02d}")
    return "" if value is None else str(value)


class CallForm(SideForm):
    """A call as it was: who rang, how it ended, about what."""

    direction = forms.ChoiceField(
        label=_("Who rang"), choices=[("out", _("We rang")), ("in", _("The customer rang"))], initial="out", widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[("reached", _("We talked")), ("no_answer", _("No answer")), ("wrong_number", _("Wrong number"))],
        initial="reached",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("What was said"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class NoteForm(SideForm):
    """A note for colleagues."""

    note = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class WordsForm(SideForm):
    """What the customer said beside a score."""

    words = forms.CharField(label=_("In their words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
