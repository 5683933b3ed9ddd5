"""The finding at the head of Pulse, made from figures by plain rules: who answered, what changed, where it comes from."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peyvand.core.display import num, percent
from peyvand.core.pictures import Tone
from peyvand.desk.pulse.words import compared_with, during, short_name, tone_of, turn_text, value_text, what_moved
from peyvand.insights.board import Board
from peyvand.insights.moves import Cause, Move
from peyvand.insights.voices import Voices
from peyvand.measures.estimates import SMALL
from peyvand.measures.intervals import wilson

_TURN = "\x00"


@dataclass(frozen=True, slots=True)
class Finding:
    """One or two sentences; `turn` is the part that carries the news, drawn in its tone."""

    people: str
    before: str = ""
    turn: str = ""
    tone: Tone = ""
    after: str = ""


def finding(found: Board, voices: Voices, move: Move | None, cause: Cause | None) -> Finding:
    """Say what is true of a board; `move` is what moved most for sure, None where nothing did."""
    people = _people(found, voices)
    if move is not None and move.change.difference is not None:
        return _moved(found, people, move, cause)
    best = max((found.totals[code] for code in found.answered), key=lambda pair: pair.now.n, default=None)
    if best is None:
        return Finding(people)
    if best.now.n < SMALL:
        return Finding(people, _("That is too few to conclude from."))
    if found.window.before is None:
        return Finding(people, _stands(found, best.measure))
    if best.then is None or best.then.n < SMALL:
        return Finding(people, _("There is too little from %(then)s to compare with.") % {"then": compared_with(found.window)})
    return Finding(people, _("Nothing changed beyond noise against %(then)s.") % {"then": compared_with(found.window)})


def _people(found: Board, voices: Voices) -> str:
    count = voices.people + voices.nameless
    if not count:
        return _("Nobody answered %(when)s.") % {"when": during(found.window)}
    text = ngettext("%(people)s person answered %(when)s.", "%(people)s people answered %(when)s.", count)
    text = text % {"people": num(count), "when": during(found.window)}
    return text[:1].upper() + text[1:]


def _moved(found: Board, people: str, move: Move, cause: Cause | None) -> Finding:
    difference = move.change.difference or 0.0
    parts = {"what": what_moved(move, found.labels[move.measure]), "turn": _TURN, "then": compared_with(found.window)}
    if cause is None:
        text = _("%(what)s is %(turn)s than %(then)s.") % parts
    else:
        text = _("%(what)s is %(turn)s than %(then)s, and most of it comes from %(where)s.") % {**parts, "where": where_text(cause)}
    before, _mark, after = text.partition(_TURN)
    return Finding(people, before, turn_text(move.measure, difference), tone_of(difference), after)


def where_text(cause: Cause) -> str:
    """Where a move comes from, inside a sentence."""
    if cause.share_now is None:
        return _("“%(group)s”") % {"group": cause.label}
    parts = {"group": cause.label, "now": percent(cause.share_now), "then": percent(cause.share_then)}
    return _("%(group)s (%(now)s of the answers, before %(then)s)") % parts


def _stands(found: Board, code: str) -> str:
    parts = {"what": short_name(code, found.labels[code]), "value": value_text(code, found.totals[code].now.value)}
    return _("%(what)s is %(value)s.") % parts


def figure_finding(found: Board, code: str) -> Finding:
    """The same for one figure: where it stands, and whether that is news."""
    pair, when = found.totals[code], during(found.window)
    now, then = pair.now, pair.then
    if now.value is None:
        return Finding(_("Nobody answered %(when)s.") % {"when": when})
    parts = {"what": short_name(code, found.labels[code]), "value": value_text(code, now.value), "when": when, "turn": _TURN}
    parts["then"] = compared_with(found.window)
    change = pair.change
    if now.n < SMALL:
        said = _("%(what)s is %(value)s %(when)s, on too few answers to conclude from.")
    elif change is None or then is None or then.n < SMALL or change.difference is None:
        said = _("%(what)s is %(value)s %(when)s.")
    elif not change.beyond_noise:
        said = _("%(what)s is %(value)s %(when)s, within noise of %(then)s.")
    else:
        before, _mark, after = (_("%(what)s is %(value)s %(when)s, %(turn)s than %(then)s.") % parts).partition(_TURN)
        return Finding("", before, turn_text(code, change.difference), tone_of(change.difference), after)
    return Finding(said % parts)


def basis(voices: Voices, freshness: str) -> list[str]:
    """What the sentence stands on: invitations, answers to them, and how fresh it is."""
    return [*(_answered(voices) if voices.invited else []), *([freshness] if freshness else [])]


def _answered(voices: Voices) -> list[str]:
    """The share of invitations that were answered, with its interval (Wilson), or that they are too few."""
    parts = {"share": percent(100 * voices.replied / voices.invited), "invited": num(voices.invited)}
    if voices.invited < SMALL:
        text = ngettext(
            "%(share)s of %(invited)s invitation was answered.", "%(share)s of %(invited)s invitations were answered.", voices.invited
        )
        return [text % parts, _("Too few invitations to conclude from.")]
    low, high = (percent(100 * end) for end in wilson(voices.replied, voices.invited))
    return [_("%(share)s (%(low)s to %(high)s) of %(invited)s invitations were answered.") % {**parts, "low": low, "high": high}]
