"""Own kinds of interaction: declared with typed fields, recorded at once, put away."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.forms import TYPES, KindForm
from peyvand.timeline.kinds import kinds as built_in
from peyvand.timeline.services import declare_kind
from peyvand.timeline.services.kinds import KindError
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.snippets import curl_example
from peyvand.workspaces.types import Permission


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: ConsoleRequest) -> HttpResponse:
    """The own kinds with an example each, those that are built in, and a form for another."""
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            term = declare_kind(workspace=request.workspace, actor=request.user, **form.declared())
        except KindError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("“%(name)s” can be recorded from now on.") % {"name": term.label})
            return redirect("timeline:kinds")
    language = get_language() or "en"
    words = dict(TYPES)
    own = Term.objects.filter(workspace=request.workspace, dimension=Dimension.KIND, details__declared=True).order_by("archived", "code")
    rows = [
        {
            "term": term,
            "pid": pid_of(request.workspace, term),
            "fields": [{"name": name, "type": words.get(kind, kind)} for name, kind in (term.details.get("fields") or {}).items()],
            "curl": curl_example(settings.PEYVAND_URL, "sk_…", kind=term.code),
        }
        for term in own
    ]
    known = [{"code": kind.code, "label": kind.label(language), "icon": kind.icon} for kind in built_in().values()]
    return render(request, "timeline/kinds.html", {"form": form, "rows": rows, "known": known})


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def archive(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Put an own kind away, so that it is refused from now on, or take it back (`back`); what was recorded stays."""
    term = own_or_404(request, Term.objects.filter(dimension=Dimension.KIND, details__declared=True), pid)
    declare_kind(
        workspace=request.workspace,
        code=term.code,
        names=term.names,
        fields=term.details.get("fields") or {},
        actor=request.user,
        archived="back" not in request.POST,
    )
    messages.success(request, _("Saved."))
    return redirect("timeline:kinds")
