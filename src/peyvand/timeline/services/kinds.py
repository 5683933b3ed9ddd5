"""Kinds a workspace declares for itself."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from django.db import transaction
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.services import save_term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.checking import FIELD_TYPES
from peyvand.timeline.kinds import kinds
from peyvand.workspaces.models import User, Workspace

CODE = re.compile(r"^[a-z][a-z0-9_]{0,38}\.[a-z][a-z0-9_]{0,38}$")


class KindError(Exception):
    """A kind that cannot be declared; the message is for the person who asked."""


@transaction.atomic
def declare_kind(
    *,
    workspace: Workspace,
    code: str,
    names: Mapping[str, str],
    fields: Mapping[str, str],
    labels: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    actor: User | None,
    archived: bool = False,
) -> Term:
    """Declare or change a kind of this workspace; it can be recorded at once.

    `code` is noun.past_participle; `fields` maps property names to text, number, yes_no or date, `labels` to what people call
    them by language.
    """
    code = code.strip().lower()
    if code in kinds():
        raise KindError(_("“%(code)s” is built in already.") % {"code": code})
    if not CODE.match(code):
        raise KindError(_("Write the code like “repair.finished”: two words in small Latin letters with a dot between."))
    wrong = [name for name, type_name in fields.items() if type_name not in FIELD_TYPES]
    if wrong:
        raise KindError(_("The field “%(name)s” needs a type: text, number, yes_no or date.") % {"name": wrong[0]})
    changes = {
        "names": _said(names),
        "details": {
            "declared": True,
            "fields": dict(fields),
            "order": list(fields),
            "labels": {name: _said(labels[name]) for name in fields if name in labels},
        },
        "archived": archived,
    }
    known = Term.objects.filter(workspace=workspace, dimension=Dimension.KIND, code=code).first()
    return save_term(workspace=workspace, actor=actor, term=known, dimension=Dimension.KIND, code=code, changes=changes)


def _said(names: Mapping[str, str]) -> dict[str, str]:
    return {language: name.strip() for language, name in names.items() if name.strip()}
