"""Where the first answers come from, for pages that have none yet. Called by the views of Pulse and of one figure."""

from django.utils.translation import gettext as _

from peyvand.desk.pulse.asking import address
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission


def first_acts(member: Member) -> list[dict[str, str]]:
    """Where a first answer can come from, for those who may."""
    ways = (
        (Permission.SETTINGS_MANAGE, _("Bring in first data"), "desk:start", "door"),
        (Permission.IMPORTS_MANAGE, _("Import a file"), "imports:list", "upload"),
        (Permission.SURVEYS_MANAGE, _("Send a survey"), "surveys:list", "plane"),
    )
    open_ways = [(label, address(name), icon) for needed, label, name, icon in ways if member.may(needed)]
    return [{"label": label, "url": url, "icon": icon} for label, url, icon in open_ways if url]
