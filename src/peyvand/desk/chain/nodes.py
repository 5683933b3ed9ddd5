"""The places of the chain: what is known of perception, trust, loyalty, sales and reputation, or how to come to know it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import num, percent, shortmoney
from peyvand.core.pictures import Change
from peyvand.desk.chain.words import bare_amount, rounded_money
from peyvand.desk.pulse.asking import address
from peyvand.desk.pulse.words import change_of, decimals, value_text
from peyvand.insights.links import Link, Sales
from peyvand.insights.pairs import Pair
from peyvand.workspaces.models import Member
from peyvand.workspaces.types import Permission


@dataclass(frozen=True, slots=True)
class Known:
    """One figure of a place with its interval and what it rests on; `few`: on few."""

    label: str
    value: str
    low: str = ""
    high: str = ""
    basis: str = ""
    url: str = ""
    change: Change | None = None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the chain; without figures `state` and `missing` say what is not known, and `acts` how to come to know it.

    `note` says what its figures are of, where that is not what the page was narrowed to.
    """

    key: str
    title: str
    figures: Sequence[Known]
    missing: str = ""
    acts: Sequence[dict[str, str]] = field(default_factory=list)
    state: str = ""
    note: str = ""


def none_here(key: str, title: str) -> Node:
    """A place whose answers all lie in another time or are left out by a filter."""
    return Node(key, title, [], _("There are answers at other times or without these filters."), state=_("None here"))


def figure(label: str, pair: Pair, url: str) -> Known:
    """A measure as its place shows it."""
    now, places = pair.now, decimals(pair.measure)
    text = ngettext("%(n)s answer", "%(n)s answers", now.n) % {"n": num(now.n)}
    ends = ("", "") if now.low is None or now.high is None else (num(now.low, places), num(now.high, places))
    return Known(label, value_text(pair.measure, now.value), *ends, text, url, change_of(pair.measure, pair.change), now.small)


def again_figure(link: Link) -> Known:
    """The share that bought again, of everybody who gave a score."""
    whole = link.whole
    text = ngettext("%(n)s person", "%(n)s people", whole.n) % {"n": num(whole.n)}
    ends = ("", "") if whole.low is None or whole.high is None else (num(whole.low, 0), num(whole.high, 0))
    return Known(_("Bought again within 90 days"), percent(whole.value), *ends, text, few=whole.small)


def sales_figures(found: Sales, currency: str) -> list[Known]:
    """What was paid in all, and what a purchase comes to."""
    people = ngettext("%(n)s purchase", "%(n)s purchases", found.orders) % {"n": num(found.orders)}
    each, ends = found.each, ("", "")
    if each.low is not None and each.high is not None:
        ends = (bare_amount(each.low, currency), bare_amount(each.high, currency))
    buyers = ngettext("%(n)s buyer", "%(n)s buyers", found.people) % {"n": num(found.people)}
    return [
        Known(_("Paid in all"), shortmoney(round(found.paid), currency), basis=people),
        Known(_("Mean purchase"), rounded_money(each.value or 0, currency), *ends, buyers, few=each.small),
    ]


def ways(member: Member, *names: str) -> list[dict[str, str]]:
    """How to come to know what is missing, for those who may."""
    known = {
        "survey": (Permission.SURVEYS_MANAGE, _("Ask in a survey"), "surveys:list", "plane"),
        "import": (Permission.IMPORTS_MANAGE, _("Import a file"), "imports:list", "upload"),
    }
    open_ways = [known[name] for name in names if member.may(known[name][0])]
    return [{"label": label, "url": address(url), "icon": icon} for _needed, label, url, icon in open_ways if address(url)]
