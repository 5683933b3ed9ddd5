"""What a new workspace gets of this app: its first stages, touchpoints and channels."""

from peyvand.catalogue.services import lay_defaults
from peyvand.workspaces.models import Workspace


def begin(workspace: Workspace) -> None:
    """Lay the defaults; those there are already stay."""
    lay_defaults(workspace=workspace)
