"""Everything that writes channels and the outbox."""

from peyvand.channels.services.approving import approve, may_write_to, refuse
from peyvand.channels.services.refusing import lift_refusal
from peyvand.channels.services.sending import deliver, resend, send
from peyvand.channels.services.setting_up import remove_channel, set_channel
from peyvand.channels.services.stopping import resume_sending, stop_sending
from peyvand.channels.services.trying import send_to_member

__all__ = [
    "approve",
    "deliver",
    "lift_refusal",
    "may_write_to",
    "refuse",
    "remove_channel",
    "resend",
    "resume_sending",
    "send",
    "send_to_member",
    "set_channel",
    "stop_sending",
]
