"""Forms of privacy."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from peyvand.channels.queries import Waiting
from peyvand.channels.services.approving import APPROVE_ABOVE, BY_ANOTHER
from peyvand.channels.types import Purpose
from peyvand.core.display import ago, moment, num
from peyvand.core.forms import WholeNumber, typed
from peyvand.core.redaction import Number
from peyvand.core.retention import Kept
from peyvand.privacy.models import RetentionRule
from peyvand.timeline.models import Redaction
from peyvand.timeline.services.numbers import UNREDACTED


class ForgetForm(forms.Form):
    """Whether somebody means it."""

    sure = forms.BooleanField(
        label=_("I know that this cannot be undone"),
        error_messages={"required": _("Tick this box: nobody can bring them back afterwards.")},
    )


class RulesForm(forms.Form):
    """From how many recipients on somebody must agree, and where numbers may stand in properties."""

    approve_above = WholeNumber(
        label=_("Ask before something writes to more people than this in a day"), min_value=0, max_value=10_000_000, required=False,
        help_text=_("Empty: nobody is asked."), widget=typed("numeric", 8),
    )  # fmt: skip
    approve_by_another = forms.BooleanField(label=_("Another person than who began it must agree"), required=False)
    card = forms.CharField(label=_("Properties in which card numbers may stand"), max_length=500, required=False)
    iban = forms.CharField(label=_("Properties in which IBANs may stand"), max_length=500, required=False)
    national_id = forms.CharField(
        label=_("Properties in which national ids may stand"), max_length=500, required=False,
        help_text=_("Names as they come in, separated by commas, such as terminal or customer.attributes.national_id."),
    )  # fmt: skip

    def __init__(self, preferences: Mapping[str, Any], sent: QueryDict | None = None) -> None:
        stays = preferences.get(UNREDACTED) or {}
        told = {number.value: ", ".join(stays.get(number.value, ())) for number in Number}
        super().__init__(sent, initial={**told, **{name: preferences.get(name) for name in (APPROVE_ABOVE, BY_ANOTHER)}})

    @property
    def chosen(self) -> dict[str, Any]:
        """The rules as the preferences of a workspace keep them."""
        return {APPROVE_ABOVE: self.cleaned_data[APPROVE_ABOVE], BY_ANOTHER: self.cleaned_data[BY_ANOTHER], UNREDACTED: self.unredacted}

    @property
    def unredacted(self) -> dict[str, list[str]]:
        """Kind of number → the paths in which it stays."""
        said = {number.value: self.cleaned_data[number.value].replace("،", ",").split(",") for number in Number}
        return {kind: paths for kind, given in said.items() if (paths := sorted({one.strip() for one in given} - {""}))}


class RuleForm(forms.Form):
    """How long something is kept. It is saved once somebody saw how many such a rule takes: `asked` says for what they were counted."""

    months = WholeNumber(label=_("Keep for so many months"), min_value=1, max_value=600)

    @property
    def asked(self) -> str:
        """The rule as one word, by which a later save knows whether it is still the one that was counted; empty where none was said."""
        return ":".join(str(self.cleaned_data[name]) for name in self.fields) if self.is_valid() else ""


class RetentionForm(RuleForm):
    """How long a kind is kept, and what goes then."""

    kind = forms.TypedChoiceField(label=_("Kind of interaction"), coerce=int, empty_value=None, required=False)
    loss = forms.ChoiceField(
        label=_("Then forget"),
        choices=[
            (Redaction.Loss.TEXTS, _("the texts")),
            (Redaction.Loss.PERSON, _("who it was, and the texts")),
            (Redaction.Loss.WHOLE, _("all of it, from every figure too")),
        ],
    )
    field_order = ("kind", "months", "loss")

    def __init__(self, kinds: Sequence[tuple[int, str]], sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        self.fields["kind"].choices = [("", _("every kind without a rule of its own")), *kinds]  # type: ignore[attr-defined]


class RecordForm(RuleForm):
    """How long records of one sort are kept, and what goes then."""

    loss = forms.ChoiceField(label=_("Then"), widget=forms.RadioSelect)

    def __init__(self, kept: Kept, sent: QueryDict | None = None, *, rule: RetentionRule | None = None) -> None:
        first = next(iter(kept.losses))
        super().__init__(sent, initial={"months": rule.months if rule else kept.usual, "loss": rule.loss if rule else first})
        months = self.fields["months"]
        months.validators = [MinValueValidator(kept.least), MaxValueValidator(600)]
        if kept.least > 1:
            months.help_text = ngettext("At least %(n)s month.", "At least %(n)s months.", kept.least) % {"n": num(kept.least)}
        self.fields["loss"].choices = list(kept.losses.items())  # type: ignore[attr-defined]


class RefuseForm(forms.Form):
    """Why something may not write to those who wait."""

    reason = forms.CharField(
        label=_("Why not (your colleagues read it)"),
        max_length=200,
        error_messages={"required": _("Say why: whoever began it reads it.")},
    )


class StopForm(forms.Form):
    """Why nothing is sent any more. Too long a reason is cut by the service: it must not keep anybody from stopping."""

    reason = forms.CharField(label=_("Why (your colleagues read it)"), required=False, widget=forms.TextInput(attrs={"maxlength": "200"}))


PURPOSES = {Purpose.SURVEY: _("Surveys"), Purpose.SERVICE: _("Answers and notices to customers"), Purpose.MARKETING: _("Offers")}


class LiftForm(forms.Form):
    """What becomes of the messages that wait, for each of their purposes; and why, where some are dropped."""

    def __init__(self, waiting: Sequence[Waiting], sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        self.waiting = waiting
        for one in waiting:
            self.fields[one.purpose.value] = forms.ChoiceField(
                label=_told(one),
                choices=[("send", _("Send them")), ("drop", _("Drop them"))],
                initial="send",
                widget=forms.RadioSelect,
                help_text=_void(one),
            )
        if waiting:
            hint = _("Needed where some are; it is kept at each of them.")
            self.fields["reason"] = forms.CharField(label=_("Why some are dropped"), max_length=200, required=False, help_text=hint)

    @property
    def dropped(self) -> list[Purpose]:
        """The purposes whose messages are not to leave."""
        return [one.purpose for one in self.waiting if self.cleaned_data.get(one.purpose.value) == "drop"]

    def clean(self) -> dict[str, Any]:
        """Nothing is dropped without a reason."""
        if self.dropped and not str(self.cleaned_data.get("reason", "")).strip():
            self.add_error("reason", _("Say why: whoever looks for one of these messages reads it."))
        return self.cleaned_data


def _told(one: Waiting) -> str:
    words = ngettext("%(what)s: %(n)s message, since %(when)s", "%(what)s: %(n)s messages, the oldest since %(when)s", one.messages)
    return words % {"what": PURPOSES[one.purpose], "n": num(one.messages), "when": f"{moment(one.since)} ({ago(one.since)})"}


def _void(one: Waiting) -> str:
    if not one.void:
        return ""
    return ngettext(
        "%(n)s of them does not leave whatever you choose: it expired, was answered or declined meanwhile, or its survey has ended.",
        "%(n)s of them do not leave whatever you choose: they expired, were answered or declined meanwhile, or their survey has ended.",
        one.void,
    ) % {"n": num(one.void)}
