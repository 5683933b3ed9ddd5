"""The reader of a page or a message: a person's own wishes over the workspace's, over what is usual in a language."""

from typing import cast

from peyvand.core.calendars import Calendar
from peyvand.core.money import RialUnit
from peyvand.core.reader import Digits, Reader, usual_reader
from peyvand.workspaces.models import User, Workspace


def reader_of(workspace: Workspace, language: str, user: User | None = None) -> Reader:
    """How somebody reads what belongs to this workspace, in this language.

    Dates follow the workspace's calendar, digits the language unless the person chose, money the workspace's unit.
    """
    usual = usual_reader(language)
    chosen = user.digits if user is not None else ""
    return Reader(
        language=usual.language,
        calendar=cast("Calendar", workspace.calendar),
        digits=cast("Digits", chosen) if chosen in ("persian", "latin") else usual.digits,
        tz=workspace.time_zone,
        currency=workspace.currency,
        rial_shown_as=cast("RialUnit", workspace.rial_shown_as),
    )
