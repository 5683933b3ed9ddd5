"""Everything that writes cases."""

from peyvand.cases.services.ending import close, reopen
from peyvand.cases.services.holding import CaseError, StaleError
from peyvand.cases.services.opening import open_by_hand, open_for
from peyvand.cases.services.policy import policy_of, set_policy
from peyvand.cases.services.promising import promise, settle_promise
from peyvand.cases.services.reacting import react
from peyvand.cases.services.working import (
    add_note,
    adjust,
    assign,
    log_contact,
    move_deadline,
    send_message,
    set_reason,
    take,
    work_contact,
)

__all__ = [
    "CaseError",
    "StaleError",
    "add_note",
    "adjust",
    "assign",
    "close",
    "log_contact",
    "move_deadline",
    "open_by_hand",
    "open_for",
    "policy_of",
    "promise",
    "react",
    "reopen",
    "send_message",
    "set_policy",
    "set_reason",
    "settle_promise",
    "take",
    "work_contact",
]
