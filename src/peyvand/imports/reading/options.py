"""How a file is to be read, as a map may say it."""

import msgspec


class FileOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything is found out unless it is said."""

    format: str = "auto"
    delimiter: str = "auto"
    encoding: str = "auto"
    sheet: str = ""
