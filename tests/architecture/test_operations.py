"""Programs can do what people can: every address of the console names the API's operations that do the same, or why there are none."""

import tomllib
from pathlib import Path

from tests.architecture import addresses
from tests.architecture.source import report

TABLE = tomllib.loads(Path(__file__).with_name("operations.toml").read_text(encoding="utf-8"))
PEOPLES = ("key: ", "public", "library: ")


def test_every_screen_names_what_a_program_calls():
    screens = {address for address, access in addresses.found().items() if not access.startswith(PEOPLES)}
    faults = [f"{address}: not in operations.toml" for address in screens - TABLE.keys()]
    faults += [f"{address}: in operations.toml, and no screen" for address in TABLE.keys() - screens]
    report(faults, "Give the screen's deed an operation in the app's api.py and write both into tests/architecture/operations.toml.")


def test_what_is_named_is_there():
    known = {address for address, access in addresses.found().items() if access.startswith("key: ")}
    faults = [
        f"{address}: there is no {one}" for address, named in TABLE.items() if isinstance(named, list) for one in named if one not in known
    ]
    report(faults, "An operation is written as in tests/architecture/addresses.toml.")


def test_whatever_has_no_operation_says_why():
    faults = [f"{address}: {named!r}" for address, named in TABLE.items() if not named or (isinstance(named, str) and not _says_why(named))]
    report(faults, "Write `none: why` where a program needs nothing of the kind.")


def _says_why(named: str) -> bool:
    kind, _colon, why = named.partition(": ")
    return kind == "none" and bool(why.strip())
