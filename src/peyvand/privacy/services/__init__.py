"""Everything that exports, erases and lets run out."""

from peyvand.privacy.services.erasing import carry_on, erase
from peyvand.privacy.services.exporting import archive_of

__all__ = ["archive_of", "carry_on", "erase"]
