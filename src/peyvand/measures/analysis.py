"""Analysis: one measure over groups, from files or a workspace alike. Called by `peyvand analyze` and the API."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from peyvand.core.persian import shown
from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import LEVEL
from peyvand.measures.registry import Measure
from peyvand.measures.scores import Scale, Scores

Group = tuple[str | None, ...]
Tallies = Mapping[Group, Scores]
_LAST: Final = (2, 0.0, "")
# Unicode puts پ چ ژ ک گ ی after all letters that Arabic has too; sorted by these stand-ins they fall where a reader looks
_ALPHABET: Final = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_PERSIAN_ORDER: Final = {ord(letter): 0x0621 + place for place, letter in enumerate(_ALPHABET)}


@dataclass(frozen=True, slots=True)
class Analysis:
    """The estimate of all answers and of each group; `groups` are ordered by their labels, numbers as numbers, blanks last."""

    measure: Measure
    scale: Scale
    level: float
    by: tuple[str, ...]
    total: Estimate
    groups: tuple[tuple[Group, Estimate], ...]

    def to_json(self) -> dict[str, object]:
        """Return the figures of all answers, with `groups` [{group, n, …}].

        A group is a text, null where the column is blank, and a list of those for several columns.
        """
        settings = {"measure": self.measure.name, "scale": list(self.scale), "level": self.level, "by": list(self.by)}
        groups = [{"group": group[0] if len(group) == 1 else list(group)} | estimate.to_json() for group, estimate in self.groups]
        return settings | self.total.to_json() | {"groups": groups}


def analyse(
    measure: Measure,
    tallies: Tallies,
    *,
    by: Sequence[str] = (),
    scale: Scale | None = None,
    level: float = LEVEL,
) -> Analysis:
    """Estimate the measure for all answers together and, where `by` names the columns of the groups, for each group.

    Raises ScaleError, and ValueError for a level that is none.
    """
    total = measure(Scores.together(tallies.values()), scale, level)
    groups = [(group, measure(tallies[group], scale, level)) for group in sorted(tallies, key=_order)] if by else []
    return Analysis(measure, total.scale, level, tuple(by), total, tuple(groups))


def _order(group: Group) -> tuple[tuple[int, float, str], ...]:
    return tuple(_label_order(label) for label in group)


@lru_cache(maxsize=8192)
def _label_order(label: str | None) -> tuple[int, float, str]:
    if label is None:
        return _LAST
    try:
        number = float(label)
    except ValueError:
        number = math.nan
    return (1, 0.0, shown(label).translate(_PERSIAN_ORDER)) if math.isnan(number) else (0, number, label)
