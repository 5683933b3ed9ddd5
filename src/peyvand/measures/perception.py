"""The measures of perception: NPS, CSAT, CES, mean rating, top box, as functions of a histogram. Called by MEASURES."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from peyvand.measures.estimates import Estimate, Method, Number
from peyvand.measures.intervals import (
    LEVEL,
    adjusted_wald,
    mean_interval,
    net_promoter_error,
    share_error,
    two_sided_z,
    wilson,
)
from peyvand.measures.scores import Scale, Scores, checked_scale

NPS_SCALE: Final[Scale] = (0, 10)
CSAT_SCALE: Final[Scale] = (1, 5)
CES_SCALE: Final[Scale] = (1, 7)
RATING_SCALE: Final[Scale] = (1, 5)
_Found = tuple[float | None, float | None, float | None, float | None]
_NOTHING: Final[_Found] = (None, None, None, None)


def nps(scores: Scores, scale: Scale = NPS_SCALE, level: float = LEVEL) -> Estimate:
    """Net Promoter Score in points, −100 to 100: share of 9–10 minus share of 0–6 (Reichheld 2003), adjusted Wald.

    On another scale each point counts as the nearest point of 0–10: 9–10 of 1–10 and 5 of 1–5 are promoters, 4 of 5 is
    passive. An answer between two points is invalid. Extra: promoters, passives, detractors (counts) and `adjusted`,
    the centre of the interval, where there is an answer. Weighted answers count as so many simple ones as have their error.
    Raises ScaleError, and ValueError for a level that is none.
    """
    low, high = checked_scale(scale, points=True)
    two_sided_z(level)
    answers = scores.on((low, high), points=True)
    n = answers.n
    span = int(high - low)
    promoters = answers.at_least(low - -17 * span // 20)
    passives = answers.at_least(low - -13 * span // 20) - promoters
    detractors = n - promoters - passives
    extra: dict[str, Number] = {"promoters": promoters, "passives": passives, "detractors": detractors}
    found: _Found = _NOTHING
    if n:
        happy, unhappy, size, se = _promoting(answers, low - -17 * span // 20, low - -13 * span // 20, (promoters, detractors))
        centre, lower, upper = adjusted_wald(happy, unhappy, size, level)
        value = 100 * (happy - unhappy) / size
        # with a single answer the formula stops just short of ±100: an interval that leaves out its own figure helps nobody
        found = (value, 100 * se, min(value, 100 * lower), max(value, 100 * upper))
        extra["adjusted"] = 100 * centre
    return _estimate("nps", "adjusted_wald", answers, ((low, high), level), found, extra=extra)


def csat(scores: Scores, scale: Scale = CSAT_SCALE, level: float = LEVEL) -> Estimate:
    """Customer satisfaction in percent: share of the top two points, 4–5 of 5, with Wilson's interval.

    On another scale still the top two points (6–7 of 7); on a scale of two or three points the top one, since two would
    take in the middle. Extra: `satisfied`, their count. Raises as `nps`.
    """
    low, high = checked_scale(scale, points=True)
    return _top("csat", "satisfied", scores, (2 if high - low >= 3 else 1, (low, high), level))


def ces(scores: Scores, scale: Scale = CES_SCALE, level: float = LEVEL) -> Estimate:
    """Customer effort, "made it easy to handle my issue": mean with t interval (CES 2.0; Dixon, Toman, DeLisi 2013).

    Extra: sd, and `share` of those who agree (5–7 of 7, on another scale above its middle) in percent with Wilson's
    `share_low`, `share_high`. Raises as `rating`.
    """
    low, high = checked_scale(scale)
    estimate = rating(scores, (low, high), level)
    extra: dict[str, Number] = {**estimate.extra, "share": None, "share_low": None, "share_high": None}
    if estimate.n:
        answers = scores.on((low, high))
        above = answers.values * 2 > low + high
        agree, size, _se = _sharing(answers, above, int(answers.counts[above].sum()))
        lower, upper = wilson(agree, size, level)
        extra |= {"share": 100 * agree / size, "share_low": 100 * lower, "share_high": 100 * upper}
    return _renamed(estimate, "ces", extra)


def rating(scores: Scores, scale: Scale = RATING_SCALE, level: float = LEVEL) -> Estimate:
    """Mean rating in points of the scale with its t interval, cut at the ends of the scale; half points count too.

    One answer has a mean but no error and no interval. Extra: sd. Raises ScaleError, and ValueError for a level that is
    none.
    """
    low, high = checked_scale(scale)
    two_sided_z(level)
    answers = scores.on((low, high))
    mean, sd, se, size = _averaging(answers)
    lower = upper = None
    if mean is not None:
        mean = min(high, max(low, mean))  # a rounded sum may step off the scale by one bit
    if mean is not None and se is not None:
        lower, upper = mean_interval(mean, se, size, (low, high), level)
    return _estimate("rating", "t", answers, ((low, high), level), (mean, se, lower, upper), extra={"sd": sd})


def top_box(scores: Scores, k: int = 2, scale: Scale = RATING_SCALE, level: float = LEVEL) -> Estimate:
    """Share of the top k points of the scale in percent, with Wilson's interval.

    An answer between two points is invalid. Extra: `hits`, their count. Raises ScaleError, and ValueError where k
    leaves no point above or below the line.
    """
    return _top("top_box", "hits", scores, (k, scale, level))


def _top(name: str, counted: str, scores: Scores, asked: tuple[int, Scale, float]) -> Estimate:
    """The share of the top k points under a name, with their count under another."""
    k, scale, level = asked
    low, high = checked_scale(scale, points=True)
    two_sided_z(level)
    if not 1 <= k <= high - low:
        raise ValueError(f"the top {k} points cannot be cut off a scale of {high - low + 1:g}")
    answers = scores.on((low, high), points=True)
    above = answers.values >= high - k + 1
    found, hits = _NOTHING, int(answers.counts[above].sum())
    if answers.counts.size:
        sharing, size, se = _sharing(answers, above, hits)
        lower, upper = wilson(sharing, size, level)
        found = (100 * sharing / size, 100 * se, 100 * lower, 100 * upper)
    return _estimate(name, "wilson", answers, ((low, high), level), found, extra={counted: hits})


def _promoting(answers: Scores, promoter: float, passive: float, counts: tuple[int, int]) -> tuple[float, float, float, float]:
    """How many promote and detract of how many, with the standard error of the difference; weighted, of so many simple answers."""
    promoters, detractors = counts
    if answers.weights is None:
        return promoters, detractors, answers.n, net_promoter_error(promoters, detractors, answers.n)
    worth = np.where(answers.values >= promoter, 1.0, np.where(answers.values >= passive, 0.0, -1.0))
    size = answers.weights.simple_size(worth)
    happy, unhappy = (answers.weights.share(worth == of) * size for of in (1.0, -1.0))
    return happy, unhappy, size, answers.weights.error(worth)


def _sharing(answers: Scores, above: NDArray[np.bool_], hits: int) -> tuple[float, float, float]:
    """How many of how many lie in a share, of which `hits` are counted, with its standard error; weighted, of so many simple answers."""
    if answers.weights is None:
        n = answers.n
        return hits, n, share_error(hits, n)
    worth = above.astype(np.float64)
    size = answers.weights.simple_size(worth)
    return answers.weights.share(above) * size, size, answers.weights.error(worth)


def _averaging(answers: Scores) -> tuple[float | None, float | None, float | None, float]:
    """Mean, standard deviation, standard error of the mean, and how many answers that is worth."""
    n = answers.n
    if answers.weights is None or n < 2:
        sd = answers.deviation()
        return answers.mean(), sd, None if sd is None else sd / n**0.5, n
    corrected = (n / (n - 1)) ** 0.5
    sd, se = answers.weights.variance(answers.values) ** 0.5 * corrected, answers.weights.error(answers.values) * corrected
    return answers.weights.mean(answers.values), sd, se, answers.weights.weighing().n_effective


def _estimate(
    name: str, method: Method, answers: Scores, asked: tuple[Scale, float], found: _Found, *, extra: dict[str, Number]
) -> Estimate:
    scale, level = asked
    weighing = None if answers.weights is None else answers.weights.weighing()
    return Estimate(name, method, scale, level, answers.n, *found, answers.invalid, answers.missing, extra, weighing)


def _renamed(estimate: Estimate, measure: str, extra: dict[str, Number]) -> Estimate:
    return replace(estimate, measure=measure, extra=extra)
