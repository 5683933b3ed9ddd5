"""Plain words of importing: the states of an import, what is wrong with a file or a map. Used throughout this app."""

from enum import StrEnum


class ImportState(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


State = ImportState  # in the API, which knows one shape a name


class FileProblem(Exception):
    """A file that cannot be read; the message is for the person who gave it."""


class MapProblem(Exception):
    """A map that cannot be used: `key` is where in it, the reason is for a person."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.key = key
        self.reason = reason


class ImportProblem(Exception):
    """A step that an import does not allow now; the message is for the person who asked."""


class CheckCancelled(Exception):
    """Somebody cancelled a check while it was under way, or gave the import another map."""


FAULT = "__fault"  # the column of a staged file that says why a line could not be read
Row = tuple[object, ...]
