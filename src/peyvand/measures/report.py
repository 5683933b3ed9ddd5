"""An analysis as an aligned table for a terminal. Called by `peyvand analyze`."""

import unicodedata
from collections.abc import Sequence
from typing import Final

from peyvand.measures.analysis import Analysis, Group
from peyvand.measures.comparison import LEAST_P, Comparison
from peyvand.measures.contrast import Contrast
from peyvand.measures.estimates import SMALL, Estimate

_MOST_ROWS: Final = 60
_EXTRAS: Final = {
    "nps": ("promoters", "passives", "detractors"),
    "csat": ("satisfied",),
    "ces": ("share",),
    "rating": ("sd",),
}
_MEAN_EXTRAS: Final = ("sd",)  # of a workspace's own measure
_SHARE_TITLE: Final = "agree"
_ALL: Final = "all"
_BLANK: Final = "(blank)"
_NONE: Final = "–"


def as_text(analysis: Analysis, *, source: str, change: Comparison | None = None, against: Contrast | None = None) -> str:
    """Return title, table and remarks: what changed, how two groups differ, what was left out, what rests on few answers.

    `source` says what was measured.

    At most 60 groups are shown, those with most answers.
    """
    groups = list(analysis.groups)
    if len(groups) > _MOST_ROWS:
        largest = {group for group, _ in sorted(groups, key=lambda pair: -pair[1].n)[:_MOST_ROWS]}
        groups = [pair for pair in groups if pair[0] in largest]
    rows = [_head(analysis), *(_row(analysis, _name(group), estimate) for group, estimate in groups)]
    rows.append(_row(analysis, [_ALL, *[""] * (len(analysis.by) - 1)], analysis.total))
    title = f"{analysis.measure.title} of {source}, scale {_plain(analysis.scale[0])}–{_plain(analysis.scale[1])}"
    remarks = [*_change(analysis, change), *_against(analysis, against), *_remarks(analysis, hidden=len(analysis.groups) - len(groups))]
    table = _aligned(rows, left=max(1, len(analysis.by)), ruled=bool(groups))
    return "\n".join([title, "", *table, *([""] if remarks else []), *remarks])


def _head(analysis: Analysis) -> list[str]:
    extras = [_SHARE_TITLE if name == "share" else name for name in _EXTRAS.get(analysis.measure.name, _MEAN_EXTRAS)]
    interval = f"{_plain(round(analysis.level * 100, 6))} % interval"
    size = ["n"] if analysis.total.weighing is None else ["n", "n eff."]
    return [*(analysis.by or ("",)), *size, analysis.measure.title, "±SE", interval, *extras, ""]


def _name(group: Group) -> list[str]:
    return [_BLANK if part is None else part for part in group]


def _row(analysis: Analysis, name: list[str], estimate: Estimate) -> list[str]:
    unit = analysis.measure.unit
    if estimate.low is None or estimate.high is None:
        interval = _NONE
    else:
        interval = f"{_figure(estimate.low, unit)} … {_figure(estimate.high, unit)}"
    extras = [_extra(name, estimate) for name in _EXTRAS.get(analysis.measure.name, _MEAN_EXTRAS)]
    se = _NONE if estimate.se is None else f"{estimate.se:.{2 if unit == 'mean' else 1}f}"
    size = [f"{estimate.n:,}"] if estimate.weighing is None else [f"{estimate.n:,}", f"{estimate.size:,.1f}"]
    return [*name, *size, _figure(estimate.value, unit), se, interval, *extras, "few" if estimate.small else ""]


def _extra(name: str, estimate: Estimate) -> str:
    number = estimate.extra.get(name)
    if number is None:
        return _NONE
    if name == "share":
        return f"{number:.1f} %"
    return f"{number:.2f}" if name == "sd" else f"{number:,}"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return _NONE
    form = {"points": f"{value:+.1f}", "percent": f"{value:.1f} %"}.get(unit, f"{value:.2f}")
    return form.replace("-", "−")


def _change(analysis: Analysis, change: Comparison | None) -> list[str]:
    if change is None or change.difference is None:
        return []
    unit = "points" if analysis.measure.unit == "percent" else analysis.measure.unit
    text = f"Change: {_signed(change.difference, unit)}"
    if change.low is not None and change.high is not None:
        text += f" ({_signed(change.low, unit)} … {_signed(change.high, unit)})"
    return [f"{text}, {'more than chance' if change.beyond_noise else 'which may be chance'}."]


def _against(analysis: Analysis, against: Contrast | None) -> list[str]:
    if against is None:
        return []
    found, unit = against.comparison, "points" if analysis.measure.unit == "percent" else analysis.measure.unit
    text = f"{against.one} against {against.other}: "
    if found.difference is None:
        return [f"{text}one of them has no answers."]
    text += _signed(found.difference, unit)
    if found.se is not None:
        text += f", ±SE {found.se:.{2 if unit == 'mean' else 1}f}"
    if found.low is not None and found.high is not None:
        text += f" ({_signed(found.low, unit)} … {_signed(found.high, unit)})"
    if found.p is not None:
        text += f", p {f'< {LEAST_P}' if found.p < LEAST_P else f'= {found.p:.3f}'}"
    return [f"{text}, {'more than chance' if found.beyond_noise else 'which may be chance'}."]


def _signed(number: float, unit: str) -> str:
    return f"{number:+.{2 if unit == 'mean' else 1}f}".replace("-", "−")


def _remarks(analysis: Analysis, *, hidden: int) -> list[str]:
    total, remarks = analysis.total, []
    if hidden:
        remarks.append(f"{hidden:,} smaller groups are not shown; --json gives all.")
    if not total.n and not total.invalid:
        remarks.append("There are no answers.")
    elif total.small or any(estimate.small for _, estimate in analysis.groups):
        few = "answers" if total.weighing is None else "answers of one weight would tell as much (n eff.)"
        remarks.append(f"few: fewer than {SMALL} {few}, so the figure says little.")
    if total.missing:
        remarks.append(f"{total.missing:,} blank, not counted.")
    if total.invalid:
        ends = f"{_plain(analysis.scale[0])}–{_plain(analysis.scale[1])}"
        remarks.append(f"{total.invalid:,} off the scale {ends} or no number, not counted.")
    if total.weighing is not None and total.weighing.invalid:
        remarks.append(f"{total.weighing.invalid:,} whose weight is missing, zero, negative or no number, not counted.")
    if total.invalid and not total.n:
        remarks.append("No answer fits the scale: give the right one with --scale LOW HIGH.")
    return remarks


def _plain(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _aligned(rows: Sequence[Sequence[str]], *, left: int, ruled: bool) -> list[str]:
    """Pad the cells: the first `left` columns start, the others end at one place; a rule sets the last row apart."""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(_padded(row, widths, left)).rstrip() for row in rows]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return [lines[0], *lines[1:-1], *([rule] if ruled else []), lines[-1]]


def _padded(row: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    gaps = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
    return [cell + gap if place < left else gap + cell for place, (cell, gap) in enumerate(zip(row, gaps, strict=True))]


def _width(text: str) -> int:
    """Return how many places a terminal gives the text: none to marks and half-spaces, two to wide characters."""
    return sum(_places(letter) for letter in text)


def _places(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
