"""Own kinds of interaction: declared with typed fields, recorded at once, put away."""

from typing import Final

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.forms import TYPES, KindForm
from peyvand.timeline.kinds import kinds as built_in
from peyvand.timeline.queries import declared_fields, field_labels
from peyvand.timeline.services import declare_kind
from peyvand.timeline.services.kinds import KindError
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.snippets import curl_example
from peyvand.workspaces.types import Permission

EXAMPLES: Final = {"text": "…", "number": 1, "yes_no": True, "date": "2026-11-21"}


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: ConsoleRequest) -> HttpResponse:
    """The own kinds with an example each, those that are built in, and a form for another, or for the one to `change`."""
    chosen = request.GET.get("change", "")
    known = own_or_404(request, _own(), chosen) if chosen else None
    form = KindForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid() and _declare(request, form, known):
        return redirect("timeline:kinds")
    language = get_language() or "en"
    context = {
        "form": form,
        "changed": known,
        "rows": [_row(request, term) for term in _own().filter(workspace=request.workspace).order_by("archived", "code")],
        "known": [{"code": kind.code, "label": kind.label(language), "icon": kind.icon} for kind in built_in().values()],
    }
    return render(request, "timeline/kinds.html", context)


def _own() -> QuerySet[Term]:
    return Term.objects.filter(dimension=Dimension.KIND, details__declared=True)


def _declare(request: ConsoleRequest, form: KindForm, known: Term | None) -> bool:
    """Declare or change; False where the form says why not. A new kind must not write over one that is there."""
    given = form.declared()
    if known is None and _own().filter(workspace=request.workspace, code=given["code"].strip().lower()).exists():
        form.add_error("code", _("This kind is declared already; change it in the list."))
        return False
    try:
        term = declare_kind(workspace=request.workspace, actor=request.user, archived=known is not None and known.archived, **given)
    except KindError as error:
        form.add_error("code", str(error))
        return False
    if known is None:
        messages.success(request, _("“%(name)s” can be recorded from now on.") % {"name": term.label})
    else:
        messages.success(request, _("Saved."))
    return True


def _row(request: ConsoleRequest, term: Term) -> dict[str, object]:
    words, fields, labels = dict(TYPES), declared_fields(term), field_labels(term)
    example = {name: EXAMPLES.get(of, "") for name, of in fields.items()}
    called = term.details.get("labels") or {}
    return {
        "term": term,
        "pid": pid_of(request.workspace, term),
        "fields": [
            {"name": name, "label": labels[name], "called": name in called, "type": words.get(of, of)} for name, of in fields.items()
        ],
        "curl": curl_example(settings.PEYVAND_URL, "sk_…", kind=term.code, properties=example),
    }


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def archive(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Put an own kind away, so that it is refused from now on, or take it back (`back`); what was recorded stays."""
    term = own_or_404(request, _own(), pid)
    declare_kind(
        workspace=request.workspace,
        code=term.code,
        names=term.names,
        fields=declared_fields(term),
        labels=term.details.get("labels") or {},
        actor=request.user,
        archived="back" not in request.POST,
    )
    messages.success(request, _("Saved."))
    return redirect("timeline:kinds")
