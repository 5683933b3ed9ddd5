"""Estimate, the one result of every measure: figure, sample size, standard error, interval, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from peyvand.measures.scores import Scale
from peyvand.measures.weights import Weighing

SMALL: Final = 30
Method = Literal["adjusted_wald", "wilson", "t"]
Number = float | int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its uncertainty.

    `value`, `se`, `low` and `high` share one unit: NPS points, percent, or points of the scale. They are None where the
    answers cannot give them: all without an answer, error and interval of a mean with a single one.
    `extra` holds what only this measure knows.
    """

    measure: str
    method: Method
    scale: Scale
    level: float
    n: int
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    invalid: int = 0
    missing: int = 0
    extra: Mapping[str, Number] = field(default_factory=dict)
    weighing: Weighing | None = None

    @property
    def size(self) -> float:
        """How many answers it is worth: `n`, or where they are weighted the effective sample size."""
        return float(self.n) if self.weighing is None else self.weighing.n_effective

    @property
    def small(self) -> bool:
        """Whether fewer than 30 answers stand behind the figure, weights considered: show it, but say so."""
        return self.size < SMALL

    def to_json(self) -> dict[str, object]:
        """Return the flat dictionary that commands and the API answer with."""
        figures: dict[str, object] = {
            "n": self.n,
            "value": self.value,
            "se": self.se,
            "low": self.low,
            "high": self.high,
        }
        figures |= {"invalid": self.invalid, "missing": self.missing, "small": self.small} | dict(self.extra)
        if self.weighing is None:
            return figures
        kish, total, invalid = self.weighing
        return figures | {"n_effective": kish, "weight": total, "invalid_weights": invalid}
