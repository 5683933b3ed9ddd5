"""How many bytes of bodies may be on their way in at once: of all together, and of one sender. Called by edge.bodies and edge.uploads."""

from types import TracebackType
from typing import Final, Self

MOST_BYTES: Final = 64 * 1024 * 1024
SLOWEST: Final = 10 * 1024  # bytes a second: what a poor mobile line still carries


class Room:
    """The bytes that are being read, counted in the event loop alone. A sender is a key, or an address."""

    def __init__(self, most: int = MOST_BYTES, *, shares: int) -> None:
        self._most, self._share = most, most // shares
        self._taken = 0
        self._held: dict[str, int] = {}

    def place(self, sender: str) -> "Place":
        """A place for one body, empty at first."""
        return Place(self, sender)

    def take(self, sender: str, more: int) -> bool:
        """Count so many bytes more; False, and none of them, where they are more than there is room for or than the sender's share."""
        held = self._held.get(sender, 0) + more
        if self._taken + more > self._most or held > self._share:
            return False
        if held:
            self._taken += more
            self._held[sender] = held
        return True

    def give_back(self, sender: str, size: int) -> None:
        """Count so many bytes less."""
        self._taken -= size
        self._held[sender] -= size
        if not self._held[sender]:
            del self._held[sender]


class Place:
    """What one body holds of a room, until the end of its block."""

    def __init__(self, room: Room, sender: str) -> None:
        self.room, self._sender = room, sender
        self._size = 0

    def grow_to(self, size: int) -> bool:
        """Hold so many bytes; False, and as many as before, where there is no room for them."""
        grown = self.room.take(self._sender, size - self._size)
        if grown:
            self._size = size
        return grown

    def move_to(self, room: Room) -> None:
        """Give back what it holds, and begin anew in another room."""
        self.leave()
        self.room = room

    def leave(self) -> None:
        """Give back what it holds."""
        if self._size:
            self.room.give_back(self._sender, self._size)
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()
