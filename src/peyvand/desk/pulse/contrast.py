"""Two groups of a cut compared with each other: who is chosen, the finding as a sentence, the figures behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from peyvand.core.display import num, signed
from peyvand.core.pictures import Tone
from peyvand.desk.pulse.words import decimals, tone_of, turn_text
from peyvand.insights.board import CutGroup
from peyvand.measures import Comparison, compare
from peyvand.measures.comparison import LEAST_P
from peyvand.measures.estimates import Estimate

PARTS = ("one", "other")  # how an address names the two groups


@dataclass(frozen=True, slots=True)
class Contrast:
    """The choice of two groups, and what their comparison says; `figures` are (title, words) pairs, empty until two are chosen."""

    choices: list[dict[str, Any]]
    hidden: list[tuple[str, str]]
    before: str
    turn: str
    after: str
    tone: Tone
    figures: list[tuple[str, SafeString | str]]
    few: bool


def contrast(measure: str, groups: Sequence[CutGroup], chosen: Sequence[str], hidden: list[tuple[str, str]]) -> Contrast | None:
    """What two groups say against each other; of a cut with two groups these, else those that were chosen. None where there are not two."""
    if len(groups) < 2:
        return None
    codes = [group.code for group in groups]
    wanted = list(chosen) if all(code in codes for code in chosen) and chosen[0] != chosen[1] else codes[:2] if len(groups) == 2 else []
    picked = [next(group for group in groups if group.code == code) for code in wanted]
    usual = wanted or codes[:2]
    choices = [_choice(name, groups, code) for name, code in zip(PARTS, usual, strict=True)]
    if not picked:
        return Contrast(choices, hidden, "", "", "", "", [], few=False)
    one, other = picked[0].pair.now, picked[1].pair.now
    found = compare(one, other)
    before, turn, after = _sentence(measure, found, picked[0].label, picked[1].label)
    return Contrast(
        choices,
        hidden,
        before,
        turn,
        after,
        tone_of(found.difference, sure=found.beyond_noise and not found.small),
        _figures(measure, found, (picked[0].label, one), (picked[1].label, other)),
        few=found.small,
    )


def _choice(name: str, groups: Sequence[CutGroup], code: str) -> dict[str, Any]:
    label = _("Compare") if name == PARTS[0] else _("with")
    options = [{"value": group.code, "label": group.label, "selected": group.code == code} for group in groups]
    return {"name": name, "label": label, "options": options}


def _sentence(measure: str, found: Comparison, one: str, other: str) -> tuple[str, str, str]:
    """The finding in three parts; the middle one carries the news."""
    names = {"one": one, "other": other, "turn": "\x00"}
    if found.difference is None:
        return _("One of the two has no answers.") % names, "", ""
    if not found.beyond_noise:
        return _("“%(one)s” and “%(other)s” do not differ beyond noise.") % names, "", ""
    before, _mark, after = (_("“%(one)s” is %(turn)s than “%(other)s”.") % names).partition("\x00")
    return before, turn_text(measure, found.difference), after


def _figures(measure: str, found: Comparison, one: tuple[str, Estimate], other: tuple[str, Estimate]) -> list[tuple[str, SafeString | str]]:
    places = decimals(measure)
    finer = max(1, places)
    shown: list[tuple[str, SafeString | str]] = [(_("Difference"), signed(found.difference, finer))]
    if found.se is not None:
        shown.append((_("Standard error"), num(found.se, finer + (places > 1))))
    if found.low is not None and found.high is not None:
        title = _("%(level)s%% interval") % {"level": num(100 * found.level, 0)}
        ends = {"low": signed(found.low, finer), "high": signed(found.high, finer)}
        shown.append((title, SafeString(_("%(low)s to %(high)s") % ends)))
    if found.p is not None:
        shown.append(("p", _("below %(p)s") % {"p": num(LEAST_P, 3)} if found.p < LEAST_P else num(found.p, 3)))
    return [*shown, *((label, _("%(n)s answers") % {"n": num(estimate.n)}) for label, estimate in (one, other))]
