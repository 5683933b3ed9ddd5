"""Forms of one case: contact, message, promise, owner, deadline, end; and a new case by hand."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.cases import moments, wording
from peyvand.cases.models import Case, CasePolicy
from peyvand.cases.types import ContactResult, Outcome
from peyvand.workspaces.models import Member, Workspace
from peyvand.workspaces.types import Permission

WORDS = 4000
LINE = 200
Choices = Sequence[tuple[str, str]]


class MomentField(forms.ChoiceField):
    """A moment to come, chosen from a list; what a browser kept from an hour ago is still understood."""

    def clean(self, value: Any) -> dt.datetime | None:
        """The moment. Raises ValidationError for one that is past or none."""
        text = str(value or "")
        moment = moments.read_moment(text) if text else None
        if moment is None and (text or self.required):
            raise forms.ValidationError(_("Choose a time that is still to come."))
        return moment


class SeenForm(forms.Form):
    """A form that knows which version of the case its page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        self.case, self.workspace = case, case.workspace
        kwargs.setdefault("initial", {})["seen"] = case.version
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Fill in choices that depend on the case."""

    def choose(self, name: str, choices: Choices) -> None:
        """Give a field what can be chosen."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


def reason_choices(policy: CasePolicy, current: str = "") -> list[tuple[str, str]]:
    """The brand's reasons, none of them first; one that was taken off the list only where it is chosen already."""
    offered = [reason["code"] for reason in policy.reasons if not reason.get("off") or reason["code"] == current]
    return [("", "–"), *((code, wording.reason_label(policy.reasons, code)) for code in offered)]


class ContactForm(SeenForm):
    """What came of a call, and what was promised in it."""

    result = forms.ChoiceField(label=_("Result of the call"), widget=forms.RadioSelect, initial=ContactResult.TALKED)
    later = MomentField(label=_("Call again"), required=False)
    text = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("For example: we apologised; a new cup is on its way")}),
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    promised = forms.CharField(
        label=_("What you promised"),
        required=False,
        max_length=LINE,
        help_text=_("Promises stay in the case with their day, and you are reminded of them."),
    )
    promised_for = MomentField(label=_("By when"), required=False)

    def build(self) -> None:
        self.choose("result", [(r.value, wording.result_label(r)) for r in ContactResult if r is not ContactResult.WRITTEN])
        self.choose("later", moments.later_choices(self.workspace))
        self.choose("promised_for", moments.promise_choices(self.workspace))
        self.choose("reason", reason_choices(self.workspace.case_policy, self.case.reason))
        self.initial.setdefault("reason", self.case.reason)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("result") == ContactResult.LATER and not found.get("later") and "later" not in self.errors:
            self.add_error("later", _("Choose when to call again."))
        if found.get("promised", "").strip() and not found.get("promised_for") and "promised_for" not in self.errors:
            self.add_error("promised_for", _("Choose the day of your promise."))
        return found


class MessageForm(SeenForm):
    """A message to the customer by e-mail."""

    subject = forms.CharField(label=pgettext_lazy("message", "Subject"), max_length=LINE)
    text = forms.CharField(label=_("Message"), max_length=WORDS, widget=forms.Textarea(attrs={"rows": 5}))


class PromiseForm(SeenForm):
    """One promise and its day."""

    promised = forms.CharField(label=_("What you promised"), max_length=LINE)
    promised_for = MomentField(label=_("By when"))

    def build(self) -> None:
        self.choose("promised_for", moments.promise_choices(self.workspace))


class CloseForm(SeenForm):
    """How a case ended."""

    outcome = forms.ChoiceField(label=_("How did it end?"), widget=forms.RadioSelect, initial=Outcome.SOLVED)
    text = forms.CharField(
        label=_("What was done"),
        required=False,
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("For example: replaced in the branch, delivery refunded")}),
    )
    ask_again = forms.BooleanField(label=_("Ask the customer once more how it is now"), required=False, initial=True)

    def build(self) -> None:
        self.choose("outcome", [(o.value, wording.outcome_label(o)) for o in Outcome])


class NoteForm(SeenForm):
    """A note for colleagues."""

    text = forms.CharField(label=_("Note for colleagues"), max_length=WORDS, widget=forms.Textarea(attrs={"rows": 2}))


class OwnerForm(SeenForm):
    """Whose case it is."""

    owner = forms.ChoiceField(label=pgettext_lazy("case", "Owner"), required=False)

    def build(self) -> None:
        self.choose("owner", [("", str(_("Nobody"))), *((str(member.pk), str(member)) for member in workers(self.workspace))])
        self.initial.setdefault("owner", str(self.case.owner_id or ""))

    def clean_owner(self) -> Member | None:
        """The member chosen, or None for nobody."""
        chosen = self.cleaned_data["owner"]
        return next((member for member in workers(self.workspace) if str(member.pk) == chosen), None)


class DeadlineForm(SeenForm):
    """The deadline and the reason of a case."""

    reason = forms.ChoiceField(label=_("Reason"), required=False)
    due_at = MomentField(label=_("Move the deadline to"), required=False)

    def build(self) -> None:
        self.choose("reason", reason_choices(self.workspace.case_policy, self.case.reason))
        self.choose("due_at", [("", str(_("Leave it as it is"))), *moments.later_choices(self.workspace)])
        self.initial.setdefault("reason", self.case.reason)


class NewCaseForm(forms.Form):
    """A case by hand, for something a customer said outside any survey."""

    words = forms.CharField(
        label=_("What did the customer say?"),
        max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": _("In the customer’s own words, as far as you remember them")}),
    )
    reason = forms.ChoiceField(label=_("Reason"), required=False)

    def __init__(self, policy: CasePolicy, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        if isinstance(field, forms.ChoiceField):
            field.choices = reason_choices(policy)


def workers(workspace: Workspace) -> list[Member]:
    """Members who may own a case."""
    members = Member.objects.filter(workspace=workspace, is_active=True, user__is_active=True).select_related("user", "custom_role")
    return [member for member in members.order_by("user__name", "id") if member.may(Permission.CASES_WORK)]
