"""Logos: whatever picture comes in, a small PNG of our own making is what is kept and served."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from peyvand.core import clock
from peyvand.core.files import write_atomically
from peyvand.workspaces.errors import WorkspaceError
from peyvand.workspaces.models import User, Workspace
from peyvand.workspaces.services.settings import update_workspace

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 4_000_000
SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")


def logo_folder() -> Path:
    """Where logos lie."""
    return Path(settings.PEYVAND_DATA) / "files" / "logos"


def save_logo(*, workspace: Workspace, picture: IO[bytes], actor: User | None) -> Workspace:
    """Read a picture, draw it anew as a PNG of at most 512 pixels a side, and make it the logo.

    Raises WorkspaceError for anything but a reasonable PNG, JPEG or WebP.
    """
    made = _drawn_anew(picture.read(MOST_BYTES + 1))
    name = f"{clock.secret_bytes(10).hex()}.png"
    folder = logo_folder()
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / name, made)
    before = workspace.logo
    changed = update_workspace(workspace=workspace, changes={"logo": f"/brand/{workspace.slug}/logo/{name}"}, actor=actor)
    _forget(before)
    return changed


def remove_logo(*, workspace: Workspace, actor: User | None) -> Workspace:
    """Go without a logo."""
    before = workspace.logo
    changed = update_workspace(workspace=workspace, changes={"logo": ""}, actor=actor)
    _forget(before)
    return changed


def _forget(address: str) -> None:
    if address:
        (logo_folder() / address.rsplit("/", 1)[-1]).unlink(missing_ok=True)


def _drawn_anew(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise WorkspaceError(_("This picture is larger than 2 MB. Choose a smaller one."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:  # known from the head, before anything is unpacked
                    raise WorkspaceError(_("This picture has too many pixels. Two thousand a side are plenty."))
                drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
    ) as error:
        raise WorkspaceError(_("This file is no PNG, JPEG or WebP picture that can be read.")) from error
    drawn.thumbnail((SIDE, SIDE))
    out = BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()
