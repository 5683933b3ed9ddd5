"""Cells of files that people open in a spreadsheet. Called by every export."""

from typing import Final

# What a spreadsheet may take for a formula, also in its full-width form; a tab or a return is dropped before it looks.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def no_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what could start one."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text
