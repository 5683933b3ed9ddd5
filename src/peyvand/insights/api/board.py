"""What Pulse shows, for programs: every measure of a time beside an earlier one, who answered, and what moved beyond noise."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.insights.api.reading import FigureTold, WindowAsked, WindowTold, board_of, figure_told, in_reader_language, spoken, window_told
from peyvand.insights.board import CUTS, Board
from peyvand.insights.moves import Cause, Move, cause, moves
from peyvand.insights.voices import voices
from peyvand.workspaces.bearer import KeyRequest, opens
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])
MOST_CAUSES = 4


class VoicesTold(Schema):
    """Who answered."""

    people: int
    nameless: int = Field(description="answers of nobody in particular")
    invited: int = Field(description="invitations sent")
    replied: int = Field(description="answers to them")


class FiguresTold(Schema):
    """Every measure of a time."""

    window: WindowTold
    voices: VoicesTold
    items: list[FigureTold]


class CauseTold(Schema):
    """Where most of a move comes from: a group, or a property whose share of the answers changed (in percent)."""

    cut: str
    label: str
    share_now: float | None
    share_then: float | None


class MoveTold(FigureTold):
    """A figure that changed: of all answers (`cut` empty) or of one group."""

    cut: str
    code: str
    group: str = Field(description="what the group is called")
    sure: bool = Field(description="beyond noise also when it is remembered how many figures were looked at")
    cause: CauseTold | None = Field(description="of the first few that are sure")


class MovesTold(Schema):
    """What moved, the surest first."""

    window: WindowTold
    items: list[MoveTold]


@opens(ROUTER.get, "/figures", Scope.READ, response=FiguresTold, summary="Every measure of a time, now and then")
def figures(request: KeyRequest, asked: Annotated[WindowAsked, Query()]) -> dict[str, Any]:
    """As on Pulse; `/measures/{measure}` cuts one of them further."""

    def counted() -> dict[str, Any]:
        found = board_of(request, asked)
        who = voices(request.workspace, found.window, found.filters)
        told = {name: getattr(who, name) for name in VoicesTold.model_fields}
        items = [figure_told(found.labels[code], found.totals[code]) for code in found.measures]
        return {"window": window_told(found), "voices": told, "items": items}

    return in_reader_language(request, counted, spoken(request))


@opens(ROUTER.get, "/figures/moved", Scope.READ, response=MovesTold, summary="What moved, and where it comes from")
def moved(request: KeyRequest, asked: Annotated[WindowAsked, Query()]) -> dict[str, Any]:
    """Each measure and each group of it against the earlier time. Nothing where there is none."""

    def counted() -> dict[str, Any]:
        found = board_of(request, asked)
        told = moves(found, found.answered, CUTS) if found.window.before is not None else []
        causes = {id(move): cause(found, move) for move in [one for one in told if one.sure][:MOST_CAUSES]}
        return {"window": window_told(found), "items": [_move(found, move, causes.get(id(move))) for move in told]}

    return in_reader_language(request, counted, spoken(request))


def _move(found: Board, move: Move, why: Cause | None) -> dict[str, Any]:
    group = {"code": move.term.code, "group": move.term.label} if move.term is not None else {"code": "", "group": ""}
    because = {name: getattr(why, name) for name in CauseTold.model_fields} if why is not None else None
    return figure_told(found.labels[move.measure], move.pair) | group | {"cut": move.cut, "sure": move.sure, "cause": because}
