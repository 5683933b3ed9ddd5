"""Message catalogues of the apps: what the code says, what the .po files hold, and how they are written. Used by `house.messages`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import PoFileError, normalize, read_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src" / "peyvand"

PLURALS = "Plural-Forms: nplurals=2; plural=(n > 1);"
Key = tuple[str | None, str]  # context and English text

_KEYWORDS: dict[str, tuple[str, ...]] = {  # the meaning of each argument: c context, s singular, p plural
    "_": ("s",),
    "gettext": ("s",),
    "gettext_lazy": ("s",),
    "gettext_noop": ("s",),
    "ngettext": ("s", "p"),
    "ngettext_lazy": ("s", "p"),
    "pgettext": ("c", "s"),
    "pgettext_lazy": ("c", "s"),
    "npgettext": ("c", "s", "p"),
    "npgettext_lazy": ("c", "s", "p"),
}
_HEADER = {
    "Language": "fa",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}


class CatalogueError(Exception):
    """A .po file cannot be read."""


@dataclass(slots=True)
class Text:
    """One text of the interface: English, and Persian where it is known."""

    context: str | None
    singular: str
    plural: str | None = None
    translated: tuple[str, ...] = ()
    comments: list[str] = field(default_factory=list)
    fuzzy: bool = False
    where: str = ""

    @property
    def key(self) -> Key:
        """What identifies the text in a catalogue."""
        return (self.context, self.singular)


def apps() -> list[Path]:
    """Every app folder, in alphabetical order."""
    return sorted(path.parent for path in SOURCE.glob("*/__init__.py"))


def catalogue_path(app: Path) -> Path:
    """Where the Persian texts of an app are."""
    return app / "locale" / "fa" / "LC_MESSAGES" / "django.po"


def extracted(app: Path) -> dict[Key, Text]:
    """Read every text of an app's Python files and templates, in the order of the files."""
    found: dict[Key, Text] = {}
    for path in _sources(app):
        for text in _texts(path):
            known = found.setdefault(text.key, text)
            known.plural = known.plural or text.plural
    return found


def _sources(app: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(app):
        folders[:] = sorted(set(folders) - {"tests", "migrations", "__pycache__", "locale", "static"})
        for name in sorted(names):
            if name.endswith(".py") or (name.endswith((".html", ".txt", ".xml", ".svg")) and "templates" in folder):
                yield Path(folder, name)


def _texts(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        lines = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.lstrip() for line in lines)  # the words of a template are no Python, so neither is its indentation
    for line, function, messages, _ in extract_python(BytesIO(source.encode()), _KEYWORDS.keys(), (), {"encoding": "utf-8"}):
        said = messages if isinstance(messages, tuple) else (messages,)
        parts = dict(zip(_KEYWORDS[str(function)], said, strict=False))
        if singular := parts.get("s"):
            yield Text(parts.get("c"), singular, parts.get("p"), where=f"{path.relative_to(SOURCE)}:{line}")


def stored(app: Path) -> tuple[dict[Key, Text], list[str]]:
    """Read an app's Persian catalogue: its texts, and the English of those marked obsolete in it."""
    path = catalogue_path(app)
    if not path.exists():
        return {}, []
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale="fa", domain="django", abort_invalid=True)
    except PoFileError as error:
        raise CatalogueError(f"{path.relative_to(SOURCE)}: {error}. Does its head say {PLURALS!r}?") from None
    texts = {text.key: text for text in map(_stored_text, (message for message in catalogue if message.id))}
    return texts, [_first(message.id) for message in catalogue.obsolete.values()]


def _stored_text(message: Message) -> Text:
    plural = message.id[1] if message.pluralizable else None
    translated = tuple(message.string) if message.pluralizable else (str(message.string or ""),)
    return Text(message.context, _first(message.id), plural, translated, list(message.user_comments), message.fuzzy)


def _first(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def serialised(texts: list[Text]) -> str:
    """Write texts as a .po file: sorted by English text, without places or dates, so that changes are small."""
    header = "".join(f'"{name}: {value}\\n"\n' for name, value in _HEADER.items())
    parts = [f'msgid ""\nmsgstr ""\n{header}']
    parts.extend(_entry(text) for text in sorted(texts, key=lambda text: (text.singular.casefold(), text.singular, text.context or "")))
    return "\n".join(parts)


def _entry(text: Text) -> str:
    lines = [f"# {comment}" for comment in text.comments]
    placeholders = re.search(r"%\(\w+\)|%[sd]", text.singular + (text.plural or ""))
    if placeholders:
        lines.append("#, python-format")
    if text.context is not None:
        lines.append(f"msgctxt {_quoted(text.context)}")
    lines.append(f"msgid {_quoted(text.singular)}")
    if text.plural is None:
        lines.append(f"msgstr {_quoted(text.translated[0] if text.translated else '')}")
    else:
        lines.append(f"msgid_plural {_quoted(text.plural)}")
        forms = (*text.translated, "", "")[:2]
        lines.extend(f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(forms))
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return normalize(text, width=110)


def as_catalogue(texts: dict[Key, Text]) -> Catalog:
    """Turn texts into Babel's catalogue, ready to be compiled."""
    catalogue = Catalog(locale="fa", domain="django", charset="utf-8", fuzzy=False)
    catalogue.mime_headers = list(_HEADER.items())  # Babel believes that Persian has no plural
    for text in texts.values():
        if text.plural is None:
            catalogue.add(text.singular, text.translated[0], context=text.context)
        else:
            catalogue.add((text.singular, text.plural), text.translated, context=text.context)
    return catalogue
