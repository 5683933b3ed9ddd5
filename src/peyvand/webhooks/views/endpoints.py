"""Settings of webhooks: the list with a form for another, and one with its last deliveries, its secret and a test."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.core import clock
from peyvand.core.display import num
from peyvand.core.ids import private_id
from peyvand.timeline.queries import kind_labels
from peyvand.webhooks import services
from peyvand.webhooks.forms import EndpointForm
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.webhooks.queries import Tally, tallies, tellings
from peyvand.webhooks.types import TESTED, WebhookError
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.types import Permission

EDIT = ["GET", "HEAD", "POST"]
TONES = {Telling.State.WAITING: "accent", Telling.State.TOLD: "good", Telling.State.DEAD: "bad"}


@requires(Permission.SETTINGS_MANAGE)
@never_cache
@require_http_methods(EDIT)
def endpoints(request: ConsoleRequest) -> HttpResponse:
    """Every webhook, and a form for another one; a new secret is shown in this one answer."""
    form = EndpointForm(request.POST or None, workspace=request.workspace)
    made: dict[str, str] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            endpoint, secret = services.make_endpoint(workspace=request.workspace, actor=request.user, **form.values())
        except WebhookError as error:
            form.add_error(error.field, str(error))
        else:
            made = {"name": endpoint.name, "secret": secret, "pid": pid_of(request.workspace, endpoint)}
            form = EndpointForm(workspace=request.workspace)
    found = list(Endpoint.objects.filter(workspace=request.workspace).order_by("pk"))
    how = tallies(found)
    context = {"form": form, "made": made, "rows": [_row(request, endpoint, how.get(endpoint.pk, Tally())) for endpoint in found]}
    return render(request, "webhooks/endpoints.html", context, status=422 if form.is_bound and form.errors else 200)


def _row(request: ConsoleRequest, endpoint: Endpoint, how: Tally) -> dict[str, Any]:
    state, tone = _state(endpoint, how)
    return {"endpoint": endpoint, "pid": pid_of(request.workspace, endpoint), "how": how, "state": state, "tone": tone}


def _state(endpoint: Endpoint, how: Tally) -> tuple[str, str]:
    if not endpoint.is_active:
        return _("Off"), ""
    if endpoint.failures:
        return _("Does not answer"), "bad"
    if how.dead:
        return _("Some were given up"), "mixed"
    return (_("Works"), "good") if how.last else (_("Nothing told yet"), "accent")


@requires(Permission.SETTINGS_MANAGE)
@never_cache
@require_http_methods(EDIT)
def endpoint(request: ConsoleRequest, pid: str) -> HttpResponse:
    """One webhook: its settings, and what it was told lately."""
    row = own_or_404(request, Endpoint.objects.all(), pid)
    form = EndpointForm(request.POST or None, workspace=request.workspace, endpoint=row)
    if request.method == "POST" and form.is_valid():
        try:
            active = form.cleaned_data["is_active"]
            services.change_endpoint(endpoint=row, actor=request.user, is_active=active, **form.values())
        except WebhookError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("webhooks:endpoint", pid)
    return render(request, "webhooks/endpoint.html", _context(request, row, form), status=422 if form.is_bound and form.errors else 200)


def _context(request: ConsoleRequest, row: Endpoint, form: EndpointForm, secret: str = "") -> dict[str, Any]:
    state = request.GET.get("state", "")
    state = state if state in Telling.State.values else ""
    page = tellings(row, state=state, cursor=request.GET.get("from", ""))
    how = tallies([row]).get(row.pk, Tally())
    labels = kind_labels(request.workspace.pk, {telling.kind for telling in page.rows} - {TESTED}) | {TESTED: _("Test")}
    return {
        **_row(request, row, how),
        "form": form,
        "secret": secret,
        "finding": _finding(row, how),
        "tellings": [_told(request, telling, labels) for telling in page.rows],
        "tabs": [{"label": _("All"), "url": "?", "current": not state}]
        + [{"label": words, "url": f"?state={value}", "current": state == value} for value, words in _words().items()],
        "state_chosen": state,
        "pager": {"previous_url": "", "next_url": _url(state, page.following)},
    }


def _words() -> dict[str, str]:
    return {
        Telling.State.WAITING: _("Waiting"),
        Telling.State.TOLD: _("Arrived"),
        Telling.State.DEAD: _("Given up"),
    }


def _told(request: ConsoleRequest, telling: Telling, labels: dict[str, str]) -> dict[str, Any]:
    error = _(telling.error) if telling.error and not telling.status else ""
    if telling.status and telling.state != Telling.State.TOLD:
        error = _("It answered %(status)s.") % {"status": num(telling.status)}
    return {
        "telling": telling,
        "pid": pid_of(request.workspace, telling),
        "label": labels[telling.kind],
        "state": _words()[Telling.State(telling.state)],
        "tone": TONES[Telling.State(telling.state)],
        "at": telling.ended_at or telling.begun_at,
        "error": error,
        "again": telling.interaction_id is not None,
    }


def _finding(row: Endpoint, how: Tally) -> str:
    if not row.is_active:
        return _("It is off: nothing is told until it is switched on again.")
    if row.rests_until is not None and row.rests_until > clock.now() and row.failures:
        words = _("It does not answer. Waiting: %(n)s. What is not told after three days is given up, and can be told again.")
        return words % {"n": num(how.waiting)}
    if how.waiting or how.dead:
        return _("Waiting: %(waiting)s. Given up: %(dead)s.") % {"waiting": num(how.waiting), "dead": num(how.dead)}
    return _("Everything has arrived.") if how.last else _("Nothing was told yet.")


def _url(state: str, cursor: str) -> str:
    if not cursor:
        return ""
    query = QueryDict(mutable=True)
    query.update({"state": state, "from": cursor} if state else {"from": cursor})
    return f"?{query.urlencode()}"


@requires(Permission.SETTINGS_MANAGE)
@never_cache
@require_POST
def secret(request: ConsoleRequest, pid: str) -> HttpResponse:
    """A new secret beside the old one, shown in this answer; or the end of the old one (`drop`)."""
    row = own_or_404(request, Endpoint.objects.all(), pid)
    if "drop" in request.POST:
        services.drop_old_secret(endpoint=row, actor=request.user)
        messages.success(request, _("The old secret counts no more."))
        return redirect("webhooks:endpoint", pid)
    made = services.new_secret(endpoint=row, actor=request.user)
    row.refresh_from_db()
    return render(request, "webhooks/endpoint.html", _context(request, row, EndpointForm(workspace=request.workspace, endpoint=row), made))


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def test(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Tell a test now and say what came back."""
    row = own_or_404(request, Endpoint.objects.select_related("workspace"), pid)
    telling = services.send_test(endpoint=row)
    if telling.state == Telling.State.TOLD:
        messages.success(request, _("The test arrived: it answered %(status)s.") % {"status": num(telling.status)})
    elif telling.status:
        messages.error(request, _("The test was refused: it answered %(status)s.") % {"status": num(telling.status)})
    else:
        messages.error(request, _("The test did not arrive. %(error)s") % {"error": _(telling.error)})
    return redirect("webhooks:endpoint", pid)


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def again(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Tell again what was given up, and try at once what waits."""
    row = own_or_404(request, Endpoint.objects.all(), pid)
    count = services.replay_dead(endpoint=row, actor=request.user)
    services.wake(endpoint=row)
    messages.success(request, _("%(n)s are told again.") % {"n": num(count)} if count else _("It is tried again now."))
    return redirect("webhooks:endpoint", pid)


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def one_again(request: ConsoleRequest, pid: str, telling: str) -> HttpResponse:
    """Tell one again, whether it arrived, waits or was given up."""
    row = own_or_404(request, Endpoint.objects.all(), pid)
    number = private_id(bytes(request.workspace.id_key), telling) or 0
    known = Telling.objects.filter(endpoint=row, pk=number, interaction_id__isnull=False).select_related("endpoint__workspace").first()
    if known is None:
        raise Http404
    services.replay(telling=known, actor=request.user)
    messages.success(request, _("It is told again now."))
    return redirect("webhooks:endpoint", pid)


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def remove(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Forget a webhook."""
    row = own_or_404(request, Endpoint.objects.all(), pid)
    services.remove_endpoint(endpoint=row, actor=request.user)
    messages.success(request, _("“%(name)s” is told nothing any more.") % {"name": row.name})
    return redirect("webhooks:endpoints")
