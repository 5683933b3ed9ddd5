"""The mail that asks: text and HTML for one invitation in its reader's language. Called by services.sending and by a test mail."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from peyvand.channels.types import Message
from peyvand.core import colours
from peyvand.surveys.models import Survey
from peyvand.surveys.wording import always, filled
from peyvand.workspaces.links import absolute_path
from peyvand.workspaces.models import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one mail is made of; `known` are the placeholders, `again` says that it asks once more after a case."""

    survey: Survey
    workspace: Workspace
    known: Mapping[str, str]
    url: str
    stop_url: str
    language: str
    again: bool = False


def asking_mail(asking: Asking) -> Message:
    """Compose the mail; to be called with its addressee as the active reader. Links of the scale only choose a point beforehand."""
    survey, language = asking.survey, asking.language
    body = filled(survey.text("again_lead" if asking.again else "mail_body", language), asking.known)
    said = {name: always(survey.text(name, language), asking.known) for name in ("question", "low", "high", "mail_subject", "mail_button")}
    foot = _("You get this mail because you are a customer of %(brand)s.") % {"brand": asking.workspace.name}
    accents = colours.palette(asking.workspace.colour or colours.DEFAULT)
    context = {
        **said,
        "brand": asking.workspace.name,
        "logo_url": absolute_path(asking.workspace.logo) if asking.workspace.logo else "",
        "light": _named(accents.light),
        "dark": _named(accents.dark),
        "paragraphs": body.splitlines(),
        "points": survey.scale.points,
        "url": asking.url,
        "stop_url": asking.stop_url,
        "stop_word": _("No more surveys"),
        "foot": foot,
        "language": language,
    }
    html = render_to_string("surveys/mail/asking.mail", context)
    parts = (body, said["question"], f"{said['mail_button']}: {asking.url}", f"-- \n{foot}\n{_('No more surveys')}: {asking.stop_url}")
    text = "\n\n".join(part for part in parts if part) + "\n"
    return Message(text=text, subject=said["mail_subject"], html=html, unsubscribe_url=asking.stop_url, language=language)


def _named(accents: Mapping[str, str]) -> dict[str, str]:
    """The accents of one theme by names a template can write."""
    return {"accent": accents["accent"], "fill": accents["accent-fill"], "on": accents["on-accent"]}
