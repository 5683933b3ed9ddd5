"""Follow-up's entry of the settings index, found there by this module's name."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Listening and following up"),
        label=_("Follow-up"),
        hint=_("Which scores open a case, how soon somebody calls, who gets it, and the reasons to choose from"),
        url_name="cases:settings",
        permission=Permission.SETTINGS_MANAGE,
        icon="flag",
    )
]
