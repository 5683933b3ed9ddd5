"""Words kept in every language there is, so that each reader finds theirs, whoever brought the file. Used throughout this app."""

import json
from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.translation import get_language, override


def languages() -> list[str]:
    """The codes of the languages there are."""
    return [code for code, _name in settings.LANGUAGES]


def in_all(say: Callable[[], str]) -> dict[str, str]:
    """What `say` says in each language."""
    found = {}
    for code in languages():
        with override(code):
            found[code] = say()
    return found


def for_reader(words: object) -> str:
    """The words of the reader's language; a plain text, as was kept before there were several, stays as it is."""
    if not isinstance(words, Mapping):
        return str(words)
    language = (get_language() or "en")[:2]
    return str(words.get(language) or next(iter(words.values()), ""))


def packed(say: Callable[[], str]) -> str:
    """The same as one text, for a cell or a column of texts; `unpacked` reads it."""
    return json.dumps(in_all(say), ensure_ascii=False)


def unpacked(text: str) -> str:
    """What `packed` made, in the reader's language; any other text as it is."""
    if text.startswith('{"'):
        try:
            return for_reader(json.loads(text))
        except ValueError:
            pass
    return text
