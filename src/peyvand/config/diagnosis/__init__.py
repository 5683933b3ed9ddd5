"""What `peyvand doctor` looks at: each check finds one thing that may be wrong, and says what to do about it.

A check is a function of a module here; its docstring is its line on the reference page.
"""

from collections.abc import Iterator
from typing import Final

from django.db import connection

from peyvand.config.diagnosis import backup, machine, mail, people, records, work
from peyvand.config.diagnosis.findings import Finding, Look
from peyvand.core.db import store_failure

CHECKS: Final[dict[str, Look]] = {
    "settings": machine.names,
    "data folder": machine.folder,
    "database": records.database,
    "migrations": records.migrations,
    "walls": records.walls,
    "clock": records.time_of_day,
    "web": work.web,
    "worker": work.worker,
    "jobs": work.queue,
    "subscriptions": work.subscriptions,
    "sending": work.sending,
    "webhooks": work.webhooks,
    "erasures": work.erasures,
    "watermark": records.watermark,
    "lake": work.lake,
    "lake age": work.lake_age,
    "crowds": people.crowds,
    "backup": backup.age,
    "mail": mail.server,
    "mail names": mail.installation_names,
    "brands' mail names": mail.brand_names,
    "redis": machine.redis,
    "analytics": machine.analytics,
    "exposure": machine.exposure,
    "certificate": machine.certificate,
}
READ_TABLES: Final = frozenset(
    {
        "migrations", "clock", "worker", "jobs", "subscriptions", "watermark", "lake age", "backup", "brands' mail names", "integrity",
        "crowds", "largest customers", "walls", "web", "sending", "webhooks", "erasures",
    }
)  # fmt: skip
DEEP: Final[dict[str, Look]] = {"integrity": records.integrity, "largest customers": people.largest_customers}


def findings(*, deep: bool = False) -> Iterator[Finding]:
    """Run every check; one that breaks is a fault, and the others still run, except those of tables that cannot be read."""
    readable = True
    for name, look in (CHECKS | DEEP if deep else CHECKS).items():
        if name in READ_TABLES and not readable:
            continue
        for finding in _findings(name, look):
            readable = readable and not (name in {"database", "migrations"} and finding.state == "fault")
            yield finding


def _findings(name: str, look: Look) -> Iterator[Finding]:
    try:
        yield from (Finding(name, state, words) for state, words in look())
    except Exception as error:  # noqa: BLE001 - a check that cannot be made is what a doctor must tell
        connection.close()
        yield Finding(name, "fault", _told(error))


def _told(error: Exception) -> str:
    failure = store_failure(error)
    cause = " ".join(str(error).split())
    return f"{failure} ({cause})" if failure else f"{type(error).__name__}: {cause}"
