"""Estimate, the one result of every measure: figure, sample size, standard error, interval, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from peyvand.measures.scores import Scale

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

    @property
    def small(self) -> bool:
        """Whether fewer than 30 answers stand behind the figure: show it, but say so."""
        return self.n < SMALL

    def to_json(self) -> dict[str, object]:
        """Return the flat dictionary that commands and the API answer with."""
        figures: dict[str, object] = {
            "n": self.n,
            "value": self.value,
            "se": self.se,
            "low": self.low,
            "high": self.high,
        }
        return figures | {"invalid": self.invalid, "missing": self.missing, "small": self.small} | dict(self.extra)
