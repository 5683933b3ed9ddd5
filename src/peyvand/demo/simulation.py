"""The demo brand from a seed: `simulate` yields timeline items in time order, `Simulation` holds what lies behind them.

Pure: no database, no clock of its own. The loader feeds the items through the real services.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from peyvand.demo.arrays import Ints
from peyvand.demo.assortment import PRODUCTS
from peyvand.demo.cast import cast_scenes
from peyvand.demo.cast_cases import cast_follow_ups
from peyvand.demo.cast_stage import Scene
from peyvand.demo.course import lived
from peyvand.demo.feelings import ratings
from peyvand.demo.follow_ups import AskedAgain, FollowUp, answered_again_item, asked_again, cases_in_order, follow_up, sent_again_item
from peyvand.demo.order_items import contact_item, delivered_item, placed_item, refunded_item
from peyvand.demo.people import CAST_SIZE, population
from peyvand.demo.seasons import ZONE, season_until
from peyvand.demo.survey_items import answered_item, sent_item
from peyvand.demo.telling import FIRST_NUMBER, Story, ranks
from peyvand.demo.truth import truth_of
from peyvand.demo.visit_items import visit_item
from peyvand.demo.visits import wandering
from peyvand.timeline.types import Item

CUSTOMERS: Final = 20_000
SEED: Final = 1405
FEWEST: Final = 2 * CAST_SIZE
Teller = Callable[[int], Item]


@dataclass(frozen=True)
class Simulation:
    """A simulated brand up to the moment `until`."""

    story: Story
    until: datetime

    def items(self) -> Iterator[Item]:
        """Every interaction up to `until`, oldest first; made one by one, so memory stays small."""
        for _, teller, row in self._in_time_order():
            yield teller(row)

    def count(self) -> int:
        """How many items there are, without making them."""
        return sum(1 for _ in self._in_time_order())

    @cached_property
    def follow_ups(self) -> list[FollowUp]:
        """Every case since following up began, oldest first; those of the last days are open."""
        now = self.until.timestamp()
        cases = [c for c in cases_in_order(self.story) if self.story.history.recovery.opened[c] <= now]
        found = [follow_up(self.story, case, now) for case in cases] + cast_follow_ups(self.story, self.until)
        return sorted(found, key=lambda case: case.opened_at)

    def truth(self) -> dict[str, Any]:
        """What really happened, as plain data for `truth.json`."""
        return truth_of(self.story, self.until)

    def _in_time_order(self) -> Iterator[tuple[int, Teller, int]]:
        now = int(self.until.timestamp())
        tracks = self._tracks()
        times = np.concatenate([times for times, _ in tracks])
        track = np.concatenate([np.full(len(times), n) for n, (times, _) in enumerate(tracks)])
        row = np.concatenate([np.arange(len(times)) for times, _ in tracks])
        happened = np.flatnonzero(times <= now)
        for at in happened[np.argsort(times[happened], kind="stable")]:
            yield int(times[at]), tracks[track[at]][1], int(row[at])

    def _tracks(self) -> list[tuple[Ints, Teller]]:
        """Times of each kind of event (NEVER where it did not happen) with what tells it."""
        story, e, q = self.story, self.story.history.episode, self.story.history.asked
        again = [asked_again(story, case) for case in range(len(story.history.recovery.row))]
        scenes = cast_scenes(story, self.until)
        return [
            (story.visits.at, partial(visit_item, story)),
            (e.placed.at, partial(placed_item, story)),
            (e.contact.at, partial(contact_item, story)),
            (e.delivery.at, partial(delivered_item, story)),
            (e.returned.at, partial(refunded_item, story)),
            (q.sent, partial(sent_item, story)),
            (q.answered, partial(answered_item, story)),
            (np.array([a.sent for a in again], dtype=np.int64), partial(_told, story, again, sent_again_item)),
            (np.array([a.answered for a in again], dtype=np.int64), partial(_told, story, again, answered_again_item)),
            (np.array([s.at for s in scenes], dtype=np.int64), partial(_scene, scenes)),
        ]


def _told(story: Story, again: list[AskedAgain], teller: Callable[[Story, AskedAgain], Item], row: int) -> Item:
    return teller(story, again[row])


def _scene(scenes: list[Scene], row: int) -> Item:
    return scenes[row].item


def build(seed: int, until: date | datetime, customers: int = CUSTOMERS) -> Simulation:
    """Simulate the brand. The same seed, day and number of customers give the same items; a later hour of the day only adds some.

    `until` is the present: an aware datetime, or a date, which means the end of that day in Tehran.
    """
    if isinstance(until, datetime):
        if until.tzinfo is None:
            raise ValueError(f"The present, {until}, has no time zone: give an aware datetime")
        moment = until.astimezone(ZONE)
    else:
        moment = datetime.combine(until + timedelta(days=1), datetime.min.time(), ZONE) - timedelta(seconds=1)
    if customers < FEWEST:
        raise ValueError(f"The demo needs at least {FEWEST} customers, not {customers}")
    rng = np.random.default_rng(seed)
    season = season_until(moment.date())
    people = population(rng, season, customers)
    history = lived(rng, season, people)
    visits = wandering(rng, season, people, history.episode.placed)
    _, first = np.unique(history.episode.placed.person, return_index=True)
    first_order = np.zeros(len(history.episode.placed.person), dtype=np.bool_)
    first_order[first] = True
    stars = ratings(rng, history.bond_before, history.episode, history.feelings)
    placed = history.episode.placed
    numbers = [str(FIRST_NUMBER + place) for place in ranks(placed.at).tolist()]
    products = [PRODUCTS[main].code for main in placed.products[:, 0].tolist()]
    return Simulation(Story(seed, season, people, history, visits, stars, numbers, products, first_order), moment)


def simulate(seed: int, until: date | datetime, customers: int = CUSTOMERS) -> Iterator[Item]:
    """Yield the items of `build(seed, until, customers)` in time order."""
    return build(seed, until, customers).items()
