"""Fields that stay closed to who sees no contacts: those that hold one."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.core.masking import readable


def closed(form: forms.Form, known: Mapping[str, str]) -> dict[str, str]:
    """Show contacts masked in the fields of a form, and let nobody change what holds one; returns what these keep, by the field."""
    kept = {name: text for name, text in known.items() if readable(text, sees=False) != text}
    form.initial = {**form.initial, **{name: readable(text, sees=False) for name, text in kept.items()}}
    for name in kept:
        form.fields[name].disabled = True
        form.fields[name].help_text = _("Holds a phone number or an e-mail address: only who may see them may change it.")
    return kept
