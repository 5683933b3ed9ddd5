"""What a member may do with everything kept of one person: give it to them, or forget it for good."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.identities.models import Customer
from peyvand.identities.queries import standing
from peyvand.privacy.forms import ForgetForm
from peyvand.privacy.queries import erasure_of, interactions_of
from peyvand.privacy.services import archive_of, erase
from peyvand.workspaces.access import ConsoleRequest, own_or_404, requires
from peyvand.workspaces.types import Permission


def _customer(request: ConsoleRequest, pid: str) -> Customer:
    found = standing(own_or_404(request, Customer.objects.all(), pid))
    if erasure_of(found) is not None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRIVACY)
def person(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Show both, and forget the person once somebody said that they mean it."""
    customer = _customer(request, pid)
    form = ForgetForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        erase(customer=customer, actor=request.user)
        messages.success(request, _("They are being forgotten. It takes a few minutes; what happened is counted on without them."))
        return redirect("privacy:settings")
    context = {"customer": customer, "pid": pid, "form": form, "interactions": interactions_of(customer)}
    return render(request, "privacy/person.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.PRIVACY)
def export(request: ConsoleRequest, pid: str) -> HttpResponse:
    """The ZIP, made at once and kept nowhere."""
    archive = archive_of(customer=_customer(request, pid), actor=request.user)
    answer = HttpResponse(archive, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="person-{pid}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer
