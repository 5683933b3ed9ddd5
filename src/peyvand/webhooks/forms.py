"""The form of a webhook: where, of what, and whether with what tells who it was."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from peyvand.timeline.queries import kind_labels
from peyvand.webhooks.models import Endpoint
from peyvand.webhooks.services.endpoints import known_kinds
from peyvand.workspaces.models import Workspace

EVERYTHING, CHOSEN = "all", "some"


class EndpointForm(forms.Form):
    """An endpoint's settings; without `endpoint`, those of a new one."""

    name = forms.CharField(label=_("What is it for?"), max_length=80, help_text=_("So that you know it again, for example “warehouse”."))
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("It must begin with https:// and lead to the public internet."),
        widget=forms.URLInput(
            attrs={"data-ltr": "", "dir": "ltr", "autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}
        ),
    )
    scope = forms.ChoiceField(
        label=_("It is told of"),
        choices=[(EVERYTHING, _("everything that happens")), (CHOSEN, _("only what is ticked below"))],
        widget=forms.RadioSelect,
        initial=EVERYTHING,
    )
    kinds = forms.MultipleChoiceField(label=_("Kinds"), required=False, widget=forms.CheckboxSelectMultiple)
    personal = forms.BooleanField(
        label=_("Send who it was as well"),
        required=False,
        help_text=_("Name, phone numbers and addresses. Without it, the customer is an id and contacts in texts are hidden."),
    )
    is_active = forms.BooleanField(label=_("It is told of new events"), required=False, initial=True)

    def __init__(self, sent: Any = None, *, workspace: Workspace, endpoint: Endpoint | None = None) -> None:
        initial = {}
        if endpoint is not None:
            initial = {name: getattr(endpoint, name) for name in ("name", "url", "kinds", "personal", "is_active")}
            initial["scope"] = CHOSEN if endpoint.kinds else EVERYTHING
        super().__init__(sent, initial=initial)
        codes = known_kinds(workspace)
        labels = kind_labels(workspace.pk, codes)
        self.fields["kinds"] = forms.MultipleChoiceField(
            label=_("Kinds"), required=False, widget=forms.CheckboxSelectMultiple, choices=[(code, labels[code]) for code in codes]
        )
        if endpoint is None:
            del self.fields["is_active"]

    def clean(self) -> dict[str, Any]:
        """Everything, or some kinds at least."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("scope") == CHOSEN and not given.get("kinds") and "kinds" not in self.errors:
            self.add_error("kinds", _("Tick one kind at least."))
        return given

    def values(self) -> dict[str, Any]:
        """What the services take."""
        given = self.cleaned_data
        kinds = given["kinds"] if given["scope"] == CHOSEN else []
        return {"name": given["name"], "url": given["url"], "kinds": kinds, "personal": given["personal"]}
