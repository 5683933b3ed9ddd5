"""Everything that writes imports, and the work of importing itself."""

from peyvand.imports.services.checking import check, keep_progress, preview
from peyvand.imports.services.rejects import downloaded
from peyvand.imports.services.running import run
from peyvand.imports.services.starting import ask_check, cancel_check, resume, set_map, start
from peyvand.imports.services.storing import add_files, again, delete_files, discard, store
from peyvand.imports.services.undoing import clear, undo

__all__ = [
    "add_files",
    "again",
    "ask_check",
    "cancel_check",
    "check",
    "clear",
    "delete_files",
    "discard",
    "downloaded",
    "keep_progress",
    "preview",
    "resume",
    "run",
    "set_map",
    "start",
    "store",
    "undo",
]
