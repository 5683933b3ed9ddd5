"""What was just recorded of a customer, as a token by which whoever recorded it takes it back. Called by the page and the API."""

from datetime import timedelta
from typing import Final

from peyvand.core import clock
from peyvand.core.ids import read_token, sign_token
from peyvand.customers.services.moments import Recorded
from peyvand.identities.models import Customer
from peyvand.workspaces.models import Member

PURPOSE: Final = "desk.recorded"
UNDO_FOR: Final = timedelta(minutes=30)


def undo_token(recorded: Recorded, customer: Customer, member: Member) -> str:
    """What takes it back, for half an hour and by this member alone."""
    payload = (recorded.batch_id, recorded.interaction_id, customer.pk, member.pk)
    return sign_token(PURPOSE, payload, expires_at=clock.now() + UNDO_FOR)


def recorded_by(token: str, customer: Customer, member: Member) -> Recorded | None:
    """What a token stands for; None for another customer's, another member's and a late one."""
    payload = read_token(PURPOSE, token)
    if payload is None or payload[2:] != (customer.pk, member.pk):
        return None
    return Recorded(interaction_id=int(payload[1]), batch_id=int(payload[0]))
