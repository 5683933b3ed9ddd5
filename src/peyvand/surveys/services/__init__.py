"""Everything that writes surveys, invitations, answers and their list."""

from peyvand.surveys.services.answering import keep_score, submit
from peyvand.surveys.services.declining import decline, take_back
from peyvand.surveys.services.editing import Draft, SurveyError, When, change_survey, create_survey, lay_default_survey, set_active
from peyvand.surveys.services.trying import send_trial

__all__ = [
    "Draft",
    "SurveyError",
    "When",
    "change_survey",
    "create_survey",
    "decline",
    "keep_score",
    "lay_default_survey",
    "send_trial",
    "set_active",
    "submit",
    "take_back",
]
