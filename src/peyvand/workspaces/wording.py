"""Words for what the code only names: roles and scopes. Called by the pages of settings."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.workspaces.models import CustomRole
from peyvand.workspaces.permission_words import GROUPS, permission_list
from peyvand.workspaces.permissions import EVERYBODYS
from peyvand.workspaces.types import Role, Scope

ROLES: Mapping[Role, tuple[str | Promise, str | Promise]] = {
    Role.OWNER: (pgettext_lazy("role", "Owner"), _("Everything, with people, keys and other owners.")),
    Role.MANAGER: (pgettext_lazy("role", "Manager"), _("All of the work and the settings; not people and keys.")),
    Role.LEAD: (pgettext_lazy("role", "Lead"), _("Customers and cases, who takes which, and the names of things.")),
    Role.AGENT: (pgettext_lazy("role", "Agent"), _("Customers with their phone numbers, cases and calls.")),
    Role.ANALYST: (pgettext_lazy("role", "Analyst"), _("Every figure and export; phone numbers and addresses are masked.")),
    Role.VIEWER: (pgettext_lazy("role", "Viewer"), _("Figures and answers only; no customers.")),
}
SCOPES: Mapping[Scope, tuple[str | Promise, str | Promise]] = {
    Scope.INGEST: (_("Send in what happens"), _("Record interactions: for a shop, a till, a call centre.")),
    Scope.READ: (_("Read figures"), _("Ask for measures and rows: for a report or a screen on the wall.")),
    Scope.SNIPPET: (_("Watch a website"), _("A public key for the snippet on your pages; it can only write visits.")),
    **{
        Scope(one.permission): (one.name, one.means)
        for _group, words in GROUPS
        for one in words
        if one.permission.value in {scope.value for scope in Scope}
    },
}


def role_word(role: str) -> str:
    """The name of a role."""
    return str(ROLES[Role(role)][0])


def held_word(held: Role | CustomRole) -> str:
    """The name of a role, a preset or an own one."""
    return role_word(held) if isinstance(held, Role) else str(held)


def held_means(held: Role | CustomRole) -> str:
    """What a role may do, in a sentence or a list."""
    return role_sentence(held) if isinstance(held, Role) else permission_list(held.granted - EVERYBODYS)


def role_sentence(role: str) -> str:
    """What a role may do, in one sentence."""
    return str(ROLES[Role(role)][1])
