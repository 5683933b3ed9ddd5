"""The brand's own mail server for programs: set up, tried, forgotten. A password goes in and is never told."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Router, Schema, Status
from pydantic import Field

from peyvand.channels.accounts import channel_of
from peyvand.channels.forms import LONGEST_NAME, ChannelForm
from peyvand.channels.queries import mail_way
from peyvand.channels.registry import adapters
from peyvand.channels.services import remove_channel, send_to_member, set_channel
from peyvand.channels.services.setting_up import LEAVING
from peyvand.channels.trial import trial_mail, why_not
from peyvand.workspaces.bearer import KeyRequest, Refused, check_gives, opens
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.filling import filled
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["mail"])
KIND = "email"
Settings = dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)]]


class MailIn(Said):
    """A mail server whole: `host`, `port`, `tls` (starttls, tls or none), `user`, `password`, `sender`."""

    name: str = Field(max_length=LONGEST_NAME, description="of the sender; customers see it beside the address")
    settings: Settings = Field(description="a password left out stays, for the same host only")


class MailTold(Schema):
    """By which way mail leaves."""

    way: Literal["own", "installation", "kept"] = Field(description="`kept`: there is no mail server, and mail is kept in the data folder")
    name: str
    settings: dict[str, str] = Field(description="without the password; empty where the brand has no server of its own")
    has_secret: bool
    last_error: str
    created_at: dt.datetime | None


class MailTried(Schema):
    """Where the test went."""

    to: str
    way: Literal["own", "installation", "kept"]


@opens(ROUTER.get, "/mail", Scope.SETTINGS_MANAGE, response=MailTold, summary="By which way mail leaves")
def mail(request: KeyRequest) -> dict[str, Any]:
    """The brand's own server, the installation's, or none."""
    return _told(request)


@opens(ROUTER.put, "/mail", Scope.SETTINGS_MANAGE, response=MailTold, summary="Set the brand's own mail server up")
def put_mail(request: KeyRequest, said: MailIn) -> dict[str, Any]:
    """Try it afterwards: POST /mail/test. The key needs `contacts.see`, since addresses leave by that server."""
    check_gives(request, LEAVING)
    adapter, channel = adapters()[KIND], channel_of(request.workspace, KIND)
    known = {field.name for field in adapter.fields}
    if unknown := sorted(said.settings.keys() - known):
        raise Refused(422, "invalid", f"settings: there is no “{unknown[0]}”; one of {', '.join(sorted(known))}.", "settings")
    form = ChannelForm(adapter, {"name": said.name, **said.settings}, channel=channel)
    filled(form, {name: f"settings.{name}" for name in known})
    try:
        set_channel(workspace=request.workspace, kind=KIND, name=form.cleaned_data["name"], values=form.values(), actor=request.member.user)
    except WorkspaceError as error:
        raise Refused(422, "not-possible", str(error)) from None
    return _told(request)


@opens(ROUTER.delete, "/mail", Scope.SETTINGS_MANAGE, response={204: None}, summary="Forget the brand's own mail server")
def drop_mail(request: KeyRequest) -> Status[None]:
    """With its password; mail leaves by the installation's from now on."""
    channel = channel_of(request.workspace, KIND)
    if channel is not None:
        remove_channel(channel=channel, actor=request.member.user)
    return Status(204, None)


@opens(ROUTER.post, "/mail/test", Scope.SETTINGS_MANAGE, outside=True, response=MailTried, summary="Send a test to yourself")
def try_mail(request: KeyRequest) -> dict[str, Any]:
    """To the maker of the key, a few times a minute. Refused with what the server said."""
    delivery = send_to_member(workspace=request.workspace, member=request.member.user, message=trial_mail(request.workspace))
    if not delivery.sent:
        raise Refused(422, "not-possible", why_not(delivery))
    return {"to": request.member.user.email, "way": mail_way(request.workspace)}


def _told(request: KeyRequest) -> dict[str, Any]:
    channel = channel_of(request.workspace, KIND)
    told = {"way": mail_way(request.workspace), "name": "", "settings": {}, "has_secret": False, "last_error": "", "created_at": None}
    if channel is None:
        return told
    plain = {name: getattr(channel, name) for name in ("name", "settings", "last_error", "created_at")}
    return told | plain | {"has_secret": bool(channel.sealed)}
