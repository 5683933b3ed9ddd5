"""How letters to the team leave where an app above knows a better way than the installation's server: its `brand_post.py` offers POST."""

from functools import cache
from typing import Protocol

from peyvand.core.discovery import modules
from peyvand.workspaces.models import Workspace


class Post(Protocol):
    """A way by which a brand itself sends mail."""

    def ready(self, workspace: Workspace) -> bool:
        """Whether the brand has this way."""
        ...

    def send(self, workspace: Workspace, *, to: str, subject: str, text: str, key: str) -> None:
        """Send one letter in the brand's first language; the same `key` each time it is tried. Raises where it was refused."""
        ...


@cache
def _posts() -> tuple[Post, ...]:
    return tuple(module.POST for module in modules("brand_post"))


def post_of(workspace: Workspace) -> Post | None:
    """The brand's own way; None where it has none."""
    return next((post for post in _posts() if post.ready(workspace)), None)
