"""The customers' entry of the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Names of things"),
        label=_("Customer fields"),
        hint=_("What you know of customers beside their name: city, birthday, size"),
        url_name="customers:fields",
        permission=Permission.SETTINGS_MANAGE,
        icon="person",
    ),
    SettingsPage(
        section=_("Names of things"),
        label=_("Shared by many"),
        hint=_("Phones and addresses that name nobody, such as a shop’s own"),
        url_name="customers:shared",
        permission=Permission.SETTINGS_MANAGE,
        icon="people",
    ),
    SettingsPage(
        section=_("Names of things"),
        label=_("Stages of the relationship"),
        hint=_("From when a customer is at risk, lost or loyal"),
        url_name="customers:lifecycle",
        permission=Permission.SETTINGS_MANAGE,
        icon="heart",
    ),
]
