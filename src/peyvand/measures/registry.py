"""MEASURES: the measures by name, with scale and unit, for callers told which one: the command, the API, Pulse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from peyvand.measures import perception
from peyvand.measures.estimates import Estimate
from peyvand.measures.intervals import LEVEL
from peyvand.measures.scores import Scale, Scores


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure one can call: `MEASURES["nps"](scores)` gives its Estimate. `scale` holds unless another is given."""

    name: str
    title: str
    unit: Literal["points", "percent", "mean"]
    scale: Scale
    estimate: Callable[[Scores, Scale, float], Estimate]

    def __call__(self, scores: Scores, scale: Scale | None = None, level: float = LEVEL) -> Estimate:
        """Estimate from the scores. Raises ScaleError, and ValueError for a level that is none."""
        return self.estimate(scores, scale or self.scale, level)

    def bounds(self, scale: Scale | None = None) -> Scale:
        """Return the lowest and highest value the figure can take: the ends of a chart's axis."""
        return {"points": (-100.0, 100.0), "percent": (0.0, 100.0), "mean": scale or self.scale}[self.unit]


MEASURES: Final[Mapping[str, Measure]] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            Measure("nps", "NPS", "points", perception.NPS_SCALE, perception.nps),
            Measure("csat", "CSAT", "percent", perception.CSAT_SCALE, perception.csat),
            Measure("ces", "CES", "mean", perception.CES_SCALE, perception.ces),
            Measure("rating", "Mean rating", "mean", perception.RATING_SCALE, perception.rating),
        )
    }
)
