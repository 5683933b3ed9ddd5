"""Pages of channels in the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Channels"),
        label=_("E-mail"),
        hint=_("By which server mails to customers leave"),
        url_name="channels:email",
        permission=Permission.SETTINGS_MANAGE,
        icon="mail",
    ),
    SettingsPage(
        section=_("Channels"),
        label=_("Outbox"),
        hint=_("What was sent, what waits, what failed and why"),
        url_name="channels:outbox",
        permission=Permission.OPERATIONS,
        icon="plane",
    ),
]
