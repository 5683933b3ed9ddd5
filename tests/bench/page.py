"""The page docs/reference/benchmarks.md: one table row a figure, so that a program reads it as easily as a person. Called by __main__."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from tests.bench.figures import Figure

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"
HEAD = """\
# Measured figures

What the project is held to, as `script/bench --page` last measured it; `script/bench --page SUBJECT` measures one anew
and leaves the other rows, also those of another size or store, which stand before the colon. Where one makes sense, a figure stands beside
a bare baseline of the same run: the least the same machine needs for it.
On a machine that others use too, the ratio says more than the figure.

- A limit is a ceiling (≤) or a floor (≥). `ratio` is the figure divided by its baseline.
- `machine`: cores, memory, Python, and the load (waiting processes a core) when the subject began; above 1 somebody else was at work too.
"""
COLUMNS = ("subject", "figure", "measured", "unit", "limit", "kept", "baseline", "what it is", "ratio", "date", "machine")


def write(measured: dict[str, Sequence[Figure]], loads: dict[str, float], on: date) -> None:
    """Put the rows of these subjects into the page, in the order of subjects, for those of the same sizes and stores."""
    anew = {(subject, _of_what(figure.name)) for subject, figures in measured.items() for figure in figures}
    rows = [row for row in kept_rows() if (row[0], _of_what(row[1])) not in anew]
    for subject, figures in measured.items():
        rows += [row_of(subject, figure, on, machine(loads[subject])) for figure in figures]
    rows.sort(key=lambda row: row[0])
    PAGE.write_text(f"{HEAD}\n{_table([COLUMNS, ('---',) * len(COLUMNS), *rows])}\n", encoding="utf-8")


def kept_rows() -> list[tuple[str, ...]]:
    """What the page says now."""
    if not PAGE.exists():
        return []
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    return [row for row in cells if len(row) == len(COLUMNS) and row != COLUMNS and set(row) != {"---"}]


def _of_what(name: str) -> str:
    """The size or store that a figure is of; empty where its subject has one alone."""
    return name.partition(": ")[0] if ": " in name else ""


def row_of(subject: str, figure: Figure, on: date, where: str) -> tuple[str, ...]:
    """One figure as the cells of its row; empty where there is no limit or no baseline."""
    limit = "" if figure.limit is None else f"{'≥' if figure.more_is_better else '≤'} {figure.limit:g}"
    kept = "" if figure.limit is None else "yes" if figure.reached else "no"
    baseline = "" if figure.baseline is None else f"{figure.baseline:.4g}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
    measured = f"{figure.value:.4g}" if abs(figure.value) < 1000 else f"{figure.value:.0f}"
    return (subject, figure.name, measured, figure.unit, limit, kept, baseline, figure.baseline_name, ratio, on.isoformat(), where)


def machine(load: float) -> str:
    """Where it was measured, in a few words."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{cores} cores, {memory:.0f} GB, Python {platform.python_version()}, load {load / cores:.1f}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
