"""The truth behind the demo brand: causes with their real effects, every customer's hidden state, figures with nobody silent.

The loader writes it as `truth.json`; analyses are judged by it and must never read it.
"""

from datetime import datetime
from typing import Any

import numpy as np

from peyvand.demo.arrays import Bools, Floats, Ints
from peyvand.demo.asking import DELIVERY, STORE, SUPPORT, SURVEYS
from peyvand.demo.causes import (
    APP_VERSION,
    CARRIER_CHANGE,
    CAUSES,
    DISCOUNT_BUG,
    EVENING_SHIFT,
    FOLLOW_UP,
    ISFAHAN_DESK,
    ISFAHAN_RETURNS,
    PORCELAIN_BOX,
    RESPONSE_BIAS,
    SILENT_BOND,
    SILENT_SHARE,
)
from peyvand.demo.orders import FRAGILE
from peyvand.demo.telling import Story
from peyvand.demo.world import BRANCHES, CITIES

_PARTS = 3


def truth_of(story: Story, until: datetime) -> dict[str, Any]:
    """Everything as plain JSON-ready data; scores in `everyone` are what all customers would have said if asked."""
    return {
        "seed": story.seed,
        "until": until.isoformat(),
        "window": [story.season.first.isoformat(), story.season.last.isoformat()],
        "causes": [cause.described(story.season.last) | {"observed": effect} for cause, effect in zip(CAUSES, effects(story), strict=True)],
        "response": {"bias": RESPONSE_BIAS, "silent_share": SILENT_SHARE, "silent_bond_shift": SILENT_BOND},
        "figures": figures(story, until),
        "customers": customers(story),
    }


def net_promoters(scores: Ints | Floats) -> float:
    """NPS in points; 0 of nothing."""
    if not len(scores):
        return 0.0
    return round(100 * float((scores >= 9).mean() - (scores <= 6).mean()), 2)


def effects(story: Story) -> list[dict[str, float]]:
    """Measured over all simulated orders, before against after, in the order of CAUSES; empty where a cause has no simple rate."""
    e, f, asked_evening = story.history.episode, story.history.feelings, story.history.episode.contact.evening
    karaj = e.delivery.sent & (e.delivery.city == next(i for i, c in enumerate(CITIES) if c.code == "karaj"))
    porcelain = e.delivery.sent & (FRAGILE[e.placed.products] & (e.placed.quantities > 0)).any(axis=1)
    contacted = asked_evening & (e.contact.at < story.season.midnight(len(story.season.dates)))
    web = ~e.placed.store & (e.placed.device != 2)
    returned = e.returned.in_branch & (e.returned.at < story.season.midnight(len(story.season.dates)))
    returned &= e.placed.branch == next(i for i, b in enumerate(BRANCHES) if b.code == "isfahan")
    return_day = story.season.day_number(e.returned.at)
    queue, desk = ISFAHAN_RETURNS.active(return_day), ISFAHAN_DESK.active(return_day)
    found = {
        ISFAHAN_RETURNS.code: _before_after(returned & ~desk, queue, e.returned.wait),
        ISFAHAN_DESK.code: _before_after(returned & (queue | desk), desk, e.returned.wait),
        APP_VERSION.code: _before_after(e.placed.device == 2, APP_VERSION.active(e.placed.day), f.checkout_ces),
        CARRIER_CHANGE.code: _before_after(karaj, CARRIER_CHANGE.active(e.placed.day), e.delivery.days_late > 0),
        PORCELAIN_BOX.code: _before_after(porcelain, PORCELAIN_BOX.active(e.placed.day), e.delivery.damaged),
        EVENING_SHIFT.code: _before_after(contacted, EVENING_SHIFT.active(story.season.day_number(e.contact.at)), f.support_ces),
        DISCOUNT_BUG.code: _before_after(web, DISCOUNT_BUG.active(e.placed.day), e.placed.discount_lost),
        FOLLOW_UP.code: {"cases": float(len(story.history.recovery.won)), "won_back": _mean(story.history.recovery.won)},
    }
    return [found.get(cause.code, {}) for cause in CAUSES]


def _before_after(rows: Bools, active: Bools, value: Bools | Ints | Floats) -> dict[str, float]:
    return {"before": _mean(value[rows & ~active]), "after": _mean(value[rows & active]), "n_after": float((rows & active).sum())}


def _mean(values: Bools | Ints | Floats) -> float:
    return round(float(np.mean(values)), 4) if len(values) else 0.0


def figures(story: Story, until: datetime) -> dict[str, Any]:
    """NPS after deliveries and in branches, as answered and as everybody would have answered, and who was silent."""
    e, f, q = story.history.episode, story.history.feelings, story.history.asked
    now = until.timestamp()
    answered = (q.answered <= now) & np.isin(q.survey, (DELIVERY, STORE))
    reached = np.where(e.delivery.sent, e.delivery.at, e.placed.at) <= now
    branch = np.where(e.delivery.sent, e.delivery.branch, e.placed.branch)
    by_branch = {
        b.code: {
            "answered": net_promoters(f.nps[q.row[answered & (branch[q.row] == i)]]),
            "everyone": net_promoters(f.nps[reached & (branch == i)]),
        }
        for i, b in enumerate(BRANCHES)
    }
    silent = story.people.silent[e.placed.person]
    counts = {name: int(((q.survey == i) & (q.answered <= now)).sum()) for i, name in enumerate(SURVEYS)}
    support = q.row[(q.survey == SUPPORT) & (q.answered <= now)]
    return {
        "nps": {
            "answered": net_promoters(f.nps[q.row[answered]]),
            "everyone": net_promoters(f.nps[reached]),
            "silent": net_promoters(f.nps[reached & silent]),
        },
        "nps_by_branch": by_branch,
        "support_ces": {"answered": _mean(f.support_ces[support])},
        "late_share": _mean(e.delivery.days_late[e.delivery.sent & reached] > 0),
        "answers": counts,
    }


def customers(story: Story) -> dict[str, list[Any]]:
    """One entry a customer in each list: their strongest identity, bond now, mean felt experience, silence, whether they still buy."""
    people, e = story.people, story.history.episode
    size = len(people)
    orders = np.bincount(e.placed.person, minlength=size)
    felt = np.bincount(e.placed.person, weights=story.history.feelings.overall, minlength=size) / np.maximum(orders, 1)
    would = np.bincount(e.placed.person, weights=story.history.feelings.nps, minlength=size) / np.maximum(orders, 1)
    return {
        "identity": [":".join(people.identities(person)[0]) for person in range(size)],
        "bond": np.round(story.history.final_bond, _PARTS).tolist(),
        "felt": np.round(felt, _PARTS).tolist(),
        "mean_score": np.round(would, _PARTS).tolist(),
        "orders": orders.tolist(),
        "silent": people.silent.tolist(),
        "active": story.history.active.tolist(),
    }
