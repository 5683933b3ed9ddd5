"""The editor's form: a survey's names, measure, rule, texts in each language of the brand, and reasons."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from peyvand.catalogue.types import Dimension
from peyvand.core.display import num
from peyvand.core.forms import WholeNumber
from peyvand.surveys.defaults import texts_for
from peyvand.surveys.models import Survey
from peyvand.surveys.queries.rules import kinds_to_ask_after, places
from peyvand.surveys.services.editing import Draft, When
from peyvand.surveys.types import MAIL_TEXTS, MOST_REASONS, QUESTION_TEXTS, TEXTS, THANKS_TEXTS, WHY_TEXTS, TextField
from peyvand.surveys.wording import tidied, unknown_placeholders
from peyvand.workspaces.models import Workspace

MEASURE_LABELS = (
    ("nps", gettext_lazy("Recommendation (NPS), 0 to 10")),
    ("csat", gettext_lazy("Satisfaction (CSAT), 1 to 5")),
    ("ces", gettext_lazy("Effort (CES), 1 to 7")),
)
TEXT_LABELS = {
    "question": gettext_lazy("Question"),
    "lead": gettext_lazy("Line under the question"),
    "low": gettext_lazy("Lower end of the scale"),
    "high": gettext_lazy("Upper end of the scale"),
    "why": gettext_lazy("Second question"),
    "why_lead": gettext_lazy("Line under the second question"),
    "words": gettext_lazy("Label of the free words"),
    "thanks": gettext_lazy("Thanks"),
    "thanks_happy": gettext_lazy("What happens next, for the happy"),
    "thanks_mixed": gettext_lazy("What happens next, for those in between"),
    "thanks_unhappy": gettext_lazy("What happens next, for the unhappy"),
    "mail_subject": gettext_lazy("Subject of the mail"),
    "mail_body": gettext_lazy("Text of the mail"),
    "mail_button": gettext_lazy("Button of the mail"),
    "again_lead": gettext_lazy("Text when asking once more after a case"),
}
GROUPS = (
    (gettext_lazy("First page: the score"), QUESTION_TEXTS),
    (gettext_lazy("Second page: why"), WHY_TEXTS),
    (gettext_lazy("Last page: thanks"), THANKS_TEXTS),
    (gettext_lazy("The mail"), MAIL_TEXTS),
)
LONGEST_LINE = 120  # longer texts get a box of their own
HOURS = {"hours": 1, "days": 24}


class SurveyForm(forms.Form):
    """Everything of a survey on one page. `text_groups` and `reason_rows` give the fields in the order they are drawn."""

    measure = forms.ChoiceField(label=gettext_lazy("What it measures"), choices=MEASURE_LABELS, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=gettext_lazy("After what"))
    delay = WholeNumber(label=gettext_lazy("How long after"), min_value=0, max_value=90)
    delay_unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=(("days", gettext_lazy("days")), ("hours", gettext_lazy("hours"))))
    share = WholeNumber(label=gettext_lazy("Share of customers, percent"), min_value=1, max_value=100)
    rest_days = WholeNumber(
        label=gettext_lazy("Rest for each customer, days"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("Nobody gets another survey of yours within so many days."),
    )
    again_days = WholeNumber(
        label=gettext_lazy("Ask again after a case, days"),
        min_value=0,
        max_value=60,
        help_text=gettext_lazy("So many days after a case was closed, its customer is asked once more."),
    )
    touchpoint = forms.TypedChoiceField(label=gettext_lazy("Only at this touchpoint"), coerce=int, empty_value=None, required=False)
    branch = forms.TypedChoiceField(label=gettext_lazy("Only at this branch"), coerce=int, empty_value=None, required=False)

    def __init__(self, workspace: Workspace, *args: Any, survey: Survey | None = None, **kwargs: Any) -> None:
        self.workspace, self.survey = workspace, survey
        super().__init__(*args, **kwargs)
        self._choose("kind", kinds_to_ask_after(workspace))
        self._choose("touchpoint", [("", _("Everywhere")), *places(workspace, Dimension.TOUCHPOINT)])
        self._choose("branch", [("", _("Everywhere")), *places(workspace, Dimension.BRANCH)])
        for language in workspace.languages:
            self._speak(language)
        for n in range(MOST_REASONS):
            self.fields[f"reason_{n}_code"] = forms.SlugField(required=False, widget=forms.HiddenInput, max_length=40)
            for language in workspace.languages:
                field = forms.CharField(required=False, max_length=60, label=_reason_label(n, language))
                field.widget.attrs |= _direction(language)
                self.fields[f"reason_{n}_{language}"] = field

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _speak(self, language: str) -> None:
        usual = language == self.workspace.default_language
        name = forms.CharField(
            max_length=80,
            required=usual,
            label=_("Name in %(language)s, for your team") % {"language": _called(language)},
        )
        name.widget.attrs |= _direction(language)
        self.fields[f"name_{language}"] = name
        for text in TEXTS:
            widget = forms.Textarea(attrs={"rows": 3 if text.lines else 2}) if text.longest > LONGEST_LINE else forms.TextInput()
            field = forms.CharField(
                label=self._label(text, language), max_length=text.longest, required=usual and not text.optional, widget=widget, strip=True
            )
            field.widget.attrs |= _direction(language)
            self.fields[f"{text.name}_{language}"] = field

    def _label(self, text: TextField, language: str) -> str:
        label = str(TEXT_LABELS[text.name])
        if len(self.workspace.languages) == 1:
            return label
        return _("%(text)s, in %(language)s") % {"text": label, "language": _called(language)}

    def clean(self) -> dict[str, Any]:
        """Refuse names in braces that mean nothing, and a reason without a name in the brand's own language."""
        cleaned = super().clean() or {}
        for language in self.workspace.languages:
            for text in TEXTS:
                written = str(cleaned.get(f"{text.name}_{language}") or "")
                if unknown := unknown_placeholders(written):
                    self.add_error(f"{text.name}_{language}", _("“{%(name)s}” means nothing here.") % {"name": unknown[0][:40]})
        own = self.workspace.default_language
        for n in range(MOST_REASONS):
            said = [language for language in self.workspace.languages if cleaned.get(f"reason_{n}_{language}")]
            if said and own not in said:
                self.add_error(f"reason_{n}_{own}", _("Write this reason here too."))
        return cleaned

    @property
    def languages(self) -> list[dict[str, str]]:
        """The brand's languages with their own names, its first language first."""
        own = self.workspace.default_language
        codes = sorted(self.workspace.languages, key=lambda code: code != own)
        return [{"code": code, "name": get_language_info(code)["name_local"]} for code in codes]

    def name_fields(self) -> list[forms.BoundField]:
        """The name in each language."""
        return [self[f"name_{language['code']}"] for language in self.languages]

    def text_groups(self) -> Iterator[tuple[str, list[list[forms.BoundField]]]]:
        """Title of a page and its texts, each as one field a language, side by side."""
        for title, texts in GROUPS:
            yield str(title), [[self[f"{text.name}_{language['code']}"] for language in self.languages] for text in texts]

    def reason_rows(self) -> Iterator[tuple[forms.BoundField, list[forms.BoundField]]]:
        """The hidden code of a reason, and its name in each language; two empty rows follow the last."""
        last = max((n for n in range(MOST_REASONS) if self._has_reason(n)), default=-1)
        for n in range(min(MOST_REASONS, last + 3)):
            yield self[f"reason_{n}_code"], [self[f"reason_{n}_{language['code']}"] for language in self.languages]

    def _has_reason(self, n: int) -> bool:
        return any(self[f"reason_{n}_{language}"].value() for language in self.workspace.languages)

    def draft(self) -> Draft:
        """What the valid form says, in the form of the house: one yeh and kaf, half-spaces kept."""
        said = self.cleaned_data
        languages = self.workspace.languages
        texts = {language: {text.name: _said(said[f"{text.name}_{language}"], text) for text in TEXTS} for language in languages}
        reasons = [
            {"code": said[f"reason_{n}_code"]} | {language: tidied(said[f"reason_{n}_{language}"]) for language in languages}
            for n in range(MOST_REASONS)
            if any(said[f"reason_{n}_{language}"] for language in languages)
        ]
        when = When(
            kind=said["kind"],
            touchpoint=said["touchpoint"],
            branch=said["branch"],
            delay_hours=said["delay"] * HOURS[said["delay_unit"]],
            share=said["share"],
            rest_days=said["rest_days"],
            again_days=said["again_days"],
        )
        names = {language: tidied(said[f"name_{language}"]) for language in languages if said[f"name_{language}"]}
        return Draft(names=names, measure=said["measure"], when=when, texts=texts, reasons=reasons)


def _reason_label(n: int, language: str) -> str:
    return _("Reason %(n)s, %(language)s") % {"n": num(n + 1), "language": _called(language)}


def _called(language: str) -> str:
    return str(get_language_info(language)["name_translated"])


def _direction(language: str) -> dict[str, str]:
    return {"lang": language, "dir": "rtl" if get_language_info(language)["bidi"] else "ltr"}


def _said(text: str, field: TextField) -> str:
    return tidied(text) if field.lines else " ".join(tidied(text).split())


def initial_of(survey: Survey) -> dict[str, Any]:
    """The form's first values for a stored survey."""
    rule = survey.rule
    days = rule.delay_hours % 24 == 0 and rule.delay_hours > 0
    values: dict[str, Any] = {
        "measure": survey.measure,
        "kind": rule.kind,
        "touchpoint": rule.touchpoint or "",
        "branch": rule.branch or "",
        "delay": rule.delay_hours // 24 if days else rule.delay_hours,
        "delay_unit": "days" if days else "hours",
        "share": rule.share,
        "rest_days": rule.rest_days,
        "again_days": rule.again_days,
    }
    return values | _text_values(survey.names, survey.texts, survey.offered_reasons)


def initial_for(measure: str, kind: str) -> dict[str, Any]:
    """The form's first values for a new survey."""
    when = When(kind=kind)
    values = {"measure": measure, "kind": kind, "delay": 2, "delay_unit": "days", "share": 100, "rest_days": when.rest_days}
    return values | {"again_days": when.again_days} | _text_values({}, texts_for(measure), [])


def _text_values(names: dict[str, str], texts: dict[str, dict[str, str]], reasons: list[dict[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {f"name_{language}": name for language, name in names.items()}
    for language, written in texts.items():
        values |= {f"{name}_{language}": text for name, text in written.items()}
    for n, reason in enumerate(reasons):
        values |= {f"reason_{n}_{key}": text for key, text in reason.items()}
    return values
