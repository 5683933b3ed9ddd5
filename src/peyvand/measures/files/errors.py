"""What goes wrong with a file, told to the person who gave it. Raised throughout this package, printed by the command."""


class FileReadError(Exception):
    """The file cannot be read or has no such column; the message is for the person at the terminal."""
