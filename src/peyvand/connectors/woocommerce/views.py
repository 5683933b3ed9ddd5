"""Setting WooCommerce up: the address for its webhooks, and the secret, shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.channels.accounts import channel_of
from peyvand.channels.services import remove_channel
from peyvand.connectors.woocommerce.connecting import KIND, TOPICS, connect
from peyvand.workspaces.access import ConsoleRequest, requires
from peyvand.workspaces.links import absolute_public
from peyvand.workspaces.types import Permission


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: ConsoleRequest) -> HttpResponse:
    """Show the address; a POST makes a new secret and shows it this once."""
    secret = ""
    if request.method == "POST":
        secret = connect(request.workspace, actor=request.user)
    channel = channel_of(request.workspace, KIND)
    address = absolute_public("channels:hook", KIND, channel.address_token) if channel else ""
    answer = render(request, "woocommerce/settings.html", {"channel": channel, "address": address, "secret": secret, "topics": TOPICS})
    if secret:
        answer["Cache-Control"] = "no-store"
    return answer


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def remove(request: ConsoleRequest) -> HttpResponse:
    """Forget the shop: its address answers no more."""
    channel = channel_of(request.workspace, KIND)
    if channel is not None:
        remove_channel(channel=channel, actor=request.user)
        messages.success(request, _("The shop is disconnected; what came in stays."))
    return redirect("woocommerce:settings")
