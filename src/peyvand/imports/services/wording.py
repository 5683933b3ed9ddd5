"""Why a row was rejected, in every language there is: which interaction, which field, what is wrong. Called by running and checking."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from peyvand.core.persian import to_persian_digits
from peyvand.imports.languages import languages, packed
from peyvand.imports.mapping.rules import Compiled, Rejection
from peyvand.imports.models import Import
from peyvand.imports.reading.preparing import Unit
from peyvand.imports.services.opening import open_import, work_folder
from peyvand.imports.services.working import make_piece, tally
from peyvand.imports.types import FileProblem, MapProblem
from peyvand.timeline.queries import kind_label
from peyvand.timeline.services import Facts, draft
from peyvand.timeline.types import Outcome, Status

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
    "customer.company": _("Company"),
    "customer.company.own_id": _("Company"),
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


class Reader(NamedTuple):
    """What reads rejected units anew, to say why in another language."""

    workspace_id: int
    compiled: Compiled
    facts: Facts


Worded = dict[str, str]


def worded(reader: Reader, rejections: Sequence[tuple[Unit, Rejection]]) -> list[Worded]:
    """Each rejection as one line of every language.

    The reasons were made in the language of this moment; for the others the few units they are of are read once more.
    """
    found: list[Worded] = [{} for _rejection in rejections]
    spoken, kinds = get_language(), {one.kind for _unit, one in rejections}
    for language in languages() if rejections else ():
        with override(language):
            labels = {kind: kind_label(reader.workspace_id, kind) if kind else "" for kind in kinds}
            again = rejections if language == spoken else _read_again(reader, rejections)
            for words, (_unit, one) in zip(found, again, strict=True):
                words[language] = _line(labels[one.kind], one)
    return found


def _read_again(reader: Reader, rejections: Sequence[tuple[Unit, Rejection]]) -> list[tuple[Unit, Rejection]]:
    """The same rejections with their reasons in the language of this moment; one that does not come again keeps its words."""
    units = list({unit.start: unit for unit, _rejection in rejections}.values())
    piece = make_piece(reader.compiled, units)
    drafted = draft(reader.facts, piece.items)
    _counted, anew = tally(piece, [refused or Outcome(Status.RECORDED) for refused in drafted.outcomes])
    waiting = defaultdict(list)
    for unit, one in anew:
        waiting[unit.start, one.kind, one.field].append(one)
    found = []
    for unit, one in rejections:
        matching = waiting[unit.start, one.kind, one.field]
        found.append((unit, matching.pop(0) if matching else one))
    return found


def problem_words(one: Import, problem: FileProblem | MapProblem) -> str:
    """Why an import cannot be worked through, packed in every language: for the others its files are opened once more."""

    def again() -> str:
        if get_language() == spoken:
            return str(problem)
        try:
            with work_folder(one) as folder:
                open_import(one, folder)
        except (FileProblem, MapProblem) as same:
            return str(same)
        return str(problem)

    spoken = get_language()
    return packed(again)


def _line(what: str, rejection: Rejection) -> str:
    where = " · ".join(part for part in (what, _field(rejection.field)) if part)
    reason = to_persian_digits(rejection.reason) if get_language() == "fa" else rejection.reason
    return f"{where}: {reason}" if where else reason


def _field(code: str) -> str:
    """What the wizard calls a field; a map's own fields keep their names."""
    name = _PLACE.sub("", code)
    return str(_FIELDS.get(name, name.removeprefix("properties.").removeprefix("customer.attributes.")))
