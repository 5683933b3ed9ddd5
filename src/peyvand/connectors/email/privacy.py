"""Mails kept in the data folder where no server is set up. Found by name by the privacy app."""

from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings

from peyvand.core.privacy import Person, Sections

COVERS = ()


def export(person: Person) -> Sections:  # noqa: ARG001 - the protocol's
    """Their texts stand in the outbox."""
    return {}


def erase(person: Person) -> None:
    """Delete the files of mails that were for them or name them."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not person.words or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and person.named_in(_readable(path.read_bytes())):
            path.unlink(missing_ok=True)


def _readable(raw: bytes) -> str:
    """Heads and texts of a mail, decoded; all of a file that is none."""
    mail = message_from_bytes(raw, policy=policy.default)
    told = [str(value) for value in mail.values()]
    for piece in mail.walk():
        if piece.get_content_maintype() == "text":
            told.append(str(piece.get_content()))
    return "\n".join((*told, raw.decode(errors="replace")))
