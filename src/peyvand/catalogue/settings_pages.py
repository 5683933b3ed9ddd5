"""The catalogue's entry of the settings index."""

from django.utils.translation import gettext_lazy as _

from peyvand.workspaces.pages import SettingsPage
from peyvand.workspaces.types import Permission

SETTINGS_PAGES = [
    SettingsPage(
        section=_("Names of things"),
        label=_("Touchpoints, branches, products"),
        hint=_("Stages and touchpoints, branches, departments, products, channels; tidy what data brought in"),
        url_name="catalogue:start",
        permission=Permission.CATALOGUE_MANAGE,
        icon="tag",
    )
]
