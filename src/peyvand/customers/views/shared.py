"""Values that many people share: marked by hand or found by themselves, with the customers who were linked through them."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.core import display
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.customers.forms import SHAREABLE, SharedForm
from peyvand.identities.masking import masked
from peyvand.identities.models import Customer, SharedValue
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.queries import known_by_shared, shared_listed
from peyvand.identities.services import IdentityError, make_personal, share
from peyvand.identities.types import IdentityType
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.types import Permission

ICONS: Final = {IdentityType.PHONE: "phone", IdentityType.EMAIL: "mail", IdentityType.MESSENGER: "chat"}


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def shared_values(request: ConsoleRequest) -> HttpResponse:
    """What is offered, what is shared, and a form for another."""
    form = SharedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            share(workspace=request.workspace, type_name=said["type"], value=said["value"], note=said["note"], actor=request.user)
        except (IdentityRefused, IdentityError) as refused:
            form.add_error("value", str(refused))
        else:
            messages.success(request, _("It names nobody from now on."))
            return redirect("customers:shared")
    rows = [_row(request, one) for one in shared_listed(request.workspace)]
    context = {
        "form": form,
        "offered": [row for row in rows if row["shared"].state == SharedValue.State.OFFERED],
        "rows": [row for row in rows if row["shared"].state == SharedValue.State.SHARED],
    }
    return render(request, "customers/shared.html", context, status=422 if form.errors else 200)


def _row(request: ConsoleRequest, shared: SharedValue) -> dict[str, Any]:
    kind, sees = IdentityType(shared.type), request.member.may(Permission.CONTACTS_SEE)
    value = shared.value if sees else masked(kind, shared.value)
    return {
        "shared": shared,
        "pid": pid_of(request.workspace, shared),
        "icon": ICONS.get(kind, "tag"),
        "kind": dict(SHAREABLE).get(kind.name.lower(), ""),
        "value": display.phone(value) if kind is IdentityType.PHONE else display.ltr(value),
        "note": readable(shared.note, sees=sees),
        "people": [_person(request, one) for one in known_by_shared(shared)],
    }


def _person(request: ConsoleRequest, customer: Customer) -> tuple[str, str]:
    """A customer's name and the address of their page, which an upper app has."""
    try:
        url = reverse("desk:customer", args=[public_id(bytes(request.workspace.id_key), customer.pk)])
    except NoReverseMatch:
        url = ""
    name = readable(customer.name, sees=request.member.may(Permission.CONTACTS_SEE))
    return name or _("A customer without a name"), url


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def decide(request: ConsoleRequest, pid: str, word: str) -> HttpResponse:
    """Say that a value is `shared`, or `personal` after all."""
    known = own_or_404(request, SharedValue.objects.select_related("workspace"), pid)
    if word == "shared":
        share(
            workspace=request.workspace,
            type_name=IdentityType(known.type).name.lower(),
            value=known.value,
            note=known.note,
            actor=request.user,
        )
        messages.success(request, _("It names nobody from now on."))
    elif word == "personal":
        make_personal(shared=known, actor=request.user)
        messages.success(request, _("It names its customer again."))
    else:
        raise Http404
    return redirect("customers:shared")
