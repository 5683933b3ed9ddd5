"""What an app adds to the settings index: its `settings_pages.py` lists SETTINGS_PAGES, and the index finds them by that name."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from peyvand.core.discovery import modules
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """One entry of the settings index, shown to those whose role may open it. Texts are lazy translations."""

    section: str | Promise
    label: str | Promise
    hint: str | Promise
    url_name: str
    permission: Permission
    icon: str = "settings"


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as the index shows it."""

    label: str
    hint: str
    url: str
    icon: str


def sections_for(member: Member) -> list[tuple[str, list[Entry]]]:
    """The settings a member may open, by section, workspaces first, then the apps above it in their order, connectors last."""
    found: dict[str, list[Entry]] = {}
    lowest_first = reversed(list(modules("settings_pages")))
    for module in sorted(lowest_first, key=lambda module: ".connectors." in module.__name__):
        for page in module.SETTINGS_PAGES:
            url = _known(page.url_name)
            if url and member.may(page.permission):
                found.setdefault(str(page.section), []).append(Entry(str(page.label), str(page.hint), url, page.icon))
    return list(found.items())


def _known(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
