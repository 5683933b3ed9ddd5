"""What a new workspace gets of this app: one ready survey, paused."""

from peyvand.surveys.services.editing import lay_default_survey
from peyvand.workspaces.models import Workspace


def begin(workspace: Workspace) -> None:
    """Lay the survey that asks after deliveries; nobody is asked before somebody lets it begin."""
    lay_default_survey(workspace)
