"""The own account: name, language, digits, theme, password, second factor, devices."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.workspaces.access import ConsoleRequest, requires, signed_in
from peyvand.workspaces.forms.settings import AccountForm
from peyvand.workspaces.models import User
from peyvand.workspaces.queries.places import place_of, sessions_of
from peyvand.workspaces.services import end_session, update_person
from peyvand.workspaces.sign_on_session import only_place, opened_by_provider
from peyvand.workspaces.types import Permission

THEME_COOKIE = "peyvand_theme"


@requires(Permission.OWN_ACCOUNT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: ConsoleRequest) -> HttpResponse:
    """Everything a person sets for themselves."""
    person = request.user
    names = ("name", "language", "digits", "theme")
    form = AccountForm(request.POST or None, initial={name: getattr(person, name) for name in names})
    if request.method == "POST" and form.is_valid():
        update_person(user=person, changes={name: form.cleaned_data[name] for name in names})
        messages.success(request, _("Saved."))
        answer = redirect("workspaces:account")
        answer.delete_cookie(THEME_COOKIE)  # what a device chose earlier gives way to what the person chose now
        return answer
    types = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    sessions = [
        {"row": session, "here": session.session_key == request.session.session_key, "device": _device(session.user_agent)}
        for session in _sessions(request)
    ]
    context = {"form": form, "person": person, "second": Authenticator.Type.TOTP in types, "sessions": sessions}
    return render(request, "workspaces/account.html", context)


@requires(Permission.OWN_ACCOUNT)
@require_POST
def end(request: ConsoleRequest) -> HttpResponse:
    """Sign another device out, or all others."""
    given, mine = request.POST.get("session", ""), _sessions(request)
    others = [session for session in mine if session.session_key != request.session.session_key]
    ended = others if given == "others" else [session for session in mine if str(session.pk) == given]
    if not ended and given != "others":
        raise Http404
    for session in ended:
        end_session(user=request.user, session_id=session.pk)
    messages.success(request, _("You are signed out everywhere but here.") if given == "others" else _("That device is signed out."))
    return redirect("workspaces:account")


def _sessions(request: ConsoleRequest) -> list[UserSession]:
    """Where the person is signed in; of somebody whom only a provider vouched for, what it opened: another brand's owner runs it."""
    place = only_place(request)
    return [session for session in sessions_of(request.user) if place is None or opened_by_provider(session.session_key, place)]


@signed_in
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Where allauth leads back to after a change of the second factor: the account page."""
    place = place_of(request.user.pk) if isinstance(request.user, User) else None
    return redirect(f"/w/{place.workspace.slug}/settings/account/" if place else "workspaces:nowhere")


def _device(agent: str) -> str:
    """A browser and a system, as far as a person can use the words."""
    browsers = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for sign, name in browsers if sign in agent), "")
    system = next((name for sign, name in systems if sign in agent), "")
    return " · ".join(word for word in (browser, system) if word) or _("another program")
