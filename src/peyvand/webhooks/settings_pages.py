"""Pages of webhooks in the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Connections"),
        label=_("Webhooks"),
        hint=_("Which systems are told what happens here"),
        url_name="webhooks:endpoints",
        permission=Permission.SETTINGS_MANAGE,
        icon="plug",
    ),
]
