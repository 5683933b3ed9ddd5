"""Figures for programs: one measure cut and filtered, all of a time, what moved, two sides beside each other, the chain."""

from ninja import Router

from peyvand.insights.api import board, chain, comparing, measures

ROUTER = Router(tags=["measures"])
for _part in (measures, board, comparing, chain):
    ROUTER.add_router("", _part.ROUTER)
