"""Messages that became old lose their texts or go whole, with what a channel kept of them itself. Called by the app's privacy.py."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from peyvand.channels.models import Outgoing
from peyvand.channels.registry import adapters
from peyvand.channels.services.sending import DELIVER, envelope_key
from peyvand.core import jobs
from peyvand.core.retention import TEXTS


def old_messages(workspace_id: int, before: dt.datetime, loss: str) -> "QuerySet[Outgoing]":
    """Messages made before a moment that do not wait any more."""
    over = Outgoing.objects.filter(workspace=workspace_id, created_at__lt=before).exclude(state=Outgoing.State.QUEUED)
    return over.exclude(subject="", text="", html="") if loss == TEXTS else over


def let_go_of_messages(ids: Sequence[int], loss: str) -> None:
    """Empty or delete them. The copies of a channel go first, so that a kill leaves none that nobody knows of."""
    forget_copies(ids)
    with transaction.atomic():
        mine = Outgoing.objects.filter(pk__in=ids).exclude(state=Outgoing.State.QUEUED)
        if loss == TEXTS:
            mine.update(subject="", text="", html="", unsubscribe_url="")
        else:
            jobs.forget(name=DELIVER, keys=map(str, ids))
            mine.delete()


def forget_copies(ids: Sequence[int]) -> None:
    """Have channels delete what they kept of messages that left."""
    by_kind: dict[str, list[str]] = {}
    for one in Outgoing.objects.filter(pk__in=ids).exclude(state=Outgoing.State.QUEUED).select_related("workspace"):
        by_kind.setdefault(one.channel_kind, []).append(envelope_key(one))
    for kind, keys in by_kind.items():
        if forget := getattr(adapters().get(kind), "forget", None):
            forget(keys)
