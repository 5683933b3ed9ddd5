"""Files that brought a person in, as they were uploaded. Found by name by the privacy app."""

from django.utils.translation import gettext_lazy as _

from peyvand.core.privacy import Person, Sections
from peyvand.core.retention import WHOLE, Kept
from peyvand.imports.services.forgetting import forget_files
from peyvand.imports.services.retaining import let_go_of_files, old_files

COVERS = ("imports.Import", "timeline.Batch")
KEEPS = (
    Kept(
        code="import_files",
        label=_("Files of imports"),
        losses={WHOLE: _("The uploaded files and the rejected rows go; what was recorded stays, and can still be undone.")},
        usual=6,
        old=old_files,
        forget=let_go_of_files,
    ),
)


def export(person: Person) -> Sections:  # noqa: ARG001 - the protocol's
    """What a file told of them is on the timeline; the file itself tells of others too."""
    return {}


def erase(person: Person) -> None:
    """Delete the files that name them. Raises Later while such a file is being read."""
    forget_files(person)
