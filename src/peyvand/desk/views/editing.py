"""Changing what is known of a customer: name, details, ways to know them, and what may be sent."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.channels.queries import refusals_of
from peyvand.channels.services import lift_refusal
from peyvand.core.ids import public_id
from peyvand.core.masking import readable
from peyvand.customers.models import Consent
from peyvand.customers.queries.consent import changes_of_mind, standing_consents
from peyvand.customers.queries.people import attribute_definitions, identities_of, profile_of
from peyvand.customers.services.consents import ConsentError, set_consent
from peyvand.customers.services.merging import split_off
from peyvand.customers.services.people import (
    add_identity,
    remove_identity,
    rename,
    save_details,
    save_preferences,
    with_history,
)
from peyvand.desk.forms.people import DetailsForm, IdentityForm
from peyvand.desk.people import facts
from peyvand.desk.people.contacts import Way, name_shown, sees_contacts, ways
from peyvand.desk.people.finding import person
from peyvand.desk.people.words import consent_label, consent_source
from peyvand.identities.models import Customer, Identity
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.services.resolving import IdentityError
from peyvand.workspaces.access import ConsoleRequest, own_or_404, requires
from peyvand.workspaces.types import Permission

SOURCE = "desk"


def _person(request: ConsoleRequest, pid: str) -> Customer:
    found = person(request.workspace, pid)
    if found is None or found.merged_into is not None:
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMERS_WRITE)
def edit(request: ConsoleRequest, pid: str) -> HttpResponse:
    """Name, language, attributes and preferences."""
    found = _person(request, pid)
    form = _details(request, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _save(request, found, form)
        messages.success(request, _("Saved."))
        return redirect("desk:customer", pid)
    return _page(request, found, form, IdentityForm())


def _details(request: ConsoleRequest, found: Customer, given: QueryDict | None = None) -> DetailsForm:
    return DetailsForm(profile_of(found), attribute_definitions(request.workspace), given, sees=sees_contacts(request.member))


def _save(request: ConsoleRequest, found: Customer, form: DetailsForm) -> None:
    said, changed = form.cleaned_data, set(form.changed_data)
    if "name" in changed:
        rename(customer=found, name=said["name"], actor=request.user)
    attributes = form.changed_attributes()
    if attributes or "language" in changed:
        save_details(customer=found, attributes=attributes, language=said["language"], actor=request.user)
    if changed & {"channel", "hour", "note"}:
        save_preferences(customer=found, channel=said["channel"], hour=said["hour"], note=said["note"], actor=request.user)


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMERS_WRITE)
def identity(request: ConsoleRequest, pid: str) -> HttpResponse:
    """One more way to know the customer, one less (`remove`, or `split` to another customer), or mails to one again (`lift`).

    The form stands where the customer is changed.
    """
    found, form = _person(request, pid), IdentityForm(request.POST)
    if request.method != "POST":
        return redirect("desk:customer_edit", pid)
    if "remove" in request.POST:
        return _without(request, found, pid)
    if "split" in request.POST:
        return _split(request, found, pid)
    if "lift" in request.POST:
        return _lifted(request, found, pid)
    if form.is_valid():
        try:
            add_identity(customer=found, type_name=form.cleaned_data["type"], value=form.cleaned_data["value"], actor=request.user)
        except (IdentityRefused, IdentityError) as refused:
            form.add_error("value", str(refused))
        else:
            messages.success(request, _("Added."))
            return redirect("desk:customer_edit", pid)
    return _page(request, found, _details(request, found), form)


def _without(request: ConsoleRequest, found: Customer, pid: str) -> HttpResponse:
    row = own_or_404(request, Identity.objects.filter(customer=found), request.POST["remove"])
    try:
        remove_identity(identity=row, actor=request.user)
    except IdentityError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Removed."))
    return redirect("desk:customer_edit", pid)


def _split(request: ConsoleRequest, found: Customer, pid: str) -> HttpResponse:
    row = own_or_404(request, Identity.objects.filter(customer=found), request.POST["split"])
    try:
        other = split_off(identity=row, actor=request.user)
    except IdentityError as refused:
        messages.error(request, str(refused))
        return redirect("desk:customer_edit", pid)
    messages.success(request, _("A customer of their own now. If it was the same person after all, the two can be joined again."))
    return redirect("desk:customer", public_id(bytes(request.workspace.id_key), other.pk))


def _lifted(request: ConsoleRequest, found: Customer, pid: str) -> HttpResponse:
    row = own_or_404(request, Identity.objects.filter(customer=found), request.POST["lift"])
    if lift_refusal(identity=row, channel_kind="email", actor=request.user):
        messages.success(request, _("Mails go there again."))
    return redirect("desk:customer_edit", pid)


def _ways(request: ConsoleRequest, found: Customer) -> list[tuple[Way, str, str]]:
    """Ways to know a customer, each with what takes it away: `split` for what has a history, nothing for the last; and its public id."""
    known = identities_of(found)
    lived = with_history([one.pk for one in known])
    key = bytes(request.workspace.id_key)
    shown = ways(known, sees=sees_contacts(request.member), refused=refusals_of(found))
    acts = ["" if len(known) == 1 else "split" if way.identity_id in lived else "remove" for way in shown]
    return [(way, act, public_id(key, way.identity_id)) for way, act in zip(shown, acts, strict=True)]


def _page(request: ConsoleRequest, found: Customer, form: DetailsForm, identity_form: IdentityForm) -> HttpResponse:
    context = {
        "customer": found,
        "name": name_shown(found.name, sees=sees_contacts(request.member)),
        "pid": public_id(bytes(request.workspace.id_key), found.pk),
        "form": form,
        "identity_form": identity_form,
        "may_guard": request.member.may(Permission.PRIVACY),
        "ways": _ways(request, found),
        "history": _history(found, sees=sees_contacts(request.member)),
    }
    return render(request, "desk/people/edit.html", context, status=422 if form.errors or identity_form.errors else 200)


def _history(found: Customer, *, sees: bool) -> list[tuple[str, Consent, str, str]]:
    """What they said about being written to: about what, the word, who wrote it down, the note beside it."""
    words = changes_of_mind(found.pk)[:30]
    return [(consent_label(word.purpose, word.channel), word, _said_by(word), readable(word.note, sees=sees)) for word in words]


def _said_by(word: Consent) -> str:
    """Who wrote a word down, or where it came from."""
    return str(word.recorded_by) if word.recorded_by else consent_source(word.source)


@require_POST
@requires(Permission.CUSTOMERS_WRITE)
def consent(request: ConsoleRequest, pid: str) -> HttpResponse:
    """What the customer just said about one purpose and channel."""
    found = _person(request, pid)
    granted = request.POST.get("granted", "")
    if granted not in {"yes", "no"}:
        raise Http404
    try:
        set_consent(
            customer=found,
            purpose=request.POST.get("purpose", ""),
            channel=request.POST.get("channel", ""),
            granted=granted == "yes",
            source=SOURCE,
            actor=request.user,
        )
    except ConsentError as refused:
        messages.error(request, str(refused))
    if not request.headers.get("HX-Request"):
        return redirect("desk:customer", pid)
    agreements = facts.agreements(standing_consents(found.pk), profile_of(found))
    return render(request, "desk/people/agreements.html", {"agreements": agreements, "pid": pid, "may_write": True})
