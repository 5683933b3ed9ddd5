"""A comparison as CSV: one row a measure, both sides with their interval, the difference with its own."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from peyvand.core.cells import no_formula
from peyvand.insights.sides import Beside
from peyvand.measures.estimates import Estimate

BOM: Final = "\ufeff"  # Excel takes a file without it for the local code page
HEAD: Final = (
    "measure", "label", "a", "a_n", "a_value", "a_low", "a_high", "b", "b_n", "b_value", "b_low", "b_high",
    "difference", "se", "low", "high", "p", "on_both_sides", "beyond_noise",
)  # fmt: skip


def csv_of(found: Sequence[Beside], names: tuple[str, str]) -> str:
    """The file; numbers with all their decimals, for programs. `beyond_noise` is what the page calls sure."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEAD, *_rows(found, names)])
    return BOM + buffer.getvalue()


def _rows(found: Sequence[Beside], names: tuple[str, str]) -> Iterator[list[Any]]:
    one_name, other_name = (no_formula(name) for name in names)
    for one in found:
        change = one.change
        told = [change.difference, change.se, change.low, change.high, change.p] if change else [None] * 5
        labels = [one.measure, no_formula(one.label)]
        yield [*labels, one_name, *_estimate(one.one), other_name, *_estimate(one.other), *told, one.both, "yes" if one.sure else "no"]


def _estimate(estimate: Estimate) -> list[Any]:
    return [estimate.n, estimate.value, estimate.low, estimate.high]
