"""Whether a survey waits for somebody's word to write to many, or was refused it. Called where it is sent and where it is shown."""

import datetime as dt
from typing import Final

from django.utils.translation import gettext_noop

from peyvand.channels.models import BulkApproval
from peyvand.channels.queries import last_refusal, waiting_approvals
from peyvand.core import clock
from peyvand.surveys.models import Survey
from peyvand.workspaces.models import Workspace

TOLD_FOR: Final = dt.timedelta(days=7)  # of a refusal
PREFIX: Final = "survey:"
NOT_AGREED: Final = gettext_noop("Somebody refused to let so many be written to.")


def bulk_subject(survey: Survey) -> str:
    """What a survey is called where somebody is asked whether it may write to many."""
    return f"{PREFIX}{survey.code}"


def questions(workspace: Workspace) -> dict[str, BulkApproval]:
    """Code of a survey → the question that waits for somebody's word."""
    return {one.subject.removeprefix(PREFIX): one for one in waiting_approvals(workspace) if one.subject.startswith(PREFIX)}


def lately_refused(survey: Survey) -> BulkApproval | None:
    """The last time somebody refused to let it write to many, within a week."""
    refusal = last_refusal(survey.workspace, bulk_subject(survey))
    return refusal if refusal is not None and refusal.refused_at is not None and refusal.refused_at > clock.now() - TOLD_FOR else None
