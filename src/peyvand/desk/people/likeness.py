"""Why two customers look like one person, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import num
from peyvand.core.masking import without_contacts
from peyvand.customers.models import AttributeDefinition
from peyvand.desk.people.facts import attribute_text
from peyvand.identities.models import LinkConflict
from peyvand.workspaces.models import Workspace

Definitions = Mapping[str, AttributeDefinition]


def definitions_of(workspace: Workspace) -> Definitions:
    """The attributes of a workspace by their code."""
    return {one.code: one for one in AttributeDefinition.objects.filter(workspace=workspace)}


def reason_words(pair: LinkConflict, definitions: Definitions, *, sees: bool) -> list[str]:
    """What speaks for a pair, one sentence a reason; contacts among attributes only for those who may see them."""
    found = []
    for reason in pair.reasons or []:
        if reason.get("code") == "attribute":
            found.append(_attribute(reason, definitions, sees=sees))
        elif (say := WORDS.get(str(reason.get("code")))) is not None:
            found.append(say(reason))
    return found


def _attribute(reason: Mapping[str, Any], definitions: Definitions, *, sees: bool) -> str:
    code = str(reason.get("about", ""))
    definition = definitions.get(code)
    text = attribute_text(definition.type if definition else "text", reason.get("value", ""))
    words = {"label": definition.label if definition else code, "value": text if sees else without_contacts(text)}
    return _("%(label)s of both: %(value)s") % words


def _name(reason: Mapping[str, Any]) -> str:
    n = int(reason.get("n", 2))
    if n <= 2:
        return _("The same name, which nobody else has")
    return ngettext("The same name, which %(n)s person has", "The same name, which %(n)s people have", n) % {"n": num(n)}


WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "name": _name,
    "phone": lambda _reason: _("Phone numbers that differ in one digit"),
    "box": lambda _reason: _("E-mail addresses of one mailbox, written in two ways"),
    "mail_letter": lambda _reason: _("E-mail addresses that differ in one letter"),
    "mail_name": lambda _reason: _("The same name before the @ of their e-mail addresses"),
}
