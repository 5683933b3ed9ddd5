"""The form of single sign-on."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.core import outward
from peyvand.workspaces.forms.roles import RoleField
from peyvand.workspaces.models import Member, SingleSignOn
from peyvand.workspaces.types import Role

DOMAIN = re.compile(r"^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63})+$")
LTR = {"dir": "ltr"}


class SignOnForm(forms.Form):
    """The provider, whom it lets in, and whether passwords still open the brand. `stored`: whether a secret is kept already."""

    name = forms.CharField(label=_("Name on the button"), max_length=40, help_text=_("For example “Company account”."))
    issuer = forms.CharField(
        label=_("Issuer"), max_length=300, help_text=_("The provider’s address, as it writes it itself."), widget=forms.URLInput(attrs=LTR)
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=200, widget=forms.TextInput(attrs=LTR))
    secret = forms.CharField(
        label=_("Client secret"), max_length=500, required=False, widget=forms.PasswordInput(attrs={**LTR, "autocomplete": "off"})
    )
    domains = forms.CharField(
        label=_("Mail domains let in"),
        max_length=1000,
        help_text=_("Those that are yours alone, separated by spaces, such as narenj.example."),
        widget=forms.TextInput(attrs=LTR),
    )
    vouches = forms.BooleanField(
        label=_("This provider vouches for the addresses of these domains"),
        required=False,
        help_text=_(
            "Only for a provider that never says whether an address is verified, such as Entra ID or AD FS, and whose addresses your own "
            "administrators alone give out. An address that it calls unverified is never let in."
        ),
    )
    role = RoleField(label=_("Role of newcomers"), initial=Role.VIEWER.value)
    makes_members = forms.BooleanField(
        label=_("Let whoever signs in for the first time become a member"),
        required=False,
        help_text=_("Without it only members and people who were invited come in."),
    )
    passwords_allowed = forms.BooleanField(
        label=_("Passwords open this brand too"),
        required=False,
        initial=True,
        help_text=_("Owners may always use theirs, so that a fault of the provider locks nobody out."),
    )

    def __init__(self, *args: Any, giver: Member, stored: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = not stored
        self.fields["secret"].help_text = _("One is stored. Leave this empty to keep it.") if stored else ""
        field = self.fields["role"]
        if isinstance(field, RoleField):
            field.offer(giver, without=Role.OWNER)

    def clean_issuer(self) -> str:
        """An address that may be asked."""
        issuer = str(self.cleaned_data["issuer"]).strip()
        try:
            parts = outward.check(issuer)
        except outward.NotAllowedError as error:
            raise forms.ValidationError(_(str(error))) from error
        if parts.query:
            raise forms.ValidationError(_("An issuer’s address has no “?” part."))
        return issuer

    def clean_domains(self) -> list[str]:
        """Domains, without the @ that some write before them."""
        given = [word.lstrip("@").lower() for word in re.split(r"[\s,،]+", str(self.cleaned_data["domains"])) if word]
        for domain in given:
            if not DOMAIN.match(domain):
                raise forms.ValidationError(_("“%(domain)s” is no domain.") % {"domain": domain})
        return given


def start_of(config: SingleSignOn, role: str) -> dict[str, Any]:
    """The settings as the form shows them; a secret is never shown."""
    kept = {name: getattr(config, name) for name in ("name", "issuer", "client_id", "vouches", "makes_members", "passwords_allowed")}
    return {**kept, "domains": " ".join(config.domains), "role": role}
