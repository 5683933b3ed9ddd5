"""The typed reader of the environment: what it reads it also remembers, so that the reference page can be checked."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.core.exceptions import ImproperlyConfigured

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting: its full name, the kind of value, the default as one would write it, and what it is for."""

    name: str
    kind: str
    default: str
    purpose: str


DECLARED: Final[dict[str, Setting]] = {}


def _raw(name: str, kind: str, default: str, purpose: str) -> str:
    full = f"PEYVAND_{name}"
    DECLARED[full] = Setting(full, kind, default, purpose)
    return os.environ.get(full, default).strip()


def undeclared() -> list[str]:
    """The PEYVAND_ names of the environment that nothing here reads, such as one mistyped; those of scripts and tests aside."""
    strange = {name for name in os.environ if name.startswith("PEYVAND_")} - DECLARED.keys() - {"PEYVAND_PYTHON"}
    return sorted(name for name in strange if not name.startswith("PEYVAND_TEST_"))


def elsewhere(**changed: str) -> dict[str, str]:
    """The environment for a process of ours that works with some other settings, named without PEYVAND_."""
    return {**os.environ, **{f"PEYVAND_{name}": value for name, value in changed.items()}}


def text(name: str, default: str, purpose: str) -> str:
    """Read a text; surrounding white space is dropped."""
    return _raw(name, "text", default, purpose)


def choice(name: str, allowed: tuple[str, ...], purpose: str) -> str:
    """Read one of a few words; the first is the default."""
    value = _raw(name, " or ".join(allowed), allowed[0], purpose).lower()
    if value not in allowed:
        raise ImproperlyConfigured(f"PEYVAND_{name} is {value!r}; it must be one of: {', '.join(allowed)}.")
    return value


def number(name: str, default: int, purpose: str, *, low: int = 0, high: int = 2**31) -> int:
    """Read a whole number within low..high."""
    value = _raw(name, "number", str(default), purpose)
    try:
        parsed = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"PEYVAND_{name} is {value!r}; it must be a whole number.") from None
    if not low <= parsed <= high:
        raise ImproperlyConfigured(f"PEYVAND_{name} is {parsed}; it must be between {low} and {high}.")
    return parsed


def flag(name: str, purpose: str, *, default: str = "no") -> bool:
    """Read yes or no."""
    value = _raw(name, "yes or no", default, purpose).lower()
    if value in _YES:
        return True
    if value in _NO:
        return False
    raise ImproperlyConfigured(f"PEYVAND_{name} is {value!r}; it must be yes or no.")


def words(name: str, default: str, purpose: str) -> list[str]:
    """Read a list separated by commas."""
    value = _raw(name, "list, separated by commas", default, purpose)
    return [word.strip() for word in value.split(",") if word.strip()]


def folder(name: str, default: str, purpose: str) -> Path:
    """Read a folder, made absolute against the current one."""
    return Path(_raw(name, "folder", default, purpose)).expanduser().resolve()
