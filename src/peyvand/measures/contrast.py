"""Two groups of one analysis compared with each other. Called by `peyvand analyze --against`, the API and the page of a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from peyvand.core.persian import joined_key
from peyvand.measures.analysis import Analysis
from peyvand.measures.comparison import Comparison, compare
from peyvand.measures.estimates import Estimate

LISTED = 8


class GroupError(ValueError):
    """Two groups that cannot be compared; the message says which there are."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """The figure of one group minus that of another, with its uncertainty."""

    one: str
    other: str
    of_one: Estimate
    of_other: Estimate
    comparison: Comparison

    def to_json(self) -> dict[str, object]:
        """Return the two groups and the flat dictionary of their comparison."""
        names: dict[str, object] = {"group": self.one, "against": self.other, "n": self.of_one.n, "n_against": self.of_other.n}
        return names | self.comparison.to_json()


def contrast(analysis: Analysis, groups: Sequence[str]) -> Contrast:
    """Compare the first of two groups with the second. Raises GroupError unless the analysis is cut once and has both."""
    if len(groups) != 2 or len(analysis.by) != 1:
        raise GroupError("against: takes two groups of one cut")
    (one, of_one), (other, of_other) = (_group(analysis, name) for name in groups)
    if one == other:
        raise GroupError(f"against: '{one}' would be compared with itself")
    return Contrast(one, other, of_one, of_other, compare(of_one, of_other))


def contrast_told(analysis: Analysis, groups: Sequence[str]) -> dict[str, object]:
    """The comparison as a key of the answer to a program; nothing where none was asked for. Raises GroupError."""
    return {"contrast": contrast(analysis, groups).to_json()} if groups else {}


def _group(analysis: Analysis, name: str) -> tuple[str, Estimate]:
    known = {group[0]: estimate for group, estimate in analysis.groups if group[0] is not None}
    if name in known:
        return name, known[name]
    alike = [code for code in known if joined_key(code) == joined_key(name)]
    if len(alike) == 1:
        return alike[0], known[alike[0]]
    there = ", ".join(list(known)[:LISTED]) or "none"
    raise GroupError(f"against: '{name[:60]}' is no group of {analysis.by[0]} here; there is: {there}")
