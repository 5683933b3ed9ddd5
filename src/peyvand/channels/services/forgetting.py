"""Messages to somebody who was erased, and words of theirs in what a channel last complained of. Called by the app's privacy.py."""

from typing import Final

from django.db import transaction

from peyvand.channels.models import Channel, Outgoing, RefusedAddress
from peyvand.channels.services.retaining import forget_copies
from peyvand.channels.services.sending import DELIVER
from peyvand.core import jobs
from peyvand.core.privacy import Person, hide

CHUNK: Final = 200


def forget_messages(person: Person) -> None:
    """Delete the messages with their copies and the jobs that would send them, and the refusals of their addresses."""
    mine = Outgoing.objects.filter(customer__in=person.customers)
    while ids := list(mine.values_list("pk", flat=True)[:CHUNK]):
        forget_copies(ids)
        with transaction.atomic():
            jobs.forget(name=DELIVER, keys=map(str, ids))
            Outgoing.objects.filter(pk__in=ids).delete()
    RefusedAddress.objects.filter(identity__in=person.identities).delete()
    hide(Channel.objects.filter(workspace=person.workspace_id), person, "last_error")
