"""Whoever adds an address says who may open it, and a reviewer sees it in one table."""

import tomllib

from tests.architecture import addresses
from tests.architecture.source import report


def test_every_address_says_who_may_open_it():
    faults = [address for address, access in addresses.found().items() if access == addresses.UNDECLARED]
    report(faults, "A view is decorated with @requires(…), @signed_in or @public(why) of peyvand.workspaces.access.")


def test_public_addresses_say_why():
    faults = [address for address, access in addresses.found().items() if access == "public"]
    report(faults, "@public needs a reason.")


def test_the_table_is_what_the_views_declare():
    stored = tomllib.loads(addresses.TABLE.read_text(encoding="utf-8"))
    now = addresses.found()
    faults = [
        f"{address}: declared {now.get(address)!r}, in the table {stored.get(address)!r}"
        for address in {**stored, **now}
        if now.get(address) != stored.get(address)
    ]
    report(faults, "Run script/addresses and read the difference before committing it.")
