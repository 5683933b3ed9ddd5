"""The check values that docs/reference/measures.md publishes are those the code computes."""

import re
from pathlib import Path

import pytest

from peyvand.measures import MEASURES, Scores, compare

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "measures.md"
ROW = re.compile(r"\| (nps|csat|ces|rating) \| ([\d× ]+) \| (.+) \|")


def published(columns):
    rows = [match.groups() for line in PAGE.read_text(encoding="utf-8").splitlines() if (match := ROW.fullmatch(line))]
    return [(measure, answers, *rest.split(" | ")) for measure, answers, rest in rows if rest.count(" | ") == columns - 3]


def scores(answers):
    pairs = (pair.split("×") for pair in answers.split())
    return Scores.from_counts((answer, int(count)) for answer, count in pairs)


def numbers(texts):
    return [pytest.approx(float(text.replace("−", "-")), abs=5.001e-4) for text in texts]


@pytest.mark.parametrize("row", published(6), ids=" ".join)
def test_a_published_figure_is_what_the_code_computes(row):
    measure, answers, *figures = row
    found = MEASURES[measure](scores(answers))
    assert [found.value, found.se, found.low, found.high] == numbers(figures)


@pytest.mark.parametrize("row", published(7), ids=" ".join)
def test_a_published_comparison_is_what_the_code_computes(row):
    measure, answers, reference, *figures = row
    found = compare(MEASURES[measure](scores(answers)), MEASURES[measure](scores(reference)))
    assert [found.difference, found.low, found.high, found.p] == numbers(figures)


def test_every_measure_is_published():
    assert {row[0] for row in published(6)} == set(MEASURES)
    assert len(published(7)) == 3
