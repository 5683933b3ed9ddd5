"""What Linux says of this machine's clock. Asked by the check of the clock, which on SQLite has no other clock to look at."""

import ctypes
from typing import Final

UNSYNCHRONISED: Final = 0x40  # STA_UNSYNC of adjtimex(2)
REST: Final = 256  # more than the fields that follow


class _Timex(ctypes.Structure):
    """struct timex as far as it is read; `modes` 0 asks and changes nothing."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * REST),
    )


def is_synchronised() -> bool | None:
    """Whether something keeps the clock right, such as chrony or systemd-timesyncd; None where the kernel cannot be asked."""
    try:
        ask = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError, TypeError):  # not Linux
        return None
    told = _Timex()
    return None if ask(ctypes.byref(told)) < 0 else not told.status & UNSYNCHRONISED
