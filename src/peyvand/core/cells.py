"""Cells of files that people open in a spreadsheet. Called by every export."""

import re
from typing import Final

# What a spreadsheet may take for a formula, also in its full-width form; a tab or a return is dropped before it looks.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# Where another sign than ours parts columns, as in Iran or Germany, no quotation mark holds a text together: a cell begins behind it.
_INSIDE: Final = re.compile(r"[;؛\t\r\n] {0,9}(?=[=@＝＠]|[+＋－-]\w)")


def no_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula, nor a part of it: an apostrophe stands before what could start one."""
    words = text.lstrip()
    inside = text[: len(text) - len(words)] + _INSIDE.sub(r"\g<0>'", words)
    return f"'{inside}" if text.startswith(FORMULA) or words.startswith(FORMULA) else inside
