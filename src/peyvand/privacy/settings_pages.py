"""The page this app adds to the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Your brand"),
        label=_("Privacy"),
        hint=_("Stop all sending at once; who must agree before many are written to; who was forgotten"),
        url_name="privacy:settings",
        permission=Permission.PRIVACY,
        icon="shield",
    ),
    SettingsPage(
        section=_("Your brand"),
        label=_("How long it is kept"),
        hint=_("What is forgotten of interactions, messages, cases and the audit trail after so many months"),
        url_name="privacy:retention",
        permission=Permission.PRIVACY,
        icon="history",
    ),
]
