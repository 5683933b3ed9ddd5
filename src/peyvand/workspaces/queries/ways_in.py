"""Ways to sign in beside the password, for the sign-in page."""

import re
from typing import NamedTuple

from peyvand.workspaces.models import SingleSignOn

CONSOLE = re.compile(r"^/w/(?P<slug>[a-z0-9-]{1,40})/")


class Way(NamedTuple):
    """A provider's name and the slug of the workspace it opens."""

    name: str
    slug: str


def ways_in(wanted: str) -> list[Way]:
    """The provider of the workspace that `wanted`, an address, lies in; without one, that of the only workspace that has a provider."""
    known = SingleSignOn.objects.select_related("workspace").order_by("pk")
    inside = CONSOLE.match(wanted)
    found = list(known.filter(workspace__slug=inside["slug"])) if inside else list(known[:2])
    return [Way(found[0].name, found[0].workspace.slug)] if len(found) == 1 else []
