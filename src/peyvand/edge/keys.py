"""API keys at the fast doors: each is looked up once in three seconds, so that a revoked one stops within five.

Called by edge.intake: from memory alone in the event loop, with the database in its thread.
"""

from dataclasses import dataclass
from typing import Final

from peyvand.core import clock
from peyvand.workspaces.models import ApiKey
from peyvand.workspaces.services.keys import key_hash

KEEP_SECONDS: Final = 3.0
MOST_KEPT: Final = 10_000
LONGEST: Final = 100  # of a secret: ours have some 40 letters, and nobody fills the memory with his guesses


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who holds a key: a workspace, what the key may do, and the key by which that workspace's ids are shown."""

    key: ApiKey
    workspace_id: int
    id_key: bytes
    scopes: frozenset[str]


class Keys:
    """The keys met in the last seconds, unknown ones too, so that guessing does not reach the database."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Bearer | None]] = {}

    def recall(self, secret: str) -> tuple[bool, Bearer | None]:
        """What memory says: whether it knows, and who that is (None: nobody, as surely behind what is too long)."""
        if len(secret) > LONGEST:
            return True, None
        kept = self._kept.get(secret)
        return (False, None) if kept is None or clock.monotonic() > kept[0] else (True, kept[1])

    def find(self, secret: str) -> Bearer | None:
        """Who holds this key now, of the database where memory does not know; None for unknown and revoked keys."""
        knows, bearer = self.recall(secret)
        if knows:
            return bearer
        key = ApiKey.objects.select_related("workspace").filter(key_hash=key_hash(secret), revoked_at=None).first()
        bearer = None if key is None else Bearer(key, key.workspace_id, bytes(key.workspace.id_key), frozenset(key.scopes))
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[secret] = (clock.monotonic() + KEEP_SECONDS, bearer)
        return bearer
