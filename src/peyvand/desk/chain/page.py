"""The whole chain of a board: its places, the ties between them, and each link in detail. Called by views/chain.py."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core.display import num, shortday
from peyvand.core.periods import local_date
from peyvand.core.pictures import Ends, Range, range_on
from peyvand.desk.chain.nodes import Known, Node, again_figure, figure, none_here, sales_figures, ways
from peyvand.desk.chain.words import (
    bare_amount,
    difference_text,
    figure_text,
    link_said,
    link_title,
    rho_text,
    strength,
    strength_words,
    what_of,
)
from peyvand.desk.pulse.asking import Asked
from peyvand.desk.pulse.words import decimals, short_name
from peyvand.insights.board import Board
from peyvand.insights.chains import chained
from peyvand.insights.links import LOYALTY, REVIEW, REVIEWED, TRUST, Link, followed_span, reviewed, reviews, sales
from peyvand.insights.questions import BEGINNING
from peyvand.measures.association import Association
from peyvand.measures.estimates import Estimate
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission


@dataclass(frozen=True, slots=True)
class Group:
    """Happy, in-between or unhappy people of a link: how many, what they thought or did, drawn on one track with the others."""

    label: str
    shape: str
    people: int
    value: str
    low: str
    high: str
    few: bool
    url: str
    range: Range | None


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One link in detail."""

    title: str
    said: str
    strength: str
    words: str
    rho: SafeString | str
    people: int
    head: str
    groups: Sequence[Group]
    difference: SafeString | str
    span: str


@dataclass(frozen=True, slots=True)
class Tie:
    """What stands between two places: how strongly they go together, in a word and a number; empty where it is not known."""

    strength: str = ""
    words: str = ""
    rho: SafeString | str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The page: places with a tie before each but the first, then the links in detail."""

    places: Sequence[tuple[Tie | None, Sequence[Node]]]
    links: Sequence[LinkShown]
    strongest: Link | None


def chain(found: Board, ask: Asked, member: Member) -> Chain:
    """Count and tell the chain of a board."""
    known = chained(found)
    places = [
        (None, [_felt(found, ask, known.felt, member)]),
        (_tie(known.to_trust), [_trust(found, ask, known.trusted, member)]),
        (_tie(known.to_loyal), [_loyalty(found, ask, known.loyal, known.deeds, member)]),
        (_tie([*known.deeds, *known.famed]), [_sales(found, member), _reputation(found, ask, member)]),
    ]
    opens = member.may(Permission.FEEDBACK_READ)
    return Chain(places, [_shown(found, ask, link, opens=opens) for link in known.links], known.strongest)


def _tie(links: Sequence[Link]) -> Tie:
    """The strongest of several links; unknown where there is none."""
    best = max(links, key=lambda link: abs(link.together.rho or 0.0), default=None)
    if best is None:
        return Tie()
    return Tie(strength(best.together), strength_words(best.together), _rho(best.together))


def _rho(found: Association) -> str:
    return "" if found.rho is None or found.small else num(found.rho, 2)


def _known(found: Board, ask: Asked, codes: Sequence[str]) -> list[Known]:
    urls = {code: f"{reverse('desk:measure', args=[code])}?{ask.link()}" for code in codes}
    return [figure(short_name(code, found.labels[code]), found.totals[code], urls[code]) for code in codes]


def _felt(found: Board, ask: Asked, felt: Sequence[str], member: Member) -> Node:
    if felt:
        return Node("felt", _("Perception"), _known(found, ask, felt))
    if any(code not in (*TRUST, *LOYALTY) for code in found.measures):
        return none_here("felt", _("Perception"))
    missing = _("Nobody was asked yet how it was.")
    return Node("felt", _("Perception"), [], missing, ways(member, "survey", "import"), _("Not asked yet"))


def _trust(found: Board, ask: Asked, trusted: str, member: Member) -> Node:
    if trusted:
        return Node("trust", _("Trust"), _known(found, ask, [code for code in TRUST if code in found.answered]))
    if any(code in TRUST for code in found.measures):
        return none_here("trust", _("Trust"))
    missing = _("Nobody was asked yet how far they trust the brand. Scores may come by file or by the door, under the measure “trust”.")
    return Node("trust", _("Trust"), [], missing, ways(member, "import"), _("Not asked yet"))


def _loyalty(found: Board, ask: Asked, loyal: str, deeds: Sequence[Link], member: Member) -> Node:
    figures = _known(found, ask, [loyal] if loyal else [])
    figures += [again_figure(link) for link in deeds if link.to == "again"]
    if figures:
        return Node("loyalty", _("Loyalty"), figures)
    if any(code in LOYALTY for code in found.measures):
        return none_here("loyalty", _("Loyalty"))
    missing = _("Nobody was asked yet whether they would recommend the brand.")
    return Node("loyalty", _("Loyalty"), [], missing, ways(member, "survey", "import"), _("Not asked yet"))


def _sales(found: Board, member: Member) -> Node:
    sold = sales(found, found.window.span)
    if sold is None or not sold.orders:
        missing = _("No purchase with an amount is known of this time.")
        return Node("sales", _("Sales"), [], missing, ways(member, "import"), _("Not known yet"))
    note = _("All purchases of this time: filters are of answers.") if found.filters else ""
    return Node("sales", _("Sales"), sales_figures(sold, found.workspace.currency), note=note)


def _reputation(found: Board, ask: Asked, member: Member) -> Node:
    pair = reviews(found)
    if pair is not None:
        url = f"{reverse('desk:measure', args=[REVIEWED])}?{ask.link(kind=REVIEW)}"
        return Node("reputation", _("Reputation"), [figure(_("Rating in reviews"), pair, url)])
    if reviewed(found):
        return none_here("reputation", _("Reputation"))
    missing = _("No review is known yet. Reviews may come by file or by the door, as the kind “review.written”.")
    return Node("reputation", _("Reputation"), [], missing, ways(member, "import"), _("Not known yet"))


def _shown(found: Board, ask: Asked, link: Link, *, opens: bool) -> LinkShown:
    labels, currency = found.labels, found.workspace.currency
    return LinkShown(
        title=link_title(link, labels),
        said=link_said(link, labels, currency),
        strength=strength(link.together),
        words=strength_words(link.together),
        rho=rho_text(link.together),
        people=link.together.n,
        head=_head(link, labels),
        groups=_groups(found, ask, link, opens=opens),
        difference=difference_text(link, currency),
        span=_span(found, link),
    )


def _head(link: Link, labels: dict[str, str]) -> str:
    """What the figures of the groups are."""
    if link.to == "again":
        return _("Bought again")
    return _("Spent each") if link.to == "spent" else _("Mean in “%(other)s”") % {"other": what_of(link.to, labels)}


def _groups(found: Board, ask: Asked, link: Link, *, opens: bool) -> list[Group]:
    names = ((_("Happy"), "p", "good"), (_("In between"), "n", "mixed"), (_("Unhappy"), "d", "bad"))
    ends = _ends(link)
    groups = []
    for (label, shape, band), estimate in zip(names, reversed(link.groups), strict=True):
        url = _answers(found, ask, link, band) if opens and estimate.n else ""
        groups.append(_group(found, link, (label, shape, url), estimate, ends))
    return groups


def _ends(link: Link) -> Ends:
    """The ends of the track of a link's groups: of the scale, of a share, or from nothing to the most that any interval reaches."""
    if link.to == "again":
        return Ends(0.0, 100.0)
    if link.to == "spent":
        return Ends(0.0, max((one.high or one.value or 0.0 for one in link.groups if one.n), default=1.0) or 1.0)
    return Ends(*link.groups[0].scale)


def _group(found: Board, link: Link, told: tuple[str, str, str], estimate: Estimate, ends: Ends) -> Group:
    label, shape, url = told
    currency, spread = found.workspace.currency, None
    if estimate.value is not None and estimate.low is not None and estimate.high is not None:
        spread = range_on(ends, estimate.value, (estimate.low, estimate.high))
    low, high = ("" if end is None else _end(link.to, end, currency) for end in (estimate.low, estimate.high))
    return Group(label, shape, estimate.n, figure_text(link.to, estimate.value, currency), low, high, estimate.small, url, spread)


def _end(to: str, value: float, currency: str) -> str:
    if to == "again":
        return num(value, 0)
    return bare_amount(max(0.0, value), currency) if to == "spent" else num(value, max(1, decimals(to)))


def _answers(found: Board, ask: Asked, link: Link, band: str) -> str:
    """The single answers of a group's people; where only some days count, those days."""
    days = {}
    if link.to in ("again", "spent") and link.span.since != BEGINNING:
        first, last = (local_date(at, found.window.zone).isoformat() for at in (link.span.since, link.span.until))
        days = {"since": first, "until": last}
    return f"{reverse('desk:answers', args=[link.measure])}?{ask.link(**days, band=band)}"


def _span(found: Board, link: Link) -> str:
    """Which scores a link is of, where it is not the time of the page."""
    if link.to not in ("again", "spent"):
        return ""
    zone: ZoneInfo = found.window.zone
    span = followed_span(found.window)
    last = shortday(local_date(span.until - dt.timedelta(microseconds=1), zone))
    if span.since == BEGINNING:
        return _("Scores up to %(last)s, so that the 90 days after each are over.") % {"last": last}
    parts = {"first": shortday(local_date(span.since, zone)), "last": last}
    return _("Scores of %(first)s to %(last)s, so that the 90 days after each are over.") % parts
