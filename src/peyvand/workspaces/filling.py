"""The console's forms filled in by programs: the same rules, and a refusal that names the field. Called by api modules."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm

from peyvand.workspaces.bearer import Refused

F = TypeVar("F", bound=BaseForm)
AS_IT_IS: Final[Mapping[str, str]] = MappingProxyType({})


def filled(form: F, places: Mapping[str, str] = AS_IT_IS) -> F:
    """The form, valid. Raises Refused (422 `invalid`) with its first error; `places` says where in the body a field of the form stands."""
    if form.is_valid():
        return form
    name, errors = next(iter(form.errors.items()))
    field = places.get(name, "" if name == NON_FIELD_ERRORS else name)
    raise Refused(422, "invalid", f"{field}: {errors[0]}" if field else str(errors[0]), field)
