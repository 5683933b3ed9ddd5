"""The page of this connector in the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Channels"),
        label="WooCommerce",
        hint=_("Orders, refunds and customers of your shop, as they happen"),
        url_name="woocommerce:settings",
        permission=Permission.SETTINGS_MANAGE,
        icon="cart",
    )
]
