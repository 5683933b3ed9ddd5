"""Forms of roles: choosing one for somebody, and making one."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.models import CustomRole, Member
from peyvand.workspaces.permission_words import NAMES
from peyvand.workspaces.permissions import EVERYBODYS
from peyvand.workspaces.services.authority import Held, roles_to_give
from peyvand.workspaces.types import Permission, Role
from peyvand.workspaces.wording import held_word


class RoleField(forms.ChoiceField):
    """A role that a member may give; cleaned to the role itself."""

    offered: Mapping[str, Held] = {}

    def offer(self, giver: Member, *, without: str = "") -> None:
        """Let every role be chosen that this member may give, `without` one."""
        self.offered = {value: held for value, held in roles_to_give(giver).items() if value != without}
        self.choices = [(value, held_word(held)) for value, held in self.offered.items()]

    def clean(self, value: Any) -> Held:
        """The role chosen."""
        return self.offered[str(super().clean(value))]


class GivenRoleForm(forms.Form):
    """Another role for a member."""

    role = RoleField(label=_("Role"), initial=Role.AGENT.value)

    def __init__(self, *args: Any, giver: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        if isinstance(field, RoleField):
            field.offer(giver)


class InviteForm(GivenRoleForm):
    """Whom to invite, in which role."""

    email = forms.EmailField(label=_("E-mail"))
    field_order = ("email", "role")


class OwnRoleForm(forms.Form):
    """A role of the workspace's own: its names and what it may do, out of what its maker may."""

    name_fa = forms.CharField(label=_("Name in Persian"), max_length=40, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=40, required=False, widget=forms.TextInput(attrs={"dir": "ltr"}))
    permissions = forms.MultipleChoiceField(label=_("May"), required=False)

    def __init__(self, *args: Any, maker: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["permissions"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(p.value, str(NAMES.get(p, p))) for p in Permission if p in maker.permissions]

    def clean(self) -> dict[str, Any]:
        """A role has a name in one language at least."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.names():
            self.add_error("name_fa", _("Write the name in one language at least."))
        return given

    def names(self) -> dict[str, str]:
        """The names that were given, by language."""
        given = {language: " ".join(str(self.cleaned_data.get(f"name_{language}", "")).split()) for language in ("fa", "en")}
        return {language: name for language, name in given.items() if name}

    def permissions_given(self) -> set[Permission]:
        """What was ticked, and what everybody may."""
        return {Permission(value) for value in self.cleaned_data["permissions"]} | EVERYBODYS


def start_of(role: CustomRole) -> dict[str, Any]:
    """A role as its form shows it."""
    return {"name_fa": role.names.get("fa", ""), "name_en": role.names.get("en", ""), "permissions": list(role.permissions)}
