"""API keys: made and shown once, revoked; the code a website embeds."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.settings import KeyForm
from peyvand.workspaces.models import ApiKey
from peyvand.workspaces.services import create_key, revoke_key
from peyvand.workspaces.snippets import curl_example, snippet_code
from peyvand.workspaces.types import Permission, Scope
from peyvand.workspaces.wording import SCOPES


@requires(Permission.KEYS_MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: ConsoleRequest) -> HttpResponse:
    """Every key, and a form for another one; a new secret is shown in this one answer and never again."""
    wanted = request.GET.get("scope", "")
    form = KeyForm(request.POST or None, initial={"scopes": [wanted or Scope.INGEST.value]})
    made: dict[str, object] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = create_key(workspace=request.workspace, actor=request.user, **form.cleaned_data)
        except WorkspaceError as error:
            form.add_error("scopes", str(error))
        else:
            made = {"name": key.name, "secret": secret, **_uses(key, secret)}
            form = KeyForm(initial={"scopes": [Scope.INGEST.value]})
    rows = [_row(request, key) for key in ApiKey.objects.filter(workspace=request.workspace).select_related("created_by").order_by("-pk")]
    means = [{"word": words[0], "means": words[1]} for words in SCOPES.values()]
    return render(request, "workspaces/keys.html", {"form": form, "made": made, "rows": rows, "scopes": means})


def _row(request: ConsoleRequest, key: ApiKey) -> dict[str, object]:
    words = [str(SCOPES[Scope(scope)][0]) for scope in key.scopes if scope in set(Scope)]
    return {
        "key": key,
        "pid": pid_of(request.workspace, key),
        "scopes": words,
        "snippet": _snippet(key.public_key) if key.public_key else "",
    }


def _uses(key: ApiKey, secret: str) -> dict[str, str]:
    if key.public_key:
        return {"snippet": _snippet(secret)}
    return {"curl": curl_example(settings.PEYVAND_URL, secret)} if Scope.INGEST in key.scopes else {}


def _snippet(public_key: str) -> str:
    return snippet_code(settings.PEYVAND_URL, public_key)


@requires(Permission.KEYS_MANAGE)
@require_POST
def revoke(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Stop a key at once."""
    key = own_or_404(request, ApiKey.objects.all(), pid)
    revoke_key(key=key, actor=request.user)
    messages.success(request, _("“%(name)s” no longer opens anything.") % {"name": key.name})
    return redirect("workspaces:keys")
