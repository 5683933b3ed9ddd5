"""Statistics as plain functions on histograms of answers, without models or Django.

Every app, the command and a notebook may call them.
"""

from peyvand.measures.comparison import Comparison, compare
from peyvand.measures.distribution import Distribution, distribution
from peyvand.measures.estimates import Estimate
from peyvand.measures.perception import ces, csat, nps, rating, top_box
from peyvand.measures.registry import MEASURES, Measure
from peyvand.measures.scores import Scale, ScaleError, Scores

__all__ = [
    "MEASURES",
    "Comparison",
    "Distribution",
    "Estimate",
    "Measure",
    "Scale",
    "ScaleError",
    "Scores",
    "ces",
    "compare",
    "csat",
    "distribution",
    "nps",
    "rating",
    "top_box",
]
