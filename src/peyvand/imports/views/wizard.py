"""One import: its columns and map, the check, the run, and what came of it. Which of these a page shows follows from its state."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from peyvand.core.display import duration, num
from peyvand.imports import services
from peyvand.imports.choosing import UNDECIDED, look_at, missing, preview_of
from peyvand.imports.forms import BesideForm, ColumnsForm, MapForm
from peyvand.imports.mapping.schema import read_map
from peyvand.imports.mapping.shipped import shipped_maps
from peyvand.imports.models import Import
from peyvand.imports.queries import TONES, check_told, progress_of, state_words
from peyvand.imports.services.opening import sample_of
from peyvand.imports.types import FileProblem, ImportProblem, MapProblem, State
from peyvand.imports.views.listing import address
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.services import audit
from peyvand.workspaces.types import Permission

MOVING = (State.CHECKING, State.RUNNING, State.UNDOING)


def _of(request: ConsoleRequest, pid: str) -> Import:
    """The import of this workspace; 404 for every other."""
    return own_or_404(request, Import.objects.select_related("workspace", "created_by"), pid)


@requires(Permission.IMPORTS_MANAGE)
@require_safe
def one(request: ConsoleRequest, pid: str) -> HttpResponse:
    """The page of an import."""
    found = _of(request, pid)
    if found.state not in UNDECIDED:
        return render(request, "imports/run.html", _outcome(found))
    return _choose(request, found)


def _choose(
    request: ConsoleRequest,
    found: Import,
    columns: ColumnsForm | None = None,
    by_map: MapForm | None = None,
    files: BesideForm | None = None,
) -> HttpResponse:
    """The step where columns get their meaning."""
    try:
        looked = look_at(found)
    except FileProblem as problem:
        return render(request, "imports/unreadable.html", {"import": found, "problem": str(problem)}, status=422)
    columns = columns or ColumnsForm(one=found, columns=looked.sample.columns, initial=looked.choices)
    by_map = by_map or MapForm(initial={"name": found.map_name, "text": looked.text})
    lacking = missing(found)
    files = files or (BesideForm(lacking) if lacking else None)
    failed = any(form.is_bound and form.errors for form in (columns, by_map, files) if form is not None)
    context = {
        "import": found,
        "import_pid": pid_of(found.workspace, found),
        "sample": looked.sample,
        "columns": columns,
        "by_map": by_map,
        "named": found.map_name,
        "named_title": known.title(get_language() or "en") if (known := shipped_maps().get(found.map_name)) else found.map_name,
        "result": check_told(found),
        "beside": files,
        "about": known.about(get_language() or "en") if known else "",
        **({} if lacking else preview_of(found, looked.text)),
    }
    return render(request, "imports/choose.html", context, status=422 if failed else 200)


@requires(Permission.IMPORTS_MANAGE)
@require_POST
def beside(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Take the files that belong to the main one."""
    found = _of(request, pid)
    form = BesideForm(missing(found), request.POST, request.FILES)
    if form.is_valid():
        try:
            files = {role: (file.name or role, file.chunks()) for role, file in form.cleaned_data.items()}
            services.add_files(one=found, files=files)
        except (FileProblem, ImportProblem) as problem:
            messages.error(request, str(problem))
        return redirect(address(found))
    return _choose(request, found, files=form)


@requires(Permission.IMPORTS_MANAGE)
@require_POST
def preview(request: ConsoleRequest, pid: str) -> HttpResponse:
    """What the columns as chosen would make of the first rows; answers while they are being chosen."""
    found = _of(request, pid)
    try:
        form = ColumnsForm(request.POST, one=found, columns=sample_of(found).columns)
    except FileProblem as problem:
        return render(request, "imports/preview.html", {"problem": str(problem)})
    if not form.is_valid():
        words = " ".join(f"{form[name].label if name in form.fields else ''}: {errors[0]}" for name, errors in form.errors.items())
        return render(request, "imports/preview.html", {"problem": words})
    return render(request, "imports/preview.html", preview_of(found, form.text()))


@requires(Permission.IMPORTS_MANAGE)
@require_POST
def columns(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Keep the columns as chosen, then check the whole file."""
    found = _of(request, pid)
    try:
        form = ColumnsForm(request.POST, one=found, columns=sample_of(found).columns)
        if form.is_valid():
            services.set_map(one=found, text=form.text())
            services.ask_check(one=found)
            return redirect(address(found))
    except (FileProblem, MapProblem, ImportProblem) as problem:
        messages.error(request, str(problem))
        return redirect(address(found))
    return _choose(request, found, columns=form)


@requires(Permission.IMPORTS_MANAGE)
@require_POST
def by_map(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Keep a ready-made or written map, then check the whole file."""
    found = _of(request, pid)
    form = MapForm(request.POST, initial={"name": found.map_name, "text": found.map_text})
    if form.is_valid():
        name, text = form.chosen()
        try:
            read_map(text)
            services.set_map(one=found, text=text, name=name)
            services.ask_check(one=found)
            return redirect(address(found))
        except MapProblem as problem:
            form.add_error("text", str(problem))
        except ImportProblem as problem:
            messages.error(request, str(problem))
            return redirect(address(found))
    return _choose(request, found, by_map=form)


@requires(Permission.IMPORTS_MANAGE)
@require_safe
def progress(request: ConsoleRequest, pid: str) -> HttpResponse:
    """How far it is, asked every two seconds; sends the page anew once it is through."""
    found = _of(request, pid)
    if found.state not in MOVING:
        answer = HttpResponse()
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "imports/progress.html", _outcome(found))


@requires(Permission.IMPORTS_MANAGE)
@require_POST
def act(request: ConsoleRequest, pid: str, verb: str) -> HttpResponse:
    """Start, check, undo, go on, import again, delete the files."""
    found = _of(request, pid)
    verbs: dict[str, Callable[[], object]] = {
        "start": lambda: services.start(one=found, actor=request.user),
        "check": lambda: services.ask_check(one=found),
        "cancel-check": lambda: services.cancel_check(one=found),
        "undo": lambda: services.undo(one=found, actor=request.user),
        "resume": lambda: services.resume(one=found),
        "delete-files": lambda: services.delete_files(one=found, actor=request.user),
        "again": lambda: services.again(one=found, actor=request.user),
    }
    if verb not in verbs:
        raise Http404
    try:
        made = verbs[verb]()
    except ImportProblem as problem:
        messages.error(request, str(problem))
        return redirect(address(found))
    return redirect(address(made if isinstance(made, Import) else found))


@requires(Permission.IMPORTS_MANAGE)
@require_safe
def rejected(request: ConsoleRequest, pid: str) -> StreamingHttpResponse:
    """Download the rejected rows with their reasons in the language of who asks."""
    found = _of(request, pid)
    if found.files_deleted_at is not None or not found.rejected_path.exists():
        raise Http404
    audit(workspace=request.workspace, actor=request.user, action="import.rejected_read", target=found, detail={"rows": found.rejected})
    name = f"rejected-{found.name.rpartition('.')[0] or found.name}.csv"
    answer = StreamingHttpResponse(services.downloaded(found.rejected_path), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


def _percent(found: Import, running: int) -> int | None:
    """How far the bar is; None where that is not known yet."""
    if found.state == State.CHECKING and found.check_result.get("of"):
        return int(100 * found.check_result["done"] // found.check_result["of"])
    return running if found.state == State.RUNNING and found.rows else None


def _outcome(found: Import) -> dict[str, Any]:
    """What the page of a begun import shows."""
    now = progress_of(found)
    text, checked = "", found.check_result if found.state == State.CHECKING else {}
    if found.state == State.RUNNING and found.rows:
        text = _("%(done)s of %(all)s rows read") % {"done": num(found.position), "all": num(found.rows)}
        if now.left_s is not None:
            rate = _("%(n)s a second, about %(left)s left") % {"n": num(now.per_second), "left": duration(max(1, now.left_s))}
            text = _("%(done)s; %(rate)s") % {"done": text, "rate": rate}
    elif found.state == State.RUNNING:
        text = _("The file is being read.")
    elif checked.get("of"):
        text = _("%(done)s of %(all)s rows checked; nothing is recorded yet.") % {"done": num(checked["done"]), "all": num(checked["of"])}
    elif found.state == State.CHECKING:
        text = _("Every row is being checked; nothing is recorded yet.")
    elif found.state == State.UNDOING:
        text = _("What it recorded is hidden already and is being taken away.")
    return {
        "import": found,
        "import_pid": pid_of(found.workspace, found),
        "moving": found.state in MOVING,
        "percent": _percent(found, now.percent),
        "text": text,
        "poll_url": address(found, "imports:progress"),
        "state": state_words(found.state),
        "tone": TONES.get(State(found.state), ""),
        "has_rejected": bool(found.rejected) and found.files_deleted_at is None and found.rejected_path.exists(),
        "can_undo": found.state in (State.RUNNING, State.DONE, State.FAILED),
    }
