"""Finding what a command line names: a workspace by its slug."""

from peyvand.config.command import Abort
from peyvand.workspaces.models import Workspace


def workspace_named(slug: str | None) -> Workspace:
    """Return the workspace of this slug, or the only one where none is named; else stop and list what there is."""
    known = list(Workspace.objects.order_by("slug"))
    if slug is None and len(known) == 1:
        return known[0]
    for workspace in known:
        if workspace.slug == slug:
            return workspace
    names = ", ".join(workspace.slug for workspace in known) or "none yet; `peyvand createworkspace NAME` makes one"
    said = "say which workspace with --workspace" if slug is None else f"there is no workspace {slug!r}"
    raise Abort(f"{said}. There is: {names}.")
