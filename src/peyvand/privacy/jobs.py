"""Jobs of privacy: erasing a person, step by step."""

from typing import Any

from peyvand.core.jobs import Later
from peyvand.privacy.services.erasing import ERASE, carry_on


def _erase(payload: dict[str, Any]) -> None:
    if (when := carry_on(int(payload["erasure"]))) is not None:
        raise Later(when)


JOBS = {ERASE: _erase}
LONG_JOBS = (ERASE,)
