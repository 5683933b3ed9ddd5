"""Moves between stages in words: one move with its reason, for the page, the timeline and the table of flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.cases.wording import stage_label
from peyvand.core import display
from peyvand.customers.queries.stages import moves_of
from peyvand.customers.types import Cause, Stage
from peyvand.desk.people.words import stage_tone

LINES: Final = 10


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One move of a customer: to where, from where (empty at first), when and why."""

    stage: str
    tone: str
    before: str
    at: datetime
    why: str


def move_lines(customer_id: int) -> list[MoveLine]:
    """The last moves of a customer, the latest first."""
    return [
        MoveLine(
            stage=stage_label(Stage(move.to_stage)),
            tone=stage_tone(Stage(move.to_stage)),
            before=stage_label(Stage(move.from_stage)) if move.from_stage else "",
            at=move.at,
            why=cause_text(move.cause, move.figures),
        )
        for move in moves_of(customer_id)[:LINES]
    ]


def cause_text(cause: str, figures: Mapping[str, float]) -> str:
    """Why somebody moved, in words with the figures that made it so."""
    n, score = int(figures.get("purchases", 0) or figures.get("days", 0)), figures.get("score")
    if cause in (Cause.BOUGHT, Cause.BACK) and n:
        bought = ngettext("%(n)s purchase so far", "%(n)s purchases so far", n) % {"n": display.num(n)}
        return _("back again; %(bought)s") % {"bought": bought} if cause == Cause.BACK else bought
    if cause == Cause.QUIET:
        return ngettext("not seen for %(n)s day", "not seen for %(n)s days", n) % {"n": display.num(n)}
    if score is not None and cause in (Cause.PROMOTES, Cause.UNHAPPY):
        words = _("would recommend us: %(score)s of 10") if cause == Cause.PROMOTES else _("last score was bad: %(score)s")
        return words % {"score": display.num(score)}
    plain = {
        Cause.KNOWN.value: _("has not bought yet"),
        Cause.CASE.value: _("a case is open"),
        Cause.UNHAPPY.value: _("last score was bad"),
        Cause.MERGED.value: _("two customers were said to be one person"),
        Cause.UNMERGED.value: _("they were said to be two people"),
    }
    return plain.get(cause, "")
