"""The doors that are answered without Django, in one list for edge.app."""

from peyvand.edge.app import Door
from peyvand.edge.beside import Beside
from peyvand.edge.ingest import Ingest
from peyvand.edge.intake import Intake
from peyvand.edge.snippet import Script, Snippet


def doors(beside: int | None = None) -> list[Door]:
    """Every fast door of this release. The two ingest doors share one intake; `beside` is the port of a second one's process."""
    other = None if beside is None else Beside(beside)
    intake = Intake(other)

    async def begin() -> None:
        intake.open()
        if other is not None:
            other.open()

    async def end() -> None:
        if other is not None:
            other.close()
        await intake.close()

    return [
        Door(paths={"/api/v1/interactions": Ingest(intake)}, methods=frozenset({"POST"}), open=begin, close=end),
        Door(paths={"/api/v1/snippet": Snippet(intake)}, methods=frozenset({"POST", "OPTIONS"})),
        Door(paths={"/snippet.js": Script()}, methods=frozenset({"GET", "HEAD"})),
    ]
