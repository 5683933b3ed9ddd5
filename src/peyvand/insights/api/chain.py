"""The chain for programs: perception → trust → loyalty → sales and reputation, each place with its figures, each link with its strength."""

from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from peyvand.insights.api.comparing import SpanTold
from peyvand.insights.api.reading import (
    FigureTold,
    WindowAsked,
    WindowTold,
    board_of,
    figure_told,
    in_reader_language,
    span_told,
    spoken,
    window_told,
)
from peyvand.insights.chains import chained
from peyvand.insights.links import Link, Sales, reviews, sales
from peyvand.workspaces.bearer import KeyRequest, opens
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["measures"])


class LinkTold(Schema):
    """How people of bad, mixed and good scores (in this order) thought or acted; that two go together says not which brings the other."""

    measure: str
    to: str = Field(
        description="a measure; `again`: the share who bought again, in percent; `spent`: a person's mean amount, in minor units"
    )
    span: SpanTold = Field(description="of the first scores")
    together: dict[str, Any] = Field(description="Spearman's ρ with its interval; null where too few people stand behind it")
    groups: list[dict[str, Any]]
    whole: dict[str, Any]
    difference: dict[str, Any] | None = Field(description="good people minus bad ones")


class SalesTold(Schema):
    """Purchases of the time, whatever the filters."""

    orders: int
    people: int
    paid: float = Field(description="in minor units")
    each: dict[str, Any]


class ChainTold(Schema):
    """The whole chain; a place without anybody asked is empty."""

    window: WindowTold
    perception: list[FigureTold]
    trust: FigureTold | None
    loyalty: FigureTold | None
    sales: SalesTold | None
    reputation: FigureTold | None
    links: list[LinkTold]
    strongest: int | None = Field(description="the place in `links` of the one that is known best beyond noise")


@opens(ROUTER.get, "/chain", Scope.READ, response=ChainTold, summary="Perception, trust, loyalty, sales and reputation")
def chain(request: KeyRequest, asked: Annotated[WindowAsked, Query()]) -> dict[str, Any]:
    """As on the page of the chain."""
    return in_reader_language(request, lambda: _counted(request, asked), spoken(request))


def _counted(request: KeyRequest, asked: WindowAsked) -> dict[str, Any]:
    found = board_of(request, asked)
    known = chained(found)

    def figure(code: str) -> dict[str, Any] | None:
        return figure_told(found.labels[code], found.totals[code]) if code else None

    famed, links = reviews(found), known.links
    strongest = known.strongest
    return {
        "window": window_told(found),
        "perception": [figure(code) for code in known.felt],
        "trust": figure(known.trusted),
        "loyalty": figure(known.loyal),
        "sales": _sales(sales(found, found.window.span)),
        "reputation": figure_told(found.labels[famed.measure], famed) if famed is not None else None,
        "links": [_link(one) for one in links],
        "strongest": next((place for place, one in enumerate(links) if one is strongest), None),
    }


def _sales(sold: Sales | None) -> dict[str, Any] | None:
    if sold is None or not sold.orders:
        return None
    return {name: getattr(sold, name) for name in ("orders", "people", "paid")} | {"each": sold.each.to_json()}


def _link(link: Link) -> dict[str, Any]:
    difference = link.difference.to_json() if link.difference is not None else None
    figures = {"groups": [one.to_json() for one in link.groups], "whole": link.whole.to_json(), "together": link.together.to_json()}
    return {"measure": link.measure, "to": link.to, "span": span_told(link.span), "difference": difference} | figures
