"""The form of a channel's settings, made from what its adapter says it needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from peyvand.channels.models import Channel
from peyvand.channels.types import ChannelAdapter, Field
from peyvand.core import emails
from peyvand.core.persian import to_latin_digits

LONGEST_NAME = 80


class ChannelForm(forms.Form):
    """A name for the sender, and one field for each setting. A secret that is stored already may stay empty."""

    def __init__(self, adapter: ChannelAdapter, sent: Any = None, *, channel: Channel | None = None, usual_name: str = "") -> None:
        self.adapter, self.channel = adapter, channel
        stored = dict(channel.settings) if channel is not None else {field.name: field.default for field in adapter.fields}
        stored["name"] = channel.name if channel is not None else usual_name
        super().__init__(sent, initial=stored)
        hint = _("Customers see this name beside the address.")
        self.fields["name"] = forms.CharField(label=_("Sender’s name"), max_length=LONGEST_NAME, help_text=hint)
        for field in adapter.fields:
            self.fields[field.name] = self._field(field)

    def _field(self, field: Field) -> forms.Field:
        said: dict[str, Any] = {"label": _(field.label), "help_text": _(field.hint) if field.hint else "", "required": field.required}
        if field.kind == "choice":
            return forms.ChoiceField(choices=[(value, _(label)) for value, label in field.choices], **said)
        if field.kind == "number":
            return PortField(min_value=1, max_value=65535, **said)
        if field.secret:
            if self.channel is not None and self.channel.sealed:
                said |= {"help_text": _("One is stored. Leave this empty to keep it."), "required": False}
            return forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), max_length=200, strip=False, **said)
        attributes = {"data-ltr": "", "dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
        return forms.CharField(max_length=200, widget=forms.TextInput(attrs=attributes), **said)

    def clean(self) -> dict[str, Any]:
        """Check addresses by the rules of the house."""
        cleaned = super().clean() or {}
        for field in self.adapter.fields:
            if field.kind == "email" and cleaned.get(field.name):
                try:
                    cleaned[field.name] = emails.normalise(cleaned[field.name])
                except emails.EmailError as error:
                    self.add_error(field.name, str(error))
        self._ask_again_elsewhere(cleaned)
        return cleaned

    def _ask_again_elsewhere(self, cleaned: dict[str, Any]) -> None:
        """A stored secret goes to no other host than the one it was typed for: whoever types it there must know it."""
        if self.channel is None or not cleaned.get("user") or cleaned.get("host") == self.channel.settings.get("host"):
            return
        for field in self.adapter.fields:
            if field.secret and not cleaned.get(field.name):
                self.add_error(field.name, _("The server is another one: type this anew for it."))

    def values(self) -> dict[str, str]:
        """The settings as texts."""
        return {field.name: str(self.cleaned_data.get(field.name) or "") for field in self.adapter.fields}


class PortField(forms.IntegerField):
    """A whole number, in digits of any script."""

    def to_python(self, value: Any) -> int | None:
        return super().to_python(to_latin_digits(value) if isinstance(value, str) else value)
