"""Mails kept in the data folder where no server is set up. Found by name by the privacy app."""

from email import message_from_bytes, policy

from peyvand.connectors.email.adapter import kept_mails
from peyvand.core.privacy import Person, Sections
from peyvand.workspaces.models import Workspace

COVERS = ()


def export(person: Person) -> Sections:  # noqa: ARG001 - the protocol's
    """Their texts stand in the outbox."""
    return {}


def erase(person: Person) -> None:
    """Delete the brand's mails that were for them or tell how they are reached; a namesake's and letters of the installation stay."""
    person = person.nameless
    if not person.words:
        return
    slug = Workspace.objects.values_list("slug", flat=True).get(pk=person.workspace_id)
    for path in kept_mails(slug):
        if person.named_in(_readable(path.read_bytes())):
            path.unlink(missing_ok=True)


def _readable(raw: bytes) -> str:
    """Heads and texts of a mail, decoded; all of a file that is none."""
    mail = message_from_bytes(raw, policy=policy.default)
    told = [str(value) for value in mail.values()]
    for piece in mail.walk():
        if piece.get_content_maintype() == "text":
            told.append(str(piece.get_content()))
    return "\n".join((*told, raw.decode(errors="replace")))
