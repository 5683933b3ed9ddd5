"""Single sign-on: setting the provider up, going to it and coming back."""

import hmac
from datetime import timedelta
from typing import Final

import structlog
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.core import clock, vault, walls
from peyvand.core.reaching import turn
from peyvand.workspaces import cookies, oidc
from peyvand.workspaces.access import ConsoleRequest, pid_of, public, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.forms.single_sign_on import SignOnForm, start_of
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.models import Member, SingleSignOn
from peyvand.workspaces.services.single_sign_on import member_for, remove_sign_on, set_sign_on
from peyvand.workspaces.sign_on_session import note_proof, only_place
from peyvand.workspaces.types import Permission

log = structlog.get_logger("peyvand.sign_on")
COOKIE: Final = "sign_on"
WAITS: Final = timedelta(minutes=10)
LONGEST_WANTED: Final = 300  # bytes; a cookie is short
TOO_LATE: Final = gettext_noop("This sign-in was not begun here, or too long ago. Start again.")
WHY: Final = "Whoever signs in has no session yet; what comes back is checked against the browser that asked."


@requires(Permission.SIGN_IN_MANAGE)
@sensitive_post_parameters("secret")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setting(request: ConsoleRequest) -> HttpResponse:
    """The provider; it is asked who it is before anything is kept."""
    config = SingleSignOn.objects.filter(workspace=request.workspace).select_related("custom_role").first()
    form = SignOnForm(request.POST or None, giver=request.member, stored=config is not None, initial=_start(request, config))
    if request.method == "POST" and form.is_valid():
        try:
            oidc.discovered(form.cleaned_data["issuer"], request.workspace.pk)
            set_sign_on(workspace=request.workspace, actor=request.user, **form.cleaned_data)
        except oidc.SignOnError as error:
            form.add_error("issuer", str(error))
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Try it in another browser before you close this one."))
            return redirect("workspaces:sign_on")
    context = {"form": form, "config": config, "back": _back(request.workspace.slug)}
    return render(request, "workspaces/sign_on.html", context, status=422 if form.errors else 200)


@requires(Permission.SIGN_IN_MANAGE)
@require_POST
def remove(request: ConsoleRequest) -> HttpResponse:
    """Forget the provider."""
    config = SingleSignOn.objects.filter(workspace=request.workspace).first()
    if config is not None:
        remove_sign_on(config=config, actor=request.user)
        messages.success(request, _("Removed."))
    return redirect("workspaces:sign_on")


@public(WHY)
@never_cache
@require_safe
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Send somebody to the provider of a workspace; what must come back with them their browser keeps: strangers write nothing here."""
    config = _config(slug)
    with walls.inside(config.workspace_id):
        return _sent_there(request, config)


def _sent_there(request: HttpRequest, config: SingleSignOn) -> HttpResponse:
    secrets = {"state": clock.token(24), "nonce": clock.token(24), "verifier": clock.token(48)}
    try:
        provider = oidc.discovered(config.issuer, config.workspace_id)
    except oidc.SignOnError as error:
        return _refused(request, config, str(error))
    answer = redirect(oidc.asking(provider, _client(config), **secrets))
    cookies.put(answer, COOKIE, (config.workspace.slug, *secrets.values(), _wanted(request, config.workspace.slug)), lasts=WAITS)
    return answer


def _wanted(request: HttpRequest, slug: str) -> str:
    """Where to go on afterwards: a page of the same workspace."""
    wanted = request.GET.get("next", "")
    inside = wanted.startswith(f"/w/{slug}/") and len(wanted.encode()) <= LONGEST_WANTED
    return wanted if inside and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else f"/w/{slug}/"


@public(WHY)
@never_cache
@require_safe
def back(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Let somebody in whom the provider vouches for. What their browser kept counts once: it forgets it whatever comes of it.

    But where too many wait at providers already nothing was asked, and the same address goes on in a moment.
    """
    config = _config(slug)
    with walls.inside(config.workspace_id):
        answer = _come_back(request, config)
    cookies.drop(answer, COOKIE)
    return answer


def _come_back(request: HttpRequest, config: SingleSignOn) -> HttpResponseBase:
    slug, state, nonce, verifier, wanted = map(str, cookies.read(request, COOKIE) or [""] * 5)
    same = hmac.compare_digest(state.encode(), request.GET.get("state", "").encode())
    if slug != config.workspace.slug or not same:
        return _refused(request, config, _(TOO_LATE))
    if request.GET.get("error") or not request.GET.get("code"):
        return _refused(request, config, _("The provider did not let you in. Start again, or ask whoever runs it."))
    try:
        subject = _vouched(config, state, code=request.GET["code"], nonce=nonce, verifier=verifier)
        by_password = request.user if request.user.is_authenticated and only_place(request) is None else None
        member = member_for(config=config, subject=subject, signed_in=by_password)
    except (oidc.SignOnError, WorkspaceError) as error:
        return _refused(request, config, str(error))
    except vault.SealBroken:
        return _refused(request, config, _("The client’s secret cannot be read any more. An owner must enter it again."))
    return _let_in(request, member, wanted)


def _vouched(config: SingleSignOn, state: str, **proof: str) -> oidc.Subject:
    """Whom the provider vouches for, asked once for each sign-in that was begun: the browser may be made to remember it.

    Raises SignOnError, SealBroken, and BusyError where nothing was used up.
    """
    client, workspace_id = _client(config), config.workspace_id
    with turn(workspace_id):
        provider = oidc.discovered(config.issuer, workspace_id)
        if not cache.add(f"{COOKIE}:{state}", 1, int(WAITS.total_seconds())):
            raise oidc.SignOnError(_(TOO_LATE))
        return oidc.vouched(provider, client, workspace_id, for_addresses=config.vouches, **proof)


def _let_in(request: HttpRequest, member: Member, wanted: str) -> HttpResponseBase:
    """Sign the person in; whoever was signed in as the same person keeps what their password opened."""
    mine = request.user.is_authenticated and request.user.pk == member.user_id
    if not mine:
        logout(request)
    note_proof(request, member.user, member.workspace_id, alone=not mine)
    if mine:
        return redirect(wanted)
    answer: HttpResponseBase = perform_login(request, member.user, email_verification="none", redirect_url=wanted)
    return answer


def _config(slug: str) -> SingleSignOn:
    config = SingleSignOn.objects.select_related("workspace", "custom_role").filter(workspace__slug=slug).first()
    if config is None:
        raise Http404
    return config


def _client(config: SingleSignOn) -> oidc.Client:
    return oidc.Client(config.client_id, vault.unseal(config.sealed).get("secret", ""), _back(config.workspace.slug))


def _back(slug: str) -> str:
    """Where the provider sends people back to; built on PEYVAND_URL, never on a request."""
    return absolute_public("workspaces:sign_on_back", slug)


def _refused(request: HttpRequest, config: SingleSignOn, why: str) -> HttpResponse:
    log.warning("sign-on refused", workspace=config.workspace_id)
    return render(request, "workspaces/sign_on_refused.html", {"why": why, "slug": config.workspace.slug, "name": config.name}, status=403)


def _start(request: ConsoleRequest, config: SingleSignOn | None) -> dict[str, object]:
    if config is None:
        return {}
    return start_of(config, pid_of(request.workspace, config.custom_role) if config.custom_role else config.role)
