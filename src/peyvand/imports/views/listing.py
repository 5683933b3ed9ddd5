"""The list of imports, and the upload of a new one."""

from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.core.display import num
from peyvand.imports import services
from peyvand.imports.choosing import beside
from peyvand.imports.forms import UploadForm
from peyvand.imports.models import Import
from peyvand.imports.queries import TONES, imports_of, state_words
from peyvand.imports.types import FileProblem, State
from peyvand.workspaces.access import ConsoleRequest, pid_of, requires
from peyvand.workspaces.types import Permission

PAGE = 25


def address(one: Import, name: str = "imports:one") -> str:
    """The address of an import's page."""
    return reverse(name, args=[pid_of(one.workspace, one)])


@requires(Permission.IMPORTS_MANAGE)
@require_safe
def imports(request: ConsoleRequest) -> HttpResponse:
    """Every import of the workspace, the latest first."""
    page = Paginator(imports_of(request.workspace).select_related("workspace"), PAGE).get_page(request.GET.get("page"))
    rows = [{"import": one, "url": address(one), "state": state_words(one.state), "tone": TONES.get(State(one.state), "")} for one in page]
    pager = {
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "summary": _("%(first)s to %(last)s of %(all)s")
        % {"first": num(page.start_index()), "last": num(page.end_index()), "all": num(page.paginator.count)}
        if page.paginator.num_pages > 1
        else "",
    }
    return render(request, "imports/list.html", {"rows": rows, "pager": pager})


@requires(Permission.IMPORTS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ConsoleRequest) -> HttpResponse:
    """Upload a file and those that belong to it."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        main: UploadedFile[bytes] = form.cleaned_data["file"]
        files = {"main": (main.name or "file", main.chunks()), **beside(form.cleaned_data["more"])}
        try:
            one = services.store(workspace=request.workspace, name=main.name or "file", files=files, actor=request.user)
        except FileProblem as problem:
            form.add_error("file", str(problem))
        else:
            return redirect(address(one))
    return render(request, "imports/new.html", {"form": form}, status=422 if form.errors else 200)
