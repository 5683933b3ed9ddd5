"""Why a row was rejected, as its reader says it: which interaction, which field, what is wrong. Called by running and checking."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from peyvand.core.persian import to_persian_digits
from peyvand.imports.mapping.rules import Rejection
from peyvand.imports.models import Import
from peyvand.timeline.kinds import kinds

_PLACE: Final = re.compile(r"\[\d+\]")
_FIELDS: Final[dict[str, str | Promise]] = {
    "occurred_at": _("When"),
    "external_id": _("Number of the order or row"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "duration_s": _("Duration"),
    "response_s": _("Response time"),
    "channel": _("Channel"),
    "touchpoint": _("Touchpoint"),
    "stage": _("Stage"),
    "product": _("Product"),
    "branch": _("Branch"),
    "department": _("Department"),
    "employee": _("Employee"),
    "device": _("Device"),
    "language": _("Language"),
    "subject.id": _("Number of the order or row"),
    "customer.name": _("Customer's name"),
    "customer.consents": _("Consent"),
    "customer.identities": _("Way to know the customer"),
    "customer.identities.phone": _("Phone number"),
    "customer.identities.email": _("E-mail"),
    "customer.identities.own_id": _("Your number of the customer"),
    "perceptions.value": _("Score"),
    "perceptions.text": _("Words"),
    "nps.value": _("Score"),
    "csat.value": _("Score"),
    "ces.value": _("Score"),
    "rating.value": _("Score"),
}


@contextmanager
def for_reader(one: Import) -> Iterator[None]:
    """In the worker: the language of whoever brought the file, so that its reasons are in it."""
    with override((one.created_by.language if one.created_by else "") or one.workspace.default_language):
        yield


def worded(rejection: Rejection) -> str:
    """A rejection as one line."""
    kind = kinds().get(rejection.kind)
    what = kind.label(get_language() or "en") if kind else rejection.kind
    where = " · ".join(part for part in (what, _field(rejection.field)) if part)
    reason = to_persian_digits(rejection.reason) if get_language() == "fa" else rejection.reason
    return f"{where}: {reason}" if where else reason


def _field(code: str) -> str:
    """What the wizard calls a field; a map's own fields keep their names."""
    name = _PLACE.sub("", code)
    return str(_FIELDS.get(name, name.removeprefix("properties.").removeprefix("customer.attributes.")))
