"""Eighteen months of the brand, one order number at a time for all customers at once: bond, order, experience, answer, return.

`lived` is called by `simulation`; everything is drawn from one generator.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, TypeVar

import numpy as np

from peyvand.demo.arrays import DAY, Bools, Floats, Generator, Ints, flags, logistic
from peyvand.demo.asking import DELIVERY, RETURNS, STORE, SUPPORT, Asked, Asker, Rest
from peyvand.demo.causes import FOLLOW_UP
from peyvand.demo.contacts import contact
from peyvand.demo.deliveries import NEVER, deliver, take_back
from peyvand.demo.feelings import Episode, Feelings, bond_after, feel
from peyvand.demo.orders import place_orders
from peyvand.demo.people import CAST_SIZE, People
from peyvand.demo.seasons import WINDOW_DAYS, Season

MOST_ORDERS: Final = 30
LOW_NPS: Final = 6
LOW_CSAT: Final = 2
CAST_QUIET_DAYS: Final = 75
T = TypeVar("T")


@dataclass(frozen=True)
class Recovery:
    """An unhappy answer and what the call afterwards changed; one row a case. `row` is the order, `asked` the question."""

    asked: Ints
    row: Ints
    person: Ints
    opened: Ints
    reached: Bools
    won: Bools


@dataclass(frozen=True)
class History:
    """All orders with what surrounds them (aligned, one row each), the questions put, and the cases."""

    episode: Episode
    feelings: Feelings
    bond_before: Floats
    asked: Asked
    recovery: Recovery
    final_bond: Floats
    active: Bools


def lived(rng: Generator, season: Season, people: People) -> History:
    """Let every customer live through the window."""
    size = len(people)
    clock, bond, alive = people.start.copy(), people.bond.copy(), people.buyer.copy()
    asker = Asker(rng, season, people, Rest(np.full(size, -NEVER)))
    episodes: list[Episode] = []
    felt: list[Feelings] = []
    bonds: list[Floats] = []
    questions: list[Asked] = []
    cases: list[Recovery] = []
    rows = asked_so_far = 0
    for _ in range(MOST_ORDERS):
        who = _ordering(season, clock, alive)
        if not len(who):
            break
        episode, feelings = _experience(rng, season, people, who, (clock[who], bond[who]))
        if not rows:
            episode.placed.named[:] = True  # everybody gives their number once, or they would not be a customer
        asked = stacked(asker.ask(episode, feelings))
        case = _follow_up(rng, season, asked, (feelings, episode.placed.named))
        episodes.append(episode)
        felt.append(feelings)
        bonds.append(bond[who])
        questions.append(replace(asked, row=asked.row + rows))
        cases.append(replace(case, row=case.row + rows, asked=case.asked + asked_so_far))
        rows, asked_so_far = rows + len(who), asked_so_far + len(asked.row)
        bond[who] = bond_after(bond[who], feelings)
        regret = np.minimum(feelings.overall, 0.3)
        regret[case.row[case.won]] = np.maximum(regret[case.row[case.won]], FOLLOW_UP.size - 0.3)
        bond[case.person[case.won]] += FOLLOW_UP.size
        alive[who] = flags(rng, logistic(1.05 + 0.8 * bond[who] + 0.75 * regret), len(who))
        clock[who] += np.maximum(0.8, rng.exponential(1.0, len(who)) / people.rate[who])
    every = Episode(
        stacked([e.placed for e in episodes]),
        stacked([e.delivery for e in episodes]),
        stacked([e.returned for e in episodes]),
        stacked([e.contact for e in episodes]),
    )
    return History(every, stacked(felt), np.concatenate(bonds), stacked(questions), stacked(cases), bond, alive)


def _ordering(season: Season, clock: Floats, alive: Bools) -> Ints:
    limit = np.full(len(clock), season.span)
    limit[:CAST_SIZE] = season.clock[WINDOW_DAYS - CAST_QUIET_DAYS]
    return np.flatnonzero(alive & (clock < limit)).astype(np.int64)


def _experience(rng: Generator, season: Season, people: People, who: Ints, state: tuple[Floats, Floats]) -> tuple[Episode, Feelings]:
    clock, bond = state
    placed = place_orders(rng, season, people, who, season.day_of(clock))
    delivery = deliver(rng, season, people, placed)
    returned = take_back(rng, season, placed, delivery)
    episode = Episode(placed, delivery, returned, contact(rng, season, placed, delivery, returned))
    return episode, feel(rng, season, people, bond, episode)


def low_answers(asked: Asked, feelings: Feelings) -> Bools:
    """Which questions were answered so low that somebody should call: NPS to 6, or where there is none CSAT to 2."""
    nps, row = feelings.nps[asked.row], asked.row
    scored = np.isin(asked.survey, (DELIVERY, STORE)) & (nps <= LOW_NPS)
    by_kind = (
        scored
        | ((asked.survey == SUPPORT) & (feelings.support_csat[row] <= LOW_CSAT))
        | ((asked.survey == RETURNS) & (feelings.returns_csat[row] <= LOW_CSAT))
    )
    return np.asarray(by_kind & (asked.answered < NEVER), dtype=np.bool_)


def _follow_up(rng: Generator, season: Season, asked: Asked, told: tuple[Feelings, Bools]) -> Recovery:
    """Cases of one step: the first low answer of each known customer's order since following up began, and whether it was made good."""
    begins = int(season.midnight(WINDOW_DAYS - 1 - FOLLOW_UP.days_ago))
    ends = int(season.midnight(WINDOW_DAYS)) + DAY
    feelings, named = told
    low = np.flatnonzero(low_answers(asked, feelings) & named[asked.row] & (asked.answered >= begins) & (asked.answered < ends))
    low = low[np.argsort(asked.answered[low], kind="stable")]
    _, first = np.unique(asked.row[low], return_index=True)
    chosen_rows = low[np.sort(first)]
    size = len(chosen_rows)
    reached = flags(rng, 0.87, size)
    return Recovery(
        asked=chosen_rows,
        row=asked.row[chosen_rows],
        person=asked.person[chosen_rows],
        opened=asked.answered[chosen_rows],
        reached=reached,
        won=reached & flags(rng, 0.7, size),
    )


def stacked(parts: list[T]) -> T:
    """One dataclass of arrays from several of the same type, rows one after another."""
    columns: dict[str, Any] = {f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(parts[0])}  # type: ignore[arg-type]
    return type(parts[0])(**columns)
