"""Figures for programs: one measure cut and filtered, the answers under it, all of a time, what moved, two sides, the chain."""

from ninja import Router

from peyvand.insights.api import answers, board, chain, comparing, measures

ROUTER = Router(tags=["measures"])
for _part in (measures, answers, board, comparing, chain):
    ROUTER.add_router("", _part.ROUTER)
