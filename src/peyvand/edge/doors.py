"""The doors that are answered without Django, in one list for edge.app."""

from peyvand.edge.app import Door
from peyvand.edge.ingest import Ingest
from peyvand.edge.intake import Intake
from peyvand.edge.metrics import metrics
from peyvand.edge.snippet import Script, Snippet


def doors() -> list[Door]:
    """Every fast door of this release. The two ingest doors share one intake."""
    intake = Intake()

    async def begin() -> None:
        intake.open()

    return [
        Door(paths={"/api/v1/interactions": Ingest(intake)}, methods=frozenset({"POST"}), open=begin, close=intake.close),
        Door(paths={"/api/v1/snippet": Snippet(intake)}, methods=frozenset({"POST", "OPTIONS"})),
        Door(paths={"/snippet.js": Script()}, methods=frozenset({"GET", "HEAD"})),
        Door(paths={"/metrics": metrics}, methods=frozenset({"GET"})),
    ]
