"""What is said of a link of the chain: how strongly two things go together, and what the happy do that the unhappy do not."""

import math

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core.display import money, num, percent, signed
from peyvand.core.money import shown_amount
from peyvand.core.reader import active_reader
from peyvand.desk.pulse.words import decimals, short_name
from peyvand.insights.links import FOLLOWED, Link
from peyvand.measures.association import Association
from peyvand.measures.estimates import SMALL

# Cohen 1988, Statistical Power Analysis for the Behavioral Sciences, 3.2
MODERATE, STRONG, HARDLY = 0.3, 0.5, 0.1


def strength(found: Association) -> str:
    """How strongly two things go together: a word for a class of style too."""
    if found.rho is None or found.small:
        return "few"
    if not found.beyond_noise:
        return "none"
    size = abs(found.rho)
    return "strong" if size >= STRONG else "moderate" if size >= MODERATE else "weak" if size >= HARDLY else "hardly"


def strength_words(found: Association) -> str:
    """The same in words."""
    return {
        "few": _("too few people"),
        "none": _("not beyond noise"),
        "hardly": _("hardly together"),
        "weak": _("weakly together"),
        "moderate": _("clearly together"),
        "strong": _("strongly together"),
    }[strength(found)]


def figure_text(to: str, value: float | None, currency: str) -> str:
    """What a group of people thought or did, as a text alone."""
    if value is None:
        return num(None)
    if to == "again":
        return percent(value)
    return rounded_money(value, currency) if to == "spent" else num(value, max(1, decimals(to)))


def rounded_money(minor: float, currency: str) -> str:
    """A mean amount to four figures: what lies below is far within its interval."""
    return money(_rounded(minor), currency)


def bare_amount(minor: float, currency: str) -> str:
    """The same without its unit, for the ends of an interval beside it."""
    return num(shown_amount(_rounded(minor), currency, active_reader().rial_shown_as).value)


def _rounded(minor: float) -> int:
    return int(round(minor, min(0, 3 - math.floor(math.log10(abs(minor)))))) if abs(minor) >= 1 else 0


def link_title(link: Link, labels: dict[str, str]) -> str:
    """Which two things a link is of."""
    return _("%(one)s and %(other)s") % {"one": short_name(link.measure, labels[link.measure]), "other": what_of(link.to, labels)}


def what_of(to: str, labels: dict[str, str]) -> str:
    """What a link leads to."""
    if to == "again":
        return _("buying again")
    return _("what is spent") if to == "spent" else short_name(to, labels[to])


def link_said(link: Link, labels: dict[str, str], currency: str) -> str:
    """What happy people thought or did against unhappy ones, and how sure that is."""
    bad, _mixed, good = link.groups
    change = link.difference
    if change is None or change.difference is None or min(bad.n, good.n) < SMALL:
        return _("Too few people on one side to conclude from: %(good)s happy, %(bad)s unhappy.") % {"good": num(good.n), "bad": num(bad.n)}
    if not change.beyond_noise:
        return _("Between happy and unhappy people there is no difference beyond noise.")
    parts = {"good": figure_text(link.to, good.value, currency), "bad": figure_text(link.to, bad.value, currency), "days": num(FOLLOWED)}
    if link.to == "again":
        return _("Of happy people %(good)s bought again within %(days)s days, of unhappy ones %(bad)s.") % parts
    if link.to == "spent":
        return _("Happy people spent %(good)s each in the %(days)s days afterwards, unhappy ones %(bad)s.") % parts
    parts["other"] = what_of(link.to, labels)
    return _("Whoever is happy gives %(good)s in “%(other)s” on average, whoever is unhappy %(bad)s.") % parts


def difference_text(link: Link, currency: str) -> SafeString | str:
    """The difference of happy and unhappy people with its interval."""
    change = link.difference
    if change is None or change.difference is None or change.low is None or change.high is None:
        return ""
    if link.to == "spent":
        ends = {name: rounded_money(value, currency) for name, value in (("low", change.low), ("high", change.high))}
        parts = {"difference": rounded_money(change.difference, currency), **ends}
        return _("%(difference)s (%(low)s to %(high)s)") % parts
    shown = {"difference": signed(change.difference, 1), "low": signed(change.low, 1), "high": signed(change.high, 1)}
    return SafeString(_("%(difference)s (%(low)s to %(high)s)") % shown)


def rho_text(found: Association) -> SafeString | str:
    """The correlation with its interval."""
    if found.rho is None or found.low is None or found.high is None:
        return ""
    return SafeString(
        _("%(difference)s (%(low)s to %(high)s)")
        % {"difference": signed(found.rho, 2), "low": signed(found.low, 2), "high": signed(found.high, 2)}
    )
