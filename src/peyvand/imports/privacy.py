"""Files that brought a person in, as they were uploaded. Found by name by the privacy app."""

from peyvand.core.privacy import Person, Sections
from peyvand.imports.services.forgetting import forget_files

COVERS = ("imports.Import", "timeline.Batch")


def export(person: Person) -> Sections:  # noqa: ARG001 - the protocol's
    """What a file told of them is on the timeline; the file itself tells of others too."""
    return {}


def erase(person: Person) -> None:
    """Delete the files that name them. Raises Later while such a file is being read."""
    forget_files(person)
