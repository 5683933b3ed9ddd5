"""Who may open which address. Every view carries exactly one of `requires`, `signed_in` or `public`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from peyvand.core.ids import private_id, public_id
from peyvand.workspaces.models import Member, User, Workspace
from peyvand.workspaces.queries.places import may_found, place_of
from peyvand.workspaces.sign_on_session import only_place
from peyvand.workspaces.types import Permission

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
M = TypeVar("M", bound=Model)


class ConsoleRequest(HttpRequest):
    """A request inside a workspace: what `requires` promises to a view."""

    user: User
    workspace: Workspace
    member: Member


@dataclass(frozen=True, slots=True)
class Access:
    """What an address asks for; read by the address test."""

    kind: str  # "permission" | "signed_in" | "public" | "key"
    permissions: tuple[Permission, ...] = ()  # all of them
    reason: str = ""


class View(Protocol):
    """A view that carries its access."""

    access: Access


ConsoleView = Callable[Concatenate[ConsoleRequest, P], R]


def requires(permission: Permission, *more: Permission) -> Callable[[ConsoleView[P, R]], Callable[..., HttpResponseBase]]:
    """Let a view be opened only inside a workspace, by a member whose role, a preset or an own one, holds each of these permissions.

    Nobody signed in: to the sign-in page. No workspace in the address: to the one where the person was last. Not a
    member: the same 404 as an unknown workspace. Wrong role: 403.
    """

    def wrap(view: ConsoleView[P, R]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            member = getattr(request, "member", None)
            if member is None:
                return _into_a_workspace(request)
            for needed in (permission, *more):
                if not member.may(needed):
                    raise PermissionDenied(needed.value)
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        checked.access = Access("permission", (permission, *more))  # type: ignore[attr-defined]
        return checked

    return wrap


def _into_a_workspace(request: HttpRequest) -> HttpResponseBase:
    """A page asked for without a workspace: the same page in the one where the person was last."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    user = cast("User", request.user)
    place = place_of(user.pk, only_place(request))
    if place is not None:
        return redirect(f"/w/{place.workspace.slug}{request.get_full_path()}")
    return redirect("workspaces:found" if may_found(user) else "workspaces:nowhere")


def own_or_404(request: ConsoleRequest, rows: QuerySet[M], pid: str) -> M:
    """The row of this workspace that a public id stands for; a foreign, unknown or mistyped one is the same 404."""
    row_id = private_id(bytes(request.workspace.id_key), pid)
    row = rows.filter(workspace=request.workspace, pk=row_id).first() if row_id is not None else None
    if row is None:
        raise Http404
    return row


def pid_of(workspace: Workspace, row: Model) -> str:
    """The public id of a row of this workspace."""
    return public_id(bytes(workspace.id_key), row.pk)


def signed_in(view: Callable[..., R]) -> Callable[..., HttpResponseBase]:
    """Let a view be opened by anybody who is signed in, outside any workspace."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    checked.access = Access("signed_in")  # type: ignore[attr-defined]
    return checked


def public(reason: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Say that a view is open to everybody, and why."""

    def wrap(view: Callable[..., R]) -> Callable[..., R]:
        view.access = Access("public", reason=reason)  # type: ignore[attr-defined]
        return view

    return wrap
