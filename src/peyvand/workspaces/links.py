"""Addresses that leave the console: in e-mails, invitations and exports. Called outside a request."""

from django.conf import settings
from django.urls import reverse
from django.urls.base import get_script_prefix, set_script_prefix

from peyvand.workspaces.models import Workspace


def _plain(name: str, *args: object) -> str:
    prefix = get_script_prefix()
    set_script_prefix("/")
    try:
        return reverse(name, args=args)
    finally:
        set_script_prefix(prefix)


def absolute(workspace: Workspace, name: str, *args: object) -> str:
    """The full address of a console page of this workspace."""
    return f"{settings.PEYVAND_URL.rstrip('/')}/w/{workspace.slug}{_plain(name, *args)}"


def absolute_public(name: str, *args: object) -> str:
    """The full address of a page outside any workspace (a survey, an invitation)."""
    return settings.PEYVAND_URL.rstrip("/") + _plain(name, *args)


def absolute_path(path: str) -> str:
    """The full address of a path that is kept whole, such as a logo's."""
    return settings.PEYVAND_URL.rstrip("/") + path
