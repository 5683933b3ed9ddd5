"""Attributes of customers: definitions met in events, and what people change about them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.customers.attributes import USUAL_NAMES, type_of
from peyvand.customers.models import AttributeDefinition
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


@transaction.atomic
def save_attribute(
    *, workspace: Workspace, actor: User | None, code: str, names: Mapping[str, str], type_name: str, choices: list[str] | None = None
) -> AttributeDefinition:
    """Define an attribute, or change the names, type and choices of a known one; either way it counts as looked at."""
    code = code.strip()[:CODE_LENGTH]
    if not code:
        raise AttributeDefinitionError(_("Give it a short code, for example “city”."))
    if type_name not in list(AttributeType):
        raise AttributeDefinitionError(_("Choose what its values are: text, number, date, yes or no, or one of a list."), "type_name")
    choices = [choice.strip() for choice in choices or [] if choice.strip()]
    if type_name == AttributeType.CHOICE and not choices:
        raise AttributeDefinitionError(_("Give the choices, one a line."), "choices")
    definition, _created = AttributeDefinition.objects.update_or_create(
        workspace=workspace,
        code=code,
        defaults={
            "names": {language: name.strip() for language, name in names.items() if name.strip()},
            "type": type_name,
            "choices": choices,
            "seen_only": False,
            "archived": False,
        },
    )
    audit(workspace=workspace, actor=actor, action="attribute.saved", target=definition)
    return definition


@transaction.atomic
def archive_attribute(*, definition: AttributeDefinition, actor: User | None, archived: bool = True) -> None:
    """Take an attribute out of forms and pages, or bring it back; its values stay."""
    AttributeDefinition.objects.filter(pk=definition.pk).update(archived=archived, seen_only=False)
    action = "attribute.archived" if archived else "attribute.saved"
    audit(workspace=definition.workspace, actor=actor, action=action, target=definition)
