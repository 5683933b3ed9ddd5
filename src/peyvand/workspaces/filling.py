"""The console's forms filled in by programs: the same rules, and a refusal that names the field. Called by api modules."""

from typing import TypeVar

from django.forms import BaseForm
from django.forms.forms import NON_FIELD_ERRORS

from peyvand.workspaces.bearer import Refused

F = TypeVar("F", bound=BaseForm)


def filled(form: F, place: str = "") -> F:
    """The form, valid. Raises Refused (422 `invalid`) with its first error; `place` is where in the body the form's fields stand."""
    if form.is_valid():
        return form
    name, errors = next(iter(form.errors.items()))
    field = place.rstrip(".") if name == NON_FIELD_ERRORS else f"{place}{name}"
    raise Refused(422, "invalid", f"{field}: {errors[0]}" if field else str(errors[0]), field)
