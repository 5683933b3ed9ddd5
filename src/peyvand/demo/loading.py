"""Feeds the simulated brand through the real services, day by day under a clock that stands on that day.

Called by `peyvand demo`. What was interrupted is begun again: items are repeats by their external ids.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import msgspec
from django.conf import settings
from django.db import transaction

from peyvand.cases.models import Case, CasePolicy
from peyvand.cases.services import assign, close, log_contact
from peyvand.cases.services.opening import open_for
from peyvand.cases.services.policy import policy_of
from peyvand.cases.types import ContactResult, Outcome
from peyvand.core import clock
from peyvand.core.files import write_atomically
from peyvand.demo.follow_ups import COMPENSATED, WHOSE_TURN, FollowUp
from peyvand.demo.founding import found_brand, note_progress, people, progress_of
from peyvand.demo.simulation import CUSTOMERS, SEED, Simulation, build
from peyvand.timeline.models import Interaction, Place
from peyvand.timeline.reading import Position, events, read_after, read_ids
from peyvand.timeline.services import record_many
from peyvand.timeline.subscriptions import run_once, subscribers
from peyvand.timeline.types import Item, Status
from peyvand.workspaces.models import Member, Workspace

SOURCE = "demo"
LAKE = "lake"
PIECE = 800  # items committed together, as whole days: few commits, and full batches for those who read behind
OUTCOMES = {"unchanged": Outcome.COULD_NOT, "unreached": Outcome.UNREACHABLE}
Tell = Callable[[str, float], None]
Turns = list[tuple[dt.datetime, str, FollowUp]]
Days = list[tuple[dt.date, list[Item]]]


@dataclass(slots=True)
class Loaded:
    """What a load left behind."""

    workspace: Workspace
    items: int
    cases: int
    fresh: bool


@dataclass(slots=True)
class Loader:
    """One load: what has been recorded under which external id, and which case came of which answer."""

    workspace: Workspace
    policy: CasePolicy
    members: dict[str, Member]
    until: dt.datetime
    turns: Mapping[dt.date, Turns]
    recorded: dict[str, int] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)

    def remember(self) -> None:
        """After an interruption: which answers and cases are in already."""
        answered = Interaction.objects.filter(workspace=self.workspace, external_id__contains="answered-")
        self.recorded = {str(external): pk for external, pk in answered.values_list("external_id", "id")}
        opened = {case.interaction: case for case in Case.objects.filter(workspace=self.workspace).select_related("workspace")}
        self.cases = {external: opened[pk] for external, pk in self.recorded.items() if pk in opened}

    @transaction.atomic
    def piece(self, days: Days) -> None:
        """Record some days, each followed by what staff did on it, in one transaction."""
        for day, items in days:
            end = self.end_of(day)
            with clock.frozen(end, seed=f"demo {day}"):
                self._record(items)
            for at, act, follow_up in self.turns.get(day, ()):
                with clock.frozen(at, seed=f"demo {follow_up.answer} {act}"):
                    self._act(act, follow_up)
        note_progress(self.workspace, {"day": end.isoformat()})

    def end_of(self, day: dt.date) -> dt.datetime:
        """The moment a day is recorded at: its end, or the present."""
        return min(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC), self.until)

    def _record(self, items: Sequence[Item]) -> None:
        for item in items:
            item.source = SOURCE
            if (first := item.properties.get("first_answer")) in self.cases:
                item.properties["case"] = self.cases[first].pk
        for item, outcome in zip(items, record_many(self.workspace.pk, items), strict=True):
            if outcome.status is Status.REJECTED:
                raise RuntimeError(f"the demo's item {item.external_id} was rejected: {outcome.field} {outcome.reason}")
            if item.kind == "survey.answered" and item.external_id and outcome.interaction_id:
                self.recorded[item.external_id] = outcome.interaction_id

    def _act(self, act: str, follow_up: FollowUp) -> None:
        if act == "open":
            self._open(follow_up)
            return
        case = self.cases[follow_up.answer]
        actor = self._owner(case) or self._first()
        if act == "contact":
            result = ContactResult(follow_up.result or "talked")
            done = log_contact(case=case, actor=actor, result=result, text=follow_up.note, again_at=follow_up.again_at)
        else:
            solved = Outcome.COMPENSATED if follow_up.reason in COMPENSATED else Outcome.SOLVED
            done = close(case=case, actor=actor, outcome=OUTCOMES.get(follow_up.outcome or "", solved), text=follow_up.remedy)
        self.cases[follow_up.answer] = done

    def _open(self, follow_up: FollowUp) -> None:
        event = events(read_ids([self.recorded[follow_up.answer]]))[0]
        felt = next(felt for felt in event.perceptions if felt.value is not None and not felt.item)
        case = open_for(self.workspace, self.policy, event, felt)
        if follow_up.owner != WHOSE_TURN:
            owner = self.members.get(follow_up.owner or "")
            if case.owner_id != (owner.pk if owner else None):
                case = assign(case=case, owner=owner, actor=self._first())
        self.cases[follow_up.answer] = case

    def _owner(self, case: Case) -> Member | None:
        return next((member for member in self.members.values() if member.pk == case.owner_id), None)

    def _first(self) -> Member:
        return next(iter(self.members.values()))


def load(*, password: str, tell: Tell, customers: int = CUSTOMERS, seed: int = SEED) -> Loaded:
    """Make the demo brand, or give the one that is there. `tell` hears what is done and how far (0–1)."""
    workspace = found_brand(password)
    until, last, done_before = progress_of(workspace)
    if done_before:
        return Loaded(workspace, 0, Case.objects.filter(workspace=workspace).count(), fresh=False)
    tell("simulating", 0.0)
    simulation = build(seed, until, customers)
    turns = _turns_by_day(simulation.follow_ups)
    loader = Loader(workspace, policy_of(workspace), people(workspace), simulation.until.astimezone(dt.UTC), turns)
    if last:
        loader.remember()
    total, done = simulation.count(), 0
    for days in _pieces(_days(simulation)):
        left = [(day, items) for day, items in days if loader.end_of(day).isoformat() > last]
        if left:
            loader.piece(left)
        done += sum(len(items) for _day, items in days)
        tell("recording", done / total)
    folder = settings.PEYVAND_DATA / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "truth.json", msgspec.json.encode(simulation.truth()))
    note_progress(workspace, {"done": True})
    return Loaded(workspace, done, len(loader.cases), fresh=True)


def _pieces(days: Iterable[tuple[dt.date, list[Item]]]) -> Iterator[Days]:
    """Whole days, together about PIECE items."""
    piece: Days = []
    for day in days:
        piece.append(day)
        if sum(len(items) for _day, items in piece) >= PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def _days(simulation: Simulation) -> Iterator[tuple[dt.date, list[Item]]]:
    for day, items in groupby(simulation.items(), key=lambda item: item.occurred_at.astimezone(dt.UTC).date()):
        yield day, list(items)


def _turns_by_day(follow_ups: Sequence[FollowUp]) -> dict[dt.date, Turns]:
    """What staff did on each day, in order."""
    turns: dict[dt.date, Turns] = {}
    for follow_up in follow_ups:
        steps = ((follow_up.opened_at, "open"), (follow_up.contacted_at, "contact"), (follow_up.closed_at, "close"))
        for at, act in steps:
            if at is not None:
                turns.setdefault(at.astimezone(dt.UTC).date(), []).append((at, act, follow_up))
    for day in turns.values():
        day.sort(key=lambda turn: turn[0])
    return turns


def settle() -> None:
    """Do what is left: let every subscription read to the end, and copy the rest to the lake."""
    from peyvand.timeline.lake.flushing import flush_once  # noqa: PLC0415 - weight

    while run_once() or flush_once():
        pass


def behind() -> int:
    """How many interactions the slowest reader, the lake included, has still to read; about, and 0 only when it is true."""
    readers = {name: Position() for name in (*subscribers(), LAKE)}
    for place in Place.objects.filter(name__in=readers):
        readers[place.name] = Position(place.era, place.xid, place.interaction_id)
    last = Interaction.objects.order_by("-id").values_list("id", flat=True).first() or 0
    least = max(last - position.interaction_id for position in readers.values())
    return max(least, 1) if any(read_after(position, 1).rows for position in readers.values()) else 0
