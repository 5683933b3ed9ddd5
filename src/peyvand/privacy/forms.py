"""Forms of privacy."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ForgetForm(forms.Form):
    """Whether somebody means it."""

    sure = forms.BooleanField(
        label=_("I know that this cannot be undone"),
        error_messages={"required": _("Tick this box: nobody can bring them back afterwards.")},
    )


class StopForm(forms.Form):
    """Why nothing is sent any more."""

    reason = forms.CharField(label=_("Why (your colleagues read it)"), max_length=200, required=False)
