"""First data: three doors in, and what to do next. The page a new brand opens with."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from peyvand.channels.queries import mail_way
from peyvand.desk.pulse.asking import address
from peyvand.surveys.models import Survey
from peyvand.timeline.models import Interaction
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.models import ApiKey, Member, Workspace
from peyvand.workspaces.services import create_key
from peyvand.workspaces.snippets import curl_example, snippet_code
from peyvand.workspaces.types import Permission, Scope

DEMO = "sofalineh"


@requires(Permission.SETTINGS_MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: ConsoleRequest) -> HttpResponse:
    """Import a file, connect a shop or a website, or look at the demo; below, what is done and what is next."""
    made: dict[str, str] = {}
    if request.method == "POST":
        if not request.member.may(Permission.KEYS_MANAGE):
            return redirect("desk:start")
        made = _made(request)
    context = {
        "made": made,
        "may_key": request.member.may(Permission.KEYS_MANAGE),
        "import_url": address("imports:new") if request.member.may(Permission.IMPORTS_MANAGE) else "",
        "demo_url": _demo_url(request),
        "demo_command": "script/server --demo",
        "todo": _todo(request.workspace),
    }
    return render(request, "desk/start.html", context)


def _made(request: ConsoleRequest) -> dict[str, str]:
    website = request.POST.get("for") == "website"
    scope, name = (Scope.SNIPPET, _("Website")) if website else (Scope.INGEST, _("Shop"))
    _key, secret = create_key(workspace=request.workspace, name=name, scopes=[scope], actor=request.user)
    if website:
        return {"snippet": snippet_code(settings.PEYVAND_URL, secret)}
    return {"secret": secret, "curl": curl_example(settings.PEYVAND_URL, secret)}


def _demo_url(request: ConsoleRequest) -> str:
    mine = Member.objects.filter(user_id=request.user.pk, is_active=True, workspace__slug=DEMO)
    return f"/w/{DEMO}/" if mine.exists() else ""


def _todo(workspace: Workspace) -> list[dict[str, object]]:
    """What a new brand does next, in order; each says itself whether it is done."""
    data = Interaction.objects.filter(workspace_id=workspace.pk).exists()
    people = Member.objects.filter(workspace=workspace, is_active=True).count() > 1
    asks = Survey.objects.filter(workspace=workspace, is_active=True).exists()
    keys = ApiKey.objects.filter(workspace=workspace).exists()
    rows = [
        (_("Bring in the first data"), _("A file, a key for your shop, or the snippet on your website"), data, ""),
        (_("Decide what to ask, and when"), _("Some days after an order, by e-mail"), asks, "surveys:list"),
        (_("Set the mail server"), _("So that questions reach your customers"), mail_way(workspace) != "kept", "channels:email"),
        (_("Invite who calls unhappy customers"), _("An agent sees phone numbers; an analyst does not"), people, "workspaces:members"),
        (_("Let your shop send orders by itself"), _("A key with the right to send in"), keys, "workspaces:keys"),
    ]
    return [{"label": label, "hint": hint, "done": done, "url": address(name) if name else ""} for label, hint, done, name in rows]
