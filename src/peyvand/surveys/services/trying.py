"""A survey tried out before anybody is asked: invented facts, and the mail sent to oneself. Called by the editor's views and the API."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from peyvand.channels.services import send_to_member
from peyvand.channels.types import Delivery
from peyvand.core import clock
from peyvand.core.display import day, digits
from peyvand.core.ids import public_id
from peyvand.core.reader import use_reader
from peyvand.surveys.mail import Asking, asking_mail
from peyvand.surveys.models import Survey
from peyvand.surveys.wording import again_days
from peyvand.workspaces.links import absolute
from peyvand.workspaces.models import User
from peyvand.workspaces.readers import reader_of


@contextmanager
def sample_of(survey: Survey, language: str) -> Iterator[dict[str, str]]:
    """Invented facts for the placeholders, with the customer's language active."""
    with use_reader(reader_of(survey.workspace, language)):
        yield {
            "brand": survey.workspace.name,
            "name": _("Negar"),
            "order": digits("521803"),
            "date": day(clock.now() - dt.timedelta(hours=survey.rule.delay_hours)),
            "again_days": again_days(survey),
        }


def send_trial(*, survey: Survey, member: User, language: str) -> Delivery:
    """Send the mail to a person of the team, in a language or else the brand's own; its links lead to the preview."""
    workspace = survey.workspace
    language = language if language in workspace.languages else workspace.default_language
    url = absolute(workspace, "surveys:preview", public_id(bytes(workspace.id_key), survey.pk), "score")
    with sample_of(survey, language) as known:
        asking = Asking(survey=survey, workspace=workspace, known=known, url=url, stop_url=url, language=language)
        mail = asking_mail(asking)
    return send_to_member(workspace=workspace, member=member, message=mail)
