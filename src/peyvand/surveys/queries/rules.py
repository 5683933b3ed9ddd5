"""When a survey is asked, in plain words, and what a rule may name. Called by the list of surveys and the editor."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.queries import terms_of
from peyvand.catalogue.types import Dimension
from peyvand.core.display import duration, num, percent
from peyvand.surveys.models import AskRule
from peyvand.surveys.types import SEND_FROM, SEND_UNTIL
from peyvand.timeline.kinds import kinds
from peyvand.workspaces.models import Workspace

OURS = ("survey", "case", "contact", "customer")  # what the brand does itself asks nobody


def kinds_to_ask_after(workspace: Workspace) -> list[tuple[str, str]]:
    """(code, label) of kinds a survey may follow: those of the product, then the workspace's own."""
    language = get_language() or "en"
    found = [
        (kind.code, kind.label(language)) for kind in kinds().values() if not kind.by_brand and kind.code.partition(".")[0] not in OURS
    ]
    own = Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, archived=False, details__declared=True).order_by("code")
    return found + [(term.code, term.label) for term in own]


def kind_label(workspace: Workspace, code: str) -> str:
    """A kind's name in the reader's language."""
    return dict(kinds_to_ask_after(workspace)).get(code, code)


def places(workspace: Workspace, dimension: Dimension) -> list[tuple[int, str]]:
    """(Term integer, label) of touchpoints or branches to choose from."""
    return [(term.pk, term.label) for term in terms_of(workspace.pk, dimension)]


def rule_sentence(workspace: Workspace, rule: AskRule) -> str:
    """What a rule does, as one would say it."""
    words = {
        "delay": duration(rule.delay_hours * 3600) if rule.delay_hours else "",
        "kind": kind_label(workspace, rule.kind),
        "share": percent(rule.share),
        "days": num(rule.rest_days),
    }
    if rule.delay_hours and rule.share < 100:
        who = _("%(delay)s after “%(kind)s” we ask %(share)s of customers")
    elif rule.delay_hours:
        who = _("%(delay)s after “%(kind)s” we ask every customer")
    elif rule.share < 100:
        who = _("Right after “%(kind)s” we ask %(share)s of customers")
    else:
        who = _("Right after “%(kind)s” we ask every customer")
    rest = _("each at most once in %(days)s days") if rule.rest_days else _("however often it happens")
    return _("%(who)s; %(rest)s.") % {"who": who % words, "rest": rest % words}


def rule_notes(workspace: Workspace, rule: AskRule) -> list[str]:
    """What else holds, a sentence each."""
    notes = []
    for term_id, sentence in (
        (rule.touchpoint, _("Only where the touchpoint is “%(name)s”.")),
        (rule.branch, _("Only where the branch is “%(name)s”.")),
    ):
        term = Term.objects.filter(workspace=workspace, pk=term_id).first() if term_id else None
        if term is not None:
            notes.append(sentence % {"name": term.label})
    hours = {"from": num(SEND_FROM), "until": num(SEND_UNTIL)}
    notes.append(_("Mails leave between %(from)s and %(until)s o’clock on working days.") % hours)
    notes.append(_("Whoever has no e-mail address or asked for no more surveys is not asked."))
    return notes
