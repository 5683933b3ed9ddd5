"""What two sides come to, measure by measure, as it is drawn and said: a track each, their difference, how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import num, signed
from peyvand.core.pictures import Ends, Range, Tone, range_on
from peyvand.desk.comparing.asking import AskedPair, AskedSide
from peyvand.desk.pulse.finding import Finding
from peyvand.desk.pulse.pictures import ends_of
from peyvand.desk.pulse.words import decimals, short_name, tone_of, turn_text, value_text
from peyvand.insights.sides import Beside
from peyvand.measures.estimates import Estimate

_TURN = "\x00"


@dataclass(frozen=True, slots=True)
class Track:
    """One side of one measure: figure and interval as texts and on the measure's own scale, how many answers, where they are."""

    name: str
    value: str
    low: str
    high: str
    n: int
    few: bool
    url: str
    range: Range | None


@dataclass(frozen=True, slots=True)
class Duel:
    """One measure of both sides; `said` is the verdict, `range` the difference on a line with zero in the middle."""

    label: str
    tracks: Sequence[Track]
    said: str
    sure: bool
    tone: Tone
    difference: SafeString | None
    low: SafeString | None
    high: SafeString | None
    range: Range | None


def duels(asked: AskedPair, found: Sequence[Beside], names: tuple[str, str], *, opens: bool) -> list[Duel]:
    """Every measure; `opens`: whether the reader may see single answers."""
    return [_duel(asked, one, names, opens=opens) for one in found]


def _duel(asked: AskedPair, found: Beside, names: tuple[str, str], *, opens: bool) -> Duel:
    sides: tuple[tuple[AskedSide, Estimate], ...] = ((asked.one, found.one), (asked.other, found.other))
    change, finer = found.change, max(1, decimals(found.measure))
    low, high = (None, None) if change is None or found.both else (change.low, change.high)
    spread, difference = None, None if change is None else change.difference
    if difference is not None and low is not None and high is not None:
        reach = 1.1 * max(abs(low), abs(high)) or 1.0
        spread = range_on(Ends(-reach, reach), difference, (low, high))
    return Duel(
        label=found.label,
        tracks=[
            _track(found.measure, estimate, name, asked.answers_url(side, found.measure) if opens and estimate.n else "")
            for (side, estimate), name in zip(sides, names, strict=True)
        ],
        said=verdict(found),
        sure=found.sure,
        tone=tone_of(difference, sure=found.sure),
        difference=None if difference is None else signed(difference, finer),
        low=None if low is None else signed(low, finer),
        high=None if high is None else signed(high, finer),
        range=spread,
    )


def _track(measure: str, estimate: Estimate, name: str, url: str) -> Track:
    places, spread = decimals(measure), None
    if estimate.value is not None and estimate.low is not None and estimate.high is not None:
        spread = range_on(ends_of(measure, estimate.scale), estimate.value, (estimate.low, estimate.high))
    return Track(
        name=name,
        value=value_text(measure, estimate.value),
        low="" if estimate.low is None else num(estimate.low, places),
        high="" if estimate.high is None else num(estimate.high, places),
        n=estimate.n,
        few=estimate.small,
        url=url,
        range=spread,
    )


def verdict(found: Beside) -> str:
    """What differs and how sure that is, in a plain sentence."""
    change, counts = found.change, {"one": num(found.one.n), "other": num(found.other.n)}
    if change is None or change.difference is None:
        return _("Only one side has answers, so there is nothing to compare.")
    if found.both:
        text = ngettext(
            "%(n)s answer stands on both sides; where the two overlap no difference can be judged.",
            "%(n)s answers stand on both sides; where the two overlap no difference can be judged.",
            found.both,
        )
        return text % {"n": num(found.both)}
    if found.few:
        return _("Too few answers to conclude from: %(one)s and %(other)s.") % counts
    if not found.sure:
        return _("No difference beyond noise.")
    return _("A is surely %(turn)s than B.") % {"turn": turn_text(found.measure, change.difference)}


def pair_finding(found: Sequence[Beside]) -> Finding:
    """The finding of the page: what differs most for sure, and how many figures do."""
    sure = sorted((one for one in found if one.sure and one.change), key=lambda one: -abs((one.change and one.change.statistic) or 0.0))
    if not found:
        return Finding(_("Neither side has answers."))
    if not sure:
        if all(one.both for one in found):
            return Finding(_("The two sides overlap, so no difference can be judged."))
        return Finding(_("No figure differs beyond noise between A and B."))
    first = sure[0]
    difference = (first.change and first.change.difference) or 0.0
    parts = {"what": short_name(first.measure, first.label), "turn": _TURN}
    before, _mark, after = (_("%(what)s is %(turn)s in A than in B.") % parts).partition(_TURN)
    text = ngettext("%(k)s of %(n)s figures differs beyond noise.", "%(k)s of %(n)s figures differ beyond noise.", len(sure))
    counted = text % {"k": num(len(sure)), "n": num(len(found))} if len(found) > 1 else ""
    return Finding("", before, turn_text(first.measure, difference), tone_of(difference), f"{after} {counted}".rstrip())
