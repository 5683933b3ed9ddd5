"""Attributes of customers: definitions met in events, and what people change about them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from peyvand.core.db import bulk_chunks
from peyvand.core.display import num
from peyvand.customers.attributes import USUAL_NAMES, fitting, type_of
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.types import AttributeType
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services import audit

CODE_LENGTH = 60
MOST_ATTRIBUTES = 300  # of a workspace; a program that invents a code for each event must not fill the list


class AttributeDefinitionError(Exception):
    """A definition that cannot be made; the message is for the person who asked, `field` names what to change."""

    def __init__(self, message: str, field: str = "code") -> None:
        super().__init__(message)
        self.field = field


def definitions_for(workspace_id: int, seen: Mapping[str, Any]) -> dict[str, AttributeDefinition]:
    """The definitions of these codes (code → a value), creating those never met; in the caller's transaction."""
    wanted = {code.strip()[:CODE_LENGTH]: value for code, value in seen.items() if code.strip() and value is not None}
    found = {one.code: one for one in AttributeDefinition.objects.filter(workspace_id=workspace_id)}
    missing = [code for code in wanted if code not in found][: max(0, MOST_ATTRIBUTES - len(found))]
    if missing:
        AttributeDefinition.objects.bulk_create(
            [
                AttributeDefinition(
                    workspace_id=workspace_id,
                    code=code,
                    names=USUAL_NAMES.get(code.lower(), {}),
                    type=type_of(wanted[code]),
                    seen_only=True,
                    position=len(found) + n,
                )
                for n, code in enumerate(missing)
            ],
            ignore_conflicts=True,
        )
        found |= {one.code: one for one in AttributeDefinition.objects.filter(workspace_id=workspace_id, code__in=missing)}
    return found


@transaction.atomic
def add_attribute(
    *, workspace: Workspace, actor: User | None, code: str, names: Mapping[str, str], type_name: str, choices: list[str] | None = None
) -> AttributeDefinition:
    """Define an attribute under a code that is not in use yet."""
    known = AttributeDefinition.objects.filter(workspace=workspace)
    if known.filter(code=code.strip()[:CODE_LENGTH]).exists():
        raise AttributeDefinitionError(_("There is a field with this code already; change that one."))
    if known.count() >= MOST_ATTRIBUTES:
        raise AttributeDefinitionError(_("There are too many fields already."))
    return save_attribute(workspace=workspace, actor=actor, code=code, names=names, type_name=type_name, choices=choices)


def save_attribute(
    *, workspace: Workspace, actor: User | None, code: str, names: Mapping[str, str], type_name: str, choices: list[str] | None = None
) -> AttributeDefinition:
    """Define an attribute, or change the names, type and choices of a known one; either way it counts as looked at.

    A type changes only where every value known so far can be read as the new one; they are then kept as that.
    """
    code = code.strip()[:CODE_LENGTH]
    if not code:
        raise AttributeDefinitionError(_("Give it a short code, for example “city”."))
    if type_name not in list(AttributeType):
        raise AttributeDefinitionError(_("Choose what its values are: text, number, date, yes or no, or one of a list."), "type_name")
    choices = [choice.strip() for choice in choices or [] if choice.strip()]
    if type_name == AttributeType.CHOICE and not choices:
        raise AttributeDefinitionError(_("Give the choices, one a line."), "choices")
    known = AttributeDefinition.objects.filter(workspace=workspace, code=code).first()
    if known is not None and known.type != type_name:
        _check_values(workspace, code, type_name)
    stored = {
        "names": {language: name.strip() for language, name in names.items() if name.strip()},
        "type": type_name,
        "choices": choices,
        "seen_only": False,
        "archived": False,
    }
    with transaction.atomic():
        definition, _created = AttributeDefinition.objects.update_or_create(workspace=workspace, code=code, defaults=stored)
        audit(workspace=workspace, actor=actor, action="attribute.saved", target=definition)
    if known is not None:
        _convert_values(definition)
    return definition


def _values(workspace: Workspace, code: str) -> QuerySet[Profile]:
    return Profile.objects.filter(workspace=workspace, attributes__has_key=code)


def _check_values(workspace: Workspace, code: str, type_name: str) -> None:
    """Raise AttributeDefinitionError where a customer has a value that is nothing of this type."""
    values = (found[code] for found in _values(workspace, code).values_list("attributes", flat=True).iterator())
    unfit = [value for value in values if fitting(type_name, value) is None]
    if unfit:
        words = {"n": num(len(unfit)), "value": str(unfit[0])[:60]}
        raise AttributeDefinitionError(
            _("“%(value)s” of a customer cannot be this; such values: %(n)s. Correct them first, or add another field.") % words,
            "type_name",
        )


def _convert_values(definition: AttributeDefinition) -> None:
    """Keep known values as the type of their attribute. A repeat changes nothing, and goes on where a crash ended it."""
    code = definition.code
    found = _values(definition.workspace, code).values_list("customer_id", "attributes").iterator()
    others = [customer for customer, known in found if known[code] != fitting(definition.type, known[code])]
    for piece in bulk_chunks(others):
        with transaction.atomic():
            profiles = list(Profile.objects.select_for_update().filter(pk__in=piece, attributes__has_key=code))
            for profile in profiles:
                profile.attributes[code] = fitting(definition.type, profile.attributes[code])
            Profile.objects.bulk_update([one for one in profiles if one.attributes[code] is not None], ["attributes"])


@transaction.atomic
def archive_attribute(*, definition: AttributeDefinition, actor: User | None, archived: bool = True) -> None:
    """Take an attribute out of forms and pages, or bring it back; its values stay."""
    AttributeDefinition.objects.filter(pk=definition.pk).update(archived=archived, seen_only=False)
    action = "attribute.archived" if archived else "attribute.saved"
    audit(workspace=definition.workspace, actor=actor, action=action, target=definition)
