"""Settings of the brand's own e-mail channel: by which server mail leaves, and a test to oneself."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.channels.accounts import channel_of
from peyvand.channels.forms import ChannelForm
from peyvand.channels.queries import mail_way
from peyvand.channels.registry import adapters
from peyvand.channels.services import remove_channel, send_to_member, set_channel
from peyvand.channels.trial import trial_mail, why_not
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.types import Permission

KIND = "email"


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def email(request: ConsoleRequest) -> HttpResponse:
    """Show and change the channel."""
    channel = channel_of(request.workspace, KIND)
    form = ChannelForm(adapters()[KIND], request.POST or None, channel=channel, usual_name=request.workspace.name)
    if request.method == "POST" and form.is_valid():
        try:
            set_channel(workspace=request.workspace, kind=KIND, name=form.cleaned_data["name"], values=form.values(), actor=request.user)
        except WorkspaceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Send yourself a test to see whether it works."))
            return HttpResponseRedirect(reverse("channels:email"))
    context = {"form": form, "channel": channel, "way": mail_way(request.workspace), "my_address": request.user.email}
    return render(request, "channels/email.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def test(request: ConsoleRequest) -> HttpResponse:
    """Send a mail to oneself and say what the server said."""
    delivery = send_to_member(workspace=request.workspace, member=request.user, message=trial_mail(request.workspace))
    if not delivery.sent:
        messages.error(request, why_not(delivery))
    elif mail_way(request.workspace) == "kept":
        messages.warning(request, _("There is no mail server, so the test was kept as a file in the data folder."))
    else:
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    return HttpResponseRedirect(reverse("channels:email"))


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def remove(request: ConsoleRequest) -> HttpResponse:
    """Forget the brand's own server."""
    channel = channel_of(request.workspace, KIND)
    if channel is not None:
        remove_channel(channel=channel, actor=request.user)
        messages.success(request, _("The brand’s own mail server is forgotten, with its password."))
    return HttpResponseRedirect(reverse("channels:email"))
