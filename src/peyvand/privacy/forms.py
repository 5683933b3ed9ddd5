"""Forms of privacy."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from peyvand.channels.services.approving import APPROVE_ABOVE
from peyvand.core.forms import WholeNumber, typed
from peyvand.core.redaction import Number
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
        label=_("Ask before more people than this are written to at once"), min_value=0, max_value=10_000_000, required=False,
        help_text=_("Empty: nobody is asked."), widget=typed("numeric", 8),
    )  # fmt: skip
    card = forms.CharField(label=_("Properties in which card numbers may stand"), max_length=500, required=False)
    iban = forms.CharField(label=_("Properties in which IBANs may stand"), max_length=500, required=False)
    national_id = forms.CharField(
        label=_("Properties in which national ids may stand"), max_length=500, required=False,
        help_text=_("Names as they come in, separated by commas, such as terminal or customer.attributes.national_id."),
    )  # fmt: skip

    def __init__(self, preferences: Mapping[str, Any], sent: QueryDict | None = None) -> None:
        stays = preferences.get(UNREDACTED) or {}
        told = {number.value: ", ".join(stays.get(number.value, ())) for number in Number}
        super().__init__(sent, initial={**told, APPROVE_ABOVE: preferences.get(APPROVE_ABOVE)})

    @property
    def unredacted(self) -> dict[str, list[str]]:
        """Kind of number → the paths in which it stays."""
        said = {number.value: self.cleaned_data[number.value].replace("،", ",").split(",") for number in Number}
        return {kind: paths for kind, given in said.items() if (paths := sorted({one.strip() for one in given} - {""}))}


class RetentionForm(forms.Form):
    """How long a kind is kept, and what goes then."""

    kind = forms.TypedChoiceField(label=_("Kind of interaction"), coerce=int, empty_value=None, required=False)
    months = WholeNumber(label=_("Keep for so many months"), min_value=1, max_value=600)
    loss = forms.ChoiceField(
        label=_("Then forget"),
        choices=[
            (Redaction.Loss.TEXTS, _("the texts")),
            (Redaction.Loss.PERSON, _("who it was, and the texts")),
            (Redaction.Loss.WHOLE, _("all of it, from every figure too")),
        ],
    )

    def __init__(self, kinds: Sequence[tuple[int, str]], sent: QueryDict | None = None) -> None:
        super().__init__(sent)
        self.fields["kind"].choices = [("", _("every kind without a rule of its own")), *kinds]  # type: ignore[attr-defined]


class StopForm(forms.Form):
    """Why nothing is sent any more."""

    reason = forms.CharField(label=_("Why (your colleagues read it)"), max_length=200, required=False)
