"""Everything kept of one person as a ZIP: JSON for programs, a page for people. Called by the command and the customer's page."""

import datetime as dt
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.template.loader import render_to_string

from peyvand.core import clock
from peyvand.core.privacy import Rows, keepers
from peyvand.core.reader import use_reader
from peyvand.identities.models import Customer
from peyvand.identities.queries import standing
from peyvand.privacy.queries import person_of
from peyvand.privacy.wording import chapters
from peyvand.workspaces.models import User
from peyvand.workspaces.readers import reader_of
from peyvand.workspaces.services import audit

FORMAT: Final = 1
FIRST: Final = ("names", "identities", "profile", "companies", "consents", "interactions")  # in this order; then as apps tell them


def archive_of(*, customer: Customer, actor: User | None) -> bytes:
    """The ZIP of a customer and everybody merged into them: person.json and, in the workspace's language, person.html. Audited."""
    one = standing(customer)
    sections = sections_of(one)
    workspace = one.workspace
    made_at = clock.now()
    told = {"format": FORMAT, "workspace": workspace.slug, "made_at": made_at, "sections": sections}
    with use_reader(reader_of(workspace, workspace.default_language)):
        page = render_to_string(
            "privacy/export.html", {"brand": workspace.name, "made_at": made_at, "chapters": chapters(sections), "name": one.name}
        )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("person.json", json.dumps(told, ensure_ascii=False, indent=1, default=_plain))
        made.writestr("person.html", page)
    with transaction.atomic():
        audit(workspace=workspace, actor=actor, action="person.exported", target=one)
    return archive.getvalue()


def sections_of(customer: Customer) -> dict[str, Rows]:
    """What every app keeps of a person, by section; empty ones are left out."""
    person = person_of(customer)
    found: dict[str, Rows] = {}
    for keeper in keepers():
        for name, rows in keeper.export(person).items():
            if rows:
                found[name] = [_tidy(row) for row in rows]
    order = [*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST)]
    return {name: found[name] for name in order}


def _tidy(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what is empty; of a column reached through a relation, the column's name alone."""
    return {name.rpartition("__")[2] if "__" in name else name: value for name, value in row.items() if value not in (None, "", [], {})}


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.datetime | dt.date) else str(value)
