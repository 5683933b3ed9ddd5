"""What a customer has that would move where they are made one person with another: counted for the page where that is decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from peyvand.cases.queries import all_cases
from peyvand.channels.models import Outgoing
from peyvand.core.display import num
from peyvand.core.masking import without_contacts
from peyvand.customers.models import AttributeDefinition, Consent
from peyvand.customers.queries.moments import Asked, count_before
from peyvand.customers.queries.people import attribute_definitions, profile_of
from peyvand.desk.people.facts import attribute_text, preference
from peyvand.identities.models import Customer
from peyvand.identities.queries import one_person
from peyvand.surveys.models import Invitation
from peyvand.tasks.models import Task

MOST = 5000


@dataclass(frozen=True, slots=True)
class Both:
    """One line of two customers side by side: what it is, and what each has."""

    label: str
    texts: tuple[str, str]


def belongings(two: Sequence[Customer]) -> list[Both]:
    """How much each of two has, of everything that moves; nothing that neither has."""
    found = []
    for label, numbers in zip(_labels(), zip(*(_counts(one) for one in two), strict=True), strict=True):
        if any(numbers):
            found.append(Both(label, (_text(numbers[0]), _text(numbers[1]))))
    return found


def _labels() -> tuple[str, ...]:
    return (
        _("Ways to be known"),
        _("Events on the timeline"),
        _("Cases"),
        _("Open tasks"),
        _("Surveys asked"),
        _("Messages"),
        _("Words on consent"),
    )


def _counts(customer: Customer) -> tuple[int, ...]:
    people = one_person(customer.pk)
    return (
        customer.identities.count(),
        count_before(Asked(customer.workspace_id, customer.pk), MOST),
        all_cases(customer).count(),
        Task.objects.filter(customer__in=people, state=Task.State.OPEN).count(),
        Invitation.objects.filter(customer__in=people).count(),
        Outgoing.objects.filter(customer__in=people).count(),
        Consent.objects.filter(customer__in=people).count(),
    )


def _text(n: int) -> str:
    return _("%(n)s or more") % {"n": num(n)} if n >= MOST else num(n) if n else "–"


def told_of(two: Sequence[Customer], *, sees: bool) -> list[Both]:
    """What is known of each of two: attributes and how they like to be reached, in the workspace's order."""
    profiles = [profile_of(one) for one in two]
    lines = [
        Both(definition.label, (_value(definition, profiles[0].attributes, sees), _value(definition, profiles[1].attributes, sees)))
        for definition in attribute_definitions(two[0].workspace)
    ]
    lines.append(Both(_("Prefers"), (preference(profiles[0]) or "–", preference(profiles[1]) or "–")))
    return [line for line in lines if line.texts != ("–", "–")]


def _value(definition: AttributeDefinition, known: dict[str, object], sees: bool) -> str:  # noqa: FBT001 - read beside its call
    value = known.get(definition.code)
    if value is None:
        return "–"
    text = attribute_text(definition.type, value)
    return text if sees else without_contacts(text)
