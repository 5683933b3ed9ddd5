"""What may happen in a history, and how a seed draws one. Any part of a history is a history too, so that a failing one can be shortened.

Numbers that choose (`pick`) count round what there is when the step is taken.
"""

import random
from dataclasses import dataclass, replace

KINDS = ("order.placed", "order.delivered", "review.written", "no.such_kind")
SOURCES = ("till", "shop")
PEOPLE = (
    ("own_id", "a"), ("own_id", "b"), ("own_id", "c"), ("phone", "09120000001"), ("phone", "09120000002"), ("email", "a@mail.example"),
    ("device", "d1"), ("device", "d2"),
)  # fmt: skip
BRANCHES = ("", "north", "south")
POISON = "poison"  # an item of this employee is more than a sick reader bears


@dataclass(frozen=True)
class Spec:
    """One item, by the places of its parts in the lists above; without `external` it cannot be told from a repeat."""

    kind: int
    source: int
    external: int | None
    who: tuple[int, ...]
    branch: int
    poison: bool


@dataclass(frozen=True)
class Step:
    """Something that happens; `dies_at` counts what the process asks of the database before it dies (None: it lives)."""

    dies_at: int | None = None


@dataclass(frozen=True)
class Record(Step):
    """Items are recorded, into the latest open batch where `batched`."""

    items: tuple[Spec, ...] = ()
    batched: bool = False


@dataclass(frozen=True)
class Again(Step):
    """What was sent once is sent again, as by a sender who heard no answer."""

    pick: int = 0


@dataclass(frozen=True)
class Open(Step):
    """A batch begins."""


@dataclass(frozen=True)
class Undo(Step):
    """A batch is hidden."""

    pick: int = 0


@dataclass(frozen=True)
class Remove(Step):
    """The rows of a hidden batch are taken away."""

    pick: int = 0


@dataclass(frozen=True)
class Read(Step):
    """Subscriptions read."""


@dataclass(frozen=True)
class Health(Step):
    """A reader falls ill or is well again."""

    sick: bool = False


@dataclass(frozen=True)
class Retry(Step):
    """A dead letter is tried again."""

    pick: int = 0


@dataclass(frozen=True)
class Decide(Step):
    """A person decides about a pair, or splits an identity off."""

    how: str = "same"
    pick: int = 0


@dataclass(frozen=True)
class Share(Step):
    """A person says that many share a value, or that it is one person's after all."""

    pick: int = 0
    back: bool = False


@dataclass(frozen=True)
class Erase(Step):
    """Somebody asks to be forgotten."""

    pick: int = 0


@dataclass(frozen=True)
class Forget(Step):
    """An erasure goes on."""

    pick: int = 0


@dataclass(frozen=True)
class Enqueue(Step):
    """A job is put down."""

    how: str = "well"
    key: str | None = None
    after: int = 0


@dataclass(frozen=True)
class Work(Step):
    """A worker takes due jobs."""

    limit: int = 3


@dataclass(frozen=True)
class Cancel(Step):
    """A waiting job is taken back."""

    key: str = "k1"


@dataclass(frozen=True)
class RetryJob(Step):
    """A job that was given up is tried from the start."""

    pick: int = 0


@dataclass(frozen=True)
class Pass(Step):
    """Time passes."""

    seconds: int = 1


@dataclass(frozen=True)
class Jump(Step):
    """The clock is set, to where it should have been or not."""

    seconds: int = -1


LENGTH = (15, 45)
DYING = 0.25
MOST_ASKED = 14
MOST_ASKED_TO_FORGET = 160  # every app is asked


def history(seed: int) -> list[Step]:
    """The history of a seed."""
    chance = random.Random(f"history {seed}")
    return [_dying(chance, _step(chance)) for _ in range(chance.randint(*LENGTH))]


def _dying(chance: random.Random, step: Step) -> Step:
    most = MOST_ASKED_TO_FORGET if isinstance(step, Forget) else MOST_ASKED
    return replace(step, dies_at=chance.randint(1, most)) if chance.random() < DYING else step


def _step(chance: random.Random) -> Step:
    draw = chance.choices(range(len(_WAYS)), [weight for weight, _way in _WAYS])[0]
    return _WAYS[draw][1](chance)


def _record(chance: random.Random) -> Step:
    return Record(items=tuple(_spec(chance) for _ in range(chance.choice((1, 1, 2, 6)))), batched=chance.random() < 0.5)


def _spec(chance: random.Random) -> Spec:
    who = _who(chance)
    external = chance.randrange(25) if chance.random() < 0.8 else None
    kind = chance.choices(range(len(KINDS)), (6, 3, 2, 1))[0]
    return Spec(kind, chance.randrange(len(SOURCES)), external, who, chance.randrange(len(BRANCHES)), chance.random() < 0.1)


def _who(chance: random.Random) -> tuple[int, ...]:
    """Some identities, with one own id at most: an item that names two is refused."""
    who = chance.sample(range(len(PEOPLE)), chance.choice((0, 1, 1, 2, 3)))
    own = [place for place in who if PEOPLE[place][0] == "own_id"]
    return tuple(place for place in who if place not in own[1:])


def _decide(chance: random.Random) -> Step:
    return Decide(how=chance.choice(("same", "same", "apart", "back", "back", "split")), pick=chance.randrange(20))


def _enqueue(chance: random.Random) -> Step:
    how = chance.choices(("well", "fails", "later", "slow", "unheard of"), (6, 2, 1, 1, 1))[0]
    key = chance.choice((None, "k1", "k2")) if how != "unheard of" else None
    return Enqueue(how=how, key=key, after=chance.choice((0, 0, 60)))


_WAYS = (
    (10, _record),
    (3, lambda chance: Again(pick=chance.randrange(20))),
    (2, lambda _chance: Open()),
    (1, lambda chance: Undo(pick=chance.randrange(5))),
    (3, lambda chance: Remove(pick=chance.randrange(5))),
    (6, lambda _chance: Read()),
    (1, lambda chance: Health(sick=chance.random() < 0.6)),
    (2, lambda chance: Retry(pick=chance.randrange(5))),
    (4, _decide),
    (1, lambda chance: Share(pick=chance.randrange(3), back=chance.random() < 0.4)),
    (2, lambda chance: Erase(pick=chance.randrange(20))),
    (1, lambda chance: Forget(pick=chance.randrange(5))),
    (4, _enqueue),
    (4, lambda _chance: Work()),
    (1, lambda chance: Cancel(key=chance.choice(("k1", "k2")))),
    (1, lambda chance: RetryJob(pick=chance.randrange(5))),
    (3, lambda chance: Pass(seconds=chance.choice((1, 20, 40, 4000)))),
    (1, lambda chance: Jump(seconds=chance.choice((-600, -30, -1, 30, 86_400)))),
)
