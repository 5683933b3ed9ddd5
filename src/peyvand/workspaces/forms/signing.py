"""Forms of the door: allauth's with our words. Named by ACCOUNT_FORMS and MFA_FORMS in the settings."""

from typing import Any

from allauth.account import forms as theirs
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.models import User
from peyvand.workspaces.queries.ways_in import ways_in
from peyvand.workspaces.services.resetting import ask_for_reset

PASSWORD_HINT = _("At least ten characters. Three or four words in a row are easy to keep and hard to guess.")


def _worded(form: forms.Form, **labels: Any) -> None:
    """Give fields our labels, and take placeholders and foreign hints away."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.help_text = PASSWORD_HINT if name == "password1" else ""
        if name in labels:
            field.label = labels[name]


class LoginForm(theirs.LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, login=_("E-mail"), password=_("Password"))
        self.ways = ways_in(self.request.GET.get("next", "")) if self.request else []
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ResetPasswordForm(theirs.ResetPasswordForm):  # type: ignore[misc]
    """Asks for a letter with a link. Whether the account exists is looked up later, by the worker: nobody can tell."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, email=_("E-mail"))

    def clean_email(self) -> str:
        """Only the spelling is looked at here."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:  # noqa: ARG002 - allauth's
        """Put the letter down for the worker."""
        email = str(self.cleaned_data["email"])
        ask_for_reset(email=email)
        return email


class ResetPasswordKeyForm(theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by the link of a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, password1=_("New password"), password2=_("New password once more"))


class ChangePasswordForm(theirs.ChangePasswordForm):  # type: ignore[misc]
    """A new password for whoever knows the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, oldpassword=_("Present password"), password1=_("New password"), password2=_("New password once more"))


class SetPasswordForm(theirs.SetPasswordForm):  # type: ignore[misc]
    """A first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, password1=_("New password"), password2=_("New password once more"))


class ReauthenticateForm(theirs.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before a step that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _worded(self, password=_("Password"))


class _CodeWords:
    """A code is typed left to right, with the number pad of a phone."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "data-ltr": "", "autofocus": ""}


class _CountedCodes(_CodeWords):
    """A few wrong codes, then a rest, from wherever they come: six digits are soon guessed by whoever has the password and time."""

    user: User

    def clean_code(self) -> str:
        """Count before looking; the right code wipes the count."""
        asked = {"action": "second_factor", "key": f"second-factor-{self.user.pk}"}
        if not ratelimit.consume(context.request, **asked):
            raise get_adapter().validation_error("too_many_login_attempts")
        code = str(super().clean_code())  # type: ignore[misc]
        ratelimit.clear(context.request, **asked)
        return code


class AuthenticateForm(_CountedCodes, second.AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in."""


class SecondReauthenticateForm(_CountedCodes, second.ReauthenticateForm):  # type: ignore[misc]
    """The second factor once more, before a step that matters."""


class ActivateTOTPForm(_CodeWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""
