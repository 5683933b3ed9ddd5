"""The timeline's entries of the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Names of things"),
        label=_("Own kinds of interaction"),
        hint=_("What your data may tell beside what is built in"),
        url_name="timeline:kinds",
        permission=Permission.SETTINGS_MANAGE,
        icon="code",
    ),
    SettingsPage(
        section=_("What went on"),
        label=_("Operations"),
        hint=_("What failed and can be tried again; queues and the worker"),
        url_name="timeline:operations",
        permission=Permission.OPERATIONS,
        icon="wrench",
    ),
]
