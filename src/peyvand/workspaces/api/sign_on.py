"""The provider of single sign-on for programs. Whoever sets it decides who is let in as whom, so the key needs every scope."""

from typing import Any

from django.http import Http404
from ninja import Router, Status
from pydantic import Field

from peyvand.workspaces import oidc
from peyvand.workspaces.api.people import ROLE, role_told
from peyvand.workspaces.bearer import KeyRequest, Refused, check_gives, opens
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.forms.single_sign_on import SignOnForm
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.models import SingleSignOn
from peyvand.workspaces.permissions import permissions_of
from peyvand.workspaces.services.single_sign_on import remove_sign_on, set_sign_on
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Role, Scope

ROUTER = Router(tags=["workspace"])


class SignOnCommon(Said):
    """A provider of OpenID Connect, and whom it lets in."""

    name: str = Field(min_length=1, max_length=40, description="on the button")
    issuer: str = Field(max_length=300)
    client_id: str = Field(min_length=1, max_length=200)
    domains: list[str] = Field(min_length=1, max_length=30, description="mail domains that are let in")
    vouches: bool = Field(default=False, description="for addresses of these domains where it does not say whether one is verified")
    role: str = Field("viewer", max_length=40, description=f"of newcomers: {ROLE}")
    makes_members: bool = Field(default=False, description="whoever signs in for the first time becomes a member")
    passwords_allowed: bool = Field(default=True, description="passwords open the brand too; owners' always do")


class SignOnIn(SignOnCommon):
    """A provider whole."""

    secret: str = Field("", max_length=500, description="the client's; empty keeps the one that is there")


class SignOnTold(SignOnCommon):
    """A provider, without the client's secret."""

    back: str = Field(description="the address to register with the provider")


@opens(ROUTER.get, "/sign-on", Scope.SIGN_IN_MANAGE, response=SignOnTold, summary="The provider of single sign-on")
def sign_on(request: KeyRequest) -> dict[str, Any]:
    """404 where there is none."""
    return _told(request, _config(request))


@opens(ROUTER.put, "/sign-on", Scope.SIGN_IN_MANAGE, outside=True, response=SignOnTold, summary="Set the provider of single sign-on")
def put_sign_on(request: KeyRequest, said: SignOnIn) -> dict[str, Any]:
    """The provider is asked who it is before anything is kept."""
    given = filled(SignOnForm({**said.model_dump(), "domains": " ".join(said.domains)}, giver=request.member)).cleaned_data
    check_gives(request, permissions_of(Role.OWNER))
    try:
        oidc.discovered(given["issuer"], request.workspace.pk)
        return _told(request, set_sign_on(workspace=request.workspace, actor=request.member.user, **given))
    except oidc.SignOnError as error:
        raise Refused(422, "invalid", f"issuer: {error}", "issuer") from None
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None


@opens(ROUTER.delete, "/sign-on", Scope.SIGN_IN_MANAGE, response={204: None}, summary="Remove the provider of single sign-on")
def drop_sign_on(request: KeyRequest) -> Status[None]:
    """People sign in by password again."""
    config = _config(request)
    check_gives(request, permissions_of(Role.OWNER))
    remove_sign_on(config=config, actor=request.member.user)
    return Status(204, None)


def _config(request: KeyRequest) -> SingleSignOn:
    found = SingleSignOn.objects.select_related("workspace", "custom_role").filter(workspace=request.workspace).first()
    if found is None:
        raise Http404
    return found


def _told(request: KeyRequest, config: SingleSignOn) -> dict[str, Any]:
    names = ("name", "issuer", "client_id", "domains", "vouches", "makes_members", "passwords_allowed")
    told = {name: getattr(config, name) for name in names}
    back = absolute_public("workspaces:sign_on_back", request.workspace.slug)
    return told | {"role": role_told(request, config.held), "back": back}
