"""Forms of the wizard: the files, which column means what, a map by name or by hand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.queries import terms_of
from peyvand.core.display import num
from peyvand.imports.mapping.schema import Join
from peyvand.imports.mapping.shipped import shipped_maps
from peyvand.imports.mapping.writing import written_map
from peyvand.imports.models import Import
from peyvand.timeline.kinds import kinds

COLUMN_FIELDS = (
    ("occurred_at", _("When")),
    ("phone", _("Phone number")),
    ("email", _("E-mail")),
    ("own_id", _("Your number of the customer")),
    ("name", _("Customer's name")),
    ("external_id", _("Number of the order or row")),
    ("amount", _("Amount")),
    ("score", _("Score")),
    ("score_2", _("Second score")),
    ("score_3", _("Third score")),
    ("comment", _("Words")),
    ("product", _("Product")),
    ("branch", _("Branch")),
    ("department", _("Department")),
    ("channel", _("Channel")),
    ("stage", _("Stage")),
    ("employee", _("Employee")),
)
MEASURES = (("rating", _("Stars, 1 to 5")), ("nps", _("NPS, 0 to 10")), ("csat", _("Satisfaction, 1 to 5")), ("ces", _("Effort, 1 to 7")))
SCALES = ("1-5", "0-5", "1-7", "0-10", "1-10", "0-20", "0-100")
SCORES = {"score": "measure", "score_2": "measure_2", "score_3": "measure_3"}
FURTHER = ("score_2", "measure_2", "scale_2", "score_3", "measure_3", "scale_3")
CALENDARS = (("auto", _("As it is written")), ("jalali", _("Jalali")), ("gregorian", _("Gregorian")))
ORDERS = (("ymd", _("year, month, day")), ("dmy", _("day, month, year")), ("mdy", _("month, day, year")))
BROUGHT_FIRST = (
    "order.placed",
    "order.delivered",
    "survey.answered",
    "review.written",
    "call.ended",
    "message.received",
    "branch.visited",
    "opinion.spoken",
    "order.cancelled",
    "order.refunded",
    "customer.updated",
)
OURS_ALONE = frozenset({"case.opened", "case.reopened", "case.closed", "contact.made"})  # each is about a case that Peyvand keeps
UNITS = (("", _("As the workspace counts")), ("toman", _("Toman")), ("rial", _("Rial")))


class ManyFiles(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, each checked like one."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        """Clean each file."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(ManyFilesField, self).clean(one, initial) for one in given]


class UploadForm(forms.Form):
    """The file to import, and those that belong to it."""

    file = forms.FileField(label=_("File"), widget=forms.FileInput, help_text=_("CSV, XLSX, Parquet or NDJSON. What it is, is found out."))
    more = ManyFilesField(
        label=_("Files that belong to it"),
        required=False,
        help_text=_("Only where a map joins several files, such as orders with their customers."),
    )


JOINED = {"customers": _("Customers"), "items": _("Items of the orders"), "payments": _("Payments"), "reviews": _("Reviews")}  # of our maps


class BesideForm(forms.Form):
    """The files a map joins and that are not there yet, each under the map's name for it."""

    def __init__(self, missing: Mapping[str, Join], sent: Any = None, files: Any = None) -> None:
        super().__init__(sent, files, auto_id="beside_%s")
        for name, join in missing.items():
            hint = _("Usually named %(pattern)s") % {"pattern": f"\u2068{join.files[0]}\u2069"} if join.files else ""
            self.fields[name] = forms.FileField(label=JOINED.get(name) or f"\u2068{name}\u2069", widget=forms.FileInput, help_text=hint)


def kind_choices(workspace_id: int) -> list[tuple[str, str]]:
    """What a row can be: what people bring first, the workspace's own, the other kinds; without what only Peyvand itself does."""
    language = get_language() or "en"
    built_in = {code: kind.label(language) for code, kind in kinds().items() if code not in OURS_ALONE}
    first = [(code, built_in.pop(code)) for code in BROUGHT_FIRST if code in built_in]
    own = _named(term for term in terms_of(workspace_id, "kind") if term.details.get("declared"))
    return [*first, *own, *built_in.items()]


def _named(terms: Iterable[Term]) -> list[tuple[str, str]]:
    language = (get_language() or "en")[:2]
    return [(term.code, term.names.get(language) or term.code) for term in terms]


class ColumnsForm(forms.Form):
    """Which column means what; writes a map."""

    kind = forms.ChoiceField(label=_("Each row is"))
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CALENDARS, required=False)
    order = forms.ChoiceField(label=_("Dates are written"), choices=ORDERS, required=False)
    unit = forms.ChoiceField(label=_("Amounts are in"), choices=UNITS, required=False)
    measure = forms.ChoiceField(label=_("The score is"), choices=MEASURES, required=False)
    scale = forms.ChoiceField(label=_("Its scale"), required=False)
    measure_2 = forms.ChoiceField(label=_("The second score is"), choices=MEASURES, required=False)
    scale_2 = forms.ChoiceField(label=_("Its scale"), required=False)
    measure_3 = forms.ChoiceField(label=_("The third score is"), choices=MEASURES, required=False)
    scale_3 = forms.ChoiceField(label=_("Its scale"), required=False)
    touchpoint = forms.ChoiceField(label=_("Touchpoint"), required=False)
    attributes = forms.MultipleChoiceField(label=_("Further facts about the customer"), required=False, widget=forms.CheckboxSelectMultiple)
    source = forms.SlugField(
        label=_("Name of the source"),
        max_length=40,
        help_text=_("The same name for the next file of this kind: what was imported once is then not doubled."),
    )

    def __init__(self, *args: Any, one: Import, columns: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.one = one
        choices = [("", "—"), *((name, name) for name in columns)]
        for name, label in COLUMN_FIELDS:
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=name == "occurred_at")
        self._choose("attributes", [(name, f"\u2068{name}\u2069") for name in columns])
        scales = [("", _("Its usual scale")), *((code, _scale_words(code)) for code in SCALES)]
        for name in ("scale", "scale_2", "scale_3"):
            self._choose(name, scales)
        self._choose("kind", kind_choices(one.workspace_id))
        self._choose("touchpoint", [("", _("As usual for it")), *_named(terms_of(one.workspace_id, "touchpoint"))])
        if one.workspace.currency != "IRR":
            del self.fields["unit"]

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """One column means one thing, but for the order's number, and there is something to record of somebody."""
        cleaned: dict[str, Any] = super().clean() or {}
        used: dict[str, str] = {}
        for name, label in COLUMN_FIELDS:
            column = cleaned.get(name)
            if column and column in used and "external_id" not in (name, used[column]):
                self.add_error(name, _("This column is chosen twice."))
            elif column:
                used[column] = name
            del label
        self._check_scores(cleaned)
        if cleaned.get("attributes") and not any(cleaned.get(name) for name in ("phone", "email", "own_id")):
            self.add_error("attributes", _("Say first by which column a customer is known."))
        return cleaned

    def _check_scores(self, cleaned: dict[str, Any]) -> None:
        """Each score is of a measure of its own: two of one measure could not be told apart."""
        met: set[str] = set()
        for name, measure in SCORES.items():
            if cleaned.get(name):
                asked = cleaned.get(measure) or "rating"
                if asked in met:
                    self.add_error(measure, _("Another score is of this measure already."))
                met.add(asked)

    def text(self) -> str:
        """The map these choices make."""
        return written_map(self.cleaned_data, digest=self.one.digest)

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in the order they are asked for."""
        shown = (
            (_("What and when"), ("kind", "occurred_at", "calendar", "order", "external_id")),
            (_("Who"), ("phone", "email", "own_id", "name", "attributes")),
            (_("What for and how it felt"), ("amount", "unit", "score", "measure", "scale", "comment")),
            (_("Further scores of the same row"), FURTHER),
            (_("Where"), ("product", "branch", "department", "channel", "stage", "employee", "touchpoint", "source")),
        )
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in shown]


def _scale_words(code: str) -> str:
    low, high = code.split("-")
    return _("%(low)s to %(high)s") % {"low": num(int(low)), "high": num(int(high))}


class MapForm(forms.Form):
    """A map that comes with Peyvand, or one written by hand."""

    name = forms.ChoiceField(label=_("Ready-made map"), required=False)
    text = forms.CharField(
        label=_("Map as TOML"),
        required=False,
        max_length=256 * 1024,
        strip=False,
        widget=forms.Textarea(attrs={"dir": "ltr", "rows": 16, "spellcheck": "false", "class": "pv-code"}),
    )

    def __init__(self, sent: Any = None, *, initial: dict[str, str] | None = None) -> None:
        super().__init__(sent, initial=initial, auto_id="map_%s")  # the form of columns beside it has an id_name too
        language = get_language() or "en"
        field = self.fields["name"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type
        field.choices = [("", _("The text below")), *((one.name, one.title(language)) for one in shipped_maps().values())]

    def clean(self) -> dict[str, Any]:
        """One of the two must be given."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("name") and not (cleaned.get("text") or "").strip():
            raise forms.ValidationError(_("Choose a map or write one."))
        return cleaned

    def chosen(self) -> tuple[str, str]:
        """Name and text of the map. A ready-made one that stood there and whose text was changed is one written by hand."""
        name, text = self.cleaned_data["name"], self.cleaned_data["text"]
        edited = name == self.initial.get("name") and text.strip() and text.splitlines() != self.initial.get("text", "").splitlines()
        return ("", text) if edited or not name else (name, shipped_maps()[name].text)
