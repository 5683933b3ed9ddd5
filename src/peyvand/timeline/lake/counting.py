"""How many interactions are old, told without reading all of the records. Called by the privacy app, before a rule is saved."""

import datetime as dt
from collections.abc import Collection

from peyvand.timeline.lake import places
from peyvand.timeline.lake.flushing import NAME
from peyvand.timeline.models import Place


def copied_until() -> int:
    """The integer of the interaction up to which the lake holds them; what came after stands in the records alone."""
    return Place.objects.filter(name=NAME).values_list("interaction_id", flat=True).first() or 0


def count_before(workspace_id: int, before: dt.datetime, *, kind: int | None, without: Collection[int]) -> int:
    """How many the lake holds from before a moment: of a kind (a Term integer), or of all but those `without`."""
    import pyarrow.dataset as ds  # noqa: PLC0415 - weight

    if not places.is_there():
        return 0
    wanted = (ds.field("workspace") == workspace_id) & (ds.field("occurred_at") < before) & (ds.field("month") <= before.strftime("%Y-%m"))
    if kind is not None:
        wanted &= ds.field("kind") == kind
    elif without:
        wanted &= ~ds.field("kind").isin(list(without))
    return int(places.open_table(places.INTERACTIONS).to_pyarrow_dataset().count_rows(filter=wanted))
