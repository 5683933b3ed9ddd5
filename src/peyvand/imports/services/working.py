"""What running and checking share: units made into items, items drafted, outcomes told apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from peyvand.imports.mapping.rules import Compiled, Rejection
from peyvand.imports.reading.preparing import Unit
from peyvand.timeline.types import Item, Outcome, Status


@dataclass(slots=True)
class Tally:
    """What became of a piece of work, in interactions; `left_out` counts units no rule wanted."""

    recorded: int = 0
    duplicates: int = 0
    rejected: int = 0
    left_out: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Add another tally to this one."""
        self.recorded += other.recorded
        self.duplicates += other.duplicates
        self.rejected += other.rejected
        self.left_out += other.left_out
        self.kinds.update(other.kinds)


@dataclass(slots=True)
class Piece:
    """Some units and what the map makes of them: `items` with the unit of each, and rejections with theirs."""

    units: Sequence[Unit]
    items: list[Item] = field(default_factory=list)
    owners: list[Unit] = field(default_factory=list)
    rejections: list[tuple[Unit, Rejection]] = field(default_factory=list)
    left_out: int = 0

    @property
    def end(self) -> int:
        """The position behind the last unit."""
        last = self.units[-1]
        return last.start + len(last.rows)


def make_piece(compiled: Compiled, units: Sequence[Unit]) -> Piece:
    """Apply a map to units."""
    piece = Piece(units)
    for unit in units:
        made = compiled.items(unit)
        piece.left_out += not made
        for one in made:
            if isinstance(one, Rejection):
                piece.rejections.append((unit, one))
            else:
                piece.items.append(one)
                piece.owners.append(unit)
    return piece


def tally(piece: Piece, outcomes: Sequence[Outcome]) -> tuple[Tally, list[tuple[Unit, Rejection]]]:
    """Count outcomes and gather every rejection in the order of the file."""
    counted = Tally(left_out=piece.left_out)
    rejections = list(piece.rejections)
    for item, unit, outcome in zip(piece.items, piece.owners, outcomes, strict=True):
        if outcome.status is Status.REJECTED:
            rejections.append((unit, Rejection(item.kind, outcome.field, outcome.reason)))
        elif outcome.status is Status.DUPLICATE:
            counted.duplicates += 1
        else:
            counted.recorded += 1
            counted.kinds[item.kind] += 1
    counted.rejected = len(rejections)
    return counted, sorted(rejections, key=lambda pair: pair[0].start)
