"""Customer fields: those that data brought in are named and typed, own ones are added, any can be put away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.customers.forms import TYPES, FieldForm
from peyvand.customers.models import AttributeDefinition
from peyvand.customers.services.attributes import AttributeDefinitionError, add_attribute, archive_attribute, save_attribute
from peyvand.workspaces.access import ConsoleRequest, own_or_404, pid_of, requires
from peyvand.workspaces.types import Permission

EDIT = ["GET", "HEAD", "POST"]


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(EDIT)
def fields(request: ConsoleRequest) -> HttpResponse:
    """Every field of the workspace, new ones first, and a form for another."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_attribute(workspace=request.workspace, actor=request.user, code=form.cleaned_data["code"], **form.given())
        except AttributeDefinitionError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("“%(name)s” stands on every customer’s page now.") % {"name": made.label})
            return redirect("customers:fields")
    known = AttributeDefinition.objects.filter(workspace=request.workspace).order_by("archived", "-seen_only", "position", "code")
    words = dict(TYPES)
    rows = [{"field": one, "pid": pid_of(request.workspace, one), "type": words.get(one.type, one.type)} for one in known]
    return render(request, "customers/fields.html", {"form": form, "rows": rows})


@requires(Permission.SETTINGS_MANAGE)
@require_http_methods(EDIT)
def field(request: ConsoleRequest, pid: str) -> HttpResponse:
    """The names, the type and the list of one field."""
    known = own_or_404(request, AttributeDefinition.objects.all(), pid)
    initial = {
        "name_fa": known.names.get("fa", ""),
        "name_en": known.names.get("en", ""),
        "type_name": known.type,
        "choices": "\n".join(known.choices),
    }
    form = FieldForm(request.POST or None, initial=initial, new=False)
    if request.method == "POST" and form.is_valid():
        try:
            save_attribute(workspace=request.workspace, actor=request.user, code=known.code, **form.given())
        except AttributeDefinitionError as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:fields")
    return render(request, "customers/field.html", {"form": form, "field": known, "pid": pid})


@requires(Permission.SETTINGS_MANAGE)
@require_POST
def away(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Put a field away, or take it back (`back`); its values stay."""
    known = own_or_404(request, AttributeDefinition.objects.all(), pid)
    archive_attribute(definition=known, actor=request.user, archived="back" not in request.POST)
    messages.success(request, _("Saved."))
    return redirect("customers:fields")
