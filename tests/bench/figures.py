"""One measured figure beside its limit and a bare baseline of the same run, and how figures are shown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. A `limit` is a ceiling, or with `more_is_better` a floor; `baseline` is the least the same machine needs."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    more_is_better: bool = False
    baseline: float | None = None
    baseline_name: str = ""

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the baseline: what stays comparable between machines."""
        return self.value / self.baseline if self.baseline else None

    @property
    def reached(self) -> bool:
        """Whether the limit is kept; a figure without one is only told."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.more_is_better else self.value <= self.limit

    def row(self) -> tuple[str, ...]:
        """The figure as the cells of one table row."""
        limit = "" if self.limit is None else f"{'≥' if self.more_is_better else '≤'} {_number(self.limit)}"
        baseline = f"{_number(self.baseline)} {self.baseline_name}" if self.baseline is not None else ""
        ratio = f"{self.ratio:.2f}×" if self.ratio is not None else ""
        return (self.name, f"{_number(self.value)} {self.unit}", limit, "ok" if self.reached else "MISSED", ratio, baseline)


HEADINGS = ("figure", "measured", "limit", "", "ratio", "bare baseline")


def as_table(figures: Sequence[Figure]) -> str:
    """Lay the figures out in columns."""
    rows = [HEADINGS, *(figure.row() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
