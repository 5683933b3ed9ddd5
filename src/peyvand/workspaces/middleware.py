"""The workspace in the address: `/w/<slug>/…` is the console mounted once for each workspace."""

import re
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix, set_script_prefix
from django.utils.http import urlencode
from django.utils.translation import get_language

from peyvand.core import walls
from peyvand.core.reader import reset_reader, set_reader
from peyvand.workspaces.models import Member
from peyvand.workspaces.queries.places import nobody_yet
from peyvand.workspaces.readers import reader_of
from peyvand.workspaces.services import remember_workspace
from peyvand.workspaces.sessions import keep_session
from peyvand.workspaces.sign_on_session import sign_on_first, stay_inside

ADDRESS = re.compile(r"^/w/(?P<slug>[a-z0-9-]{1,40})(?P<rest>/.*)$")


class WorkspaceMiddleware:
    """Take `/w/<slug>` off the path, so that urls are written and reversed without it.

    Sets request.workspace and request.member, and the reader by whom everything is shown. The script prefix makes
    every `reverse()` of this request stay in the workspace. A stranger gets the 404 of an unknown workspace.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self._answered(request)
        if request.user.is_authenticated:  # what is shown to somebody stays in no cache, and not behind their Back button either
            answer.headers.setdefault("Cache-Control", "no-store, private")
        return answer

    def _answered(self, request: HttpRequest) -> HttpResponseBase:
        found = ADDRESS.match(request.path_info)
        if request.user.is_authenticated and not keep_session(request):
            logout(request)
        if not request.user.is_authenticated and request.method == "GET" and _leads_inside(request.path_info) and nobody_yet():
            return redirect("/setup/")
        if found is None:
            return stay_inside(request) or self.get_response(request)
        if not request.user.is_authenticated:
            return redirect(f"/accounts/login/?{urlencode({'next': request.get_full_path()})}")
        prefix = get_script_prefix()
        member = self._enter(request, found["slug"], found["rest"])
        token = set_reader(reader_of(member.workspace, get_language() or member.workspace.default_language, member.user))
        try:
            with walls.inside(member.workspace_id):
                answer = sign_on_first(request, member) or stay_inside(request) or self.get_response(request)
            if isinstance(answer, StreamingHttpResponse) and not answer.is_async:
                answer.streaming_content = walls.throughout(member.workspace_id, answer.streaming_content)  # type: ignore[arg-type]
            return answer
        finally:
            reset_reader(token)
            set_script_prefix(prefix)

    @staticmethod
    def _enter(request: HttpRequest, slug: str, rest: str) -> Member:
        places = Member.objects.select_related("workspace__single_sign_on", "user", "custom_role")
        member = places.filter(user_id=int(request.user.pk or 0), is_active=True, workspace__slug=slug).first()
        if member is None:
            raise Http404
        request.workspace, request.member = member.workspace, member  # type: ignore[attr-defined]
        request.path_info = rest
        set_script_prefix(f"/w/{slug}/")
        if member.user.current_workspace_id != member.workspace_id:
            remember_workspace(user_id=member.user_id, workspace=member.workspace)
        return member


def _leads_inside(path: str) -> bool:
    """Addresses of people who want to work, as opposed to surveys, files and the API."""
    return path == "/" or path.startswith(("/w/", "/accounts/login"))
