"""The form of follow-up's settings: limits, hours, whose turn it is, and the list of reasons. Shown by views/settings.py."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.cases.models import CasePolicy
from peyvand.cases.types import SCALES, Assignment
from peyvand.core import display
from peyvand.core.forms import Amount, WholeNumber

MEASURES = (("nps", "NPS"), ("csat", "CSAT"), ("ces", "CES"), ("rating", _("Rating")))
NAME = 60
SPARE_ROWS = 2
MOST_REASONS = 40


class PolicyForm(forms.Form):
    """How this brand follows up; `changes` is what services.set_policy takes."""

    is_active = forms.BooleanField(label=_("Open a case for every unhappy answer"), required=False)
    contact_hours = WholeNumber(label=_("Working hours to the first contact"), min_value=1, max_value=80)
    remedy_hours = WholeNumber(label=_("Working hours from there to the end"), min_value=1, max_value=400)
    assignment = forms.ChoiceField(
        label=_("Who gets a new case"),
        widget=forms.RadioSelect,
        choices=[
            (Assignment.TURN.value, _("Agents and leads in turn")),
            (Assignment.BRANCH.value, _("Those of the branch first")),
            (Assignment.NOBODY.value, _("Nobody; people take cases themselves")),
        ],
    )

    def __init__(self, policy: CasePolicy, *args: Any, **kwargs: Any) -> None:
        self.policy = policy
        shown = {name: getattr(policy, name) for name in ("is_active", "contact_hours", "remedy_hours", "assignment")}
        limits = {f"limit_{measure}": policy.limits.get(measure) for measure, _label in MEASURES}
        kwargs.setdefault("initial", {}).update(shown | limits)
        super().__init__(*args, **kwargs)
        for measure, label in MEASURES:
            low, high = SCALES[measure]
            ends = {"low": display.num(low), "high": display.num(high)}
            help_text = gettext("from %(low)s to %(high)s; empty opens no case") % ends
            self.fields[f"limit_{measure}"] = Amount(label=label, required=False, min_value=low, max_value=high, help_text=help_text)

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        """The limits, in their order."""
        return [self[f"limit_{measure}"] for measure, _label in MEASURES]

    def changes(self) -> dict[str, object]:
        """What to change."""
        plain = ("is_active", "contact_hours", "remedy_hours", "assignment")
        limits = {measure: said for measure, _label in MEASURES if (said := self.cleaned_data[f"limit_{measure}"]) is not None}
        others = {measure: limit for measure, limit in self.policy.limits.items() if measure not in SCALES}
        return {**{name: self.cleaned_data[name] for name in plain}, "limits": limits | others}


class ReasonForm(forms.Form):
    """One reason in both languages."""

    code = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    fa = forms.CharField(label=_("In Persian"), required=False, max_length=NAME, widget=forms.TextInput(attrs={"lang": "fa", "dir": "rtl"}))
    en = forms.CharField(label=_("In English"), required=False, max_length=NAME, widget=forms.TextInput(attrs={"lang": "en", "dir": "ltr"}))
    off = forms.BooleanField(label=_("Off the list"), required=False)


ReasonForms = forms.formset_factory(ReasonForm, extra=SPARE_ROWS, max_num=MOST_REASONS, validate_max=True)


def reasons_from(rows: "forms.BaseFormSet[ReasonForm]", before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list as it was edited. One that cases may have stays known and is only taken off what can be chosen."""
    known = {reason["code"] for reason in before}
    found: list[dict[str, Any]] = []
    for row in rows.cleaned_data:
        names = {language: " ".join(row.get(language, "").split()) for language in ("fa", "en")}
        code = row.get("code", "")
        if not any(names.values()) and code not in known:
            continue
        if code not in known:
            code = _new_code(names["en"], known | {reason["code"] for reason in found})
        kept = next((reason for reason in before if reason["code"] == code), {})
        named = names if any(names.values()) else {"fa": kept.get("fa", ""), "en": kept.get("en", "")}
        off = bool(row.get("off")) or not any(names.values())
        found.append({"code": code, **named, **({"off": True} if off else {})})
    missing = [reason | {"off": True} for reason in before if reason["code"] not in {one["code"] for one in found}]
    return found + missing


def _new_code(english: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", english.lower()).strip("_")[:30] or "reason"
    code, n = base, 1
    while code in taken:
        n += 1
        code = f"{base}_{n}"
    return code
