"""Everything that writes the timeline."""

from peyvand.timeline.services.batches import close_batch, open_batch, remove_undone, undo_batch
from peyvand.timeline.services.drafting import Drafted, Facts, draft, facts_of, join
from peyvand.timeline.services.eras import raise_era
from peyvand.timeline.services.kinds import declare_kind
from peyvand.timeline.services.letters import discard_job, note_failure, retry_job, settle_letter
from peyvand.timeline.services.recording import record, record_drafted, record_many, write_drafted

__all__ = [
    "Drafted",
    "Facts",
    "close_batch",
    "declare_kind",
    "discard_job",
    "draft",
    "facts_of",
    "join",
    "note_failure",
    "open_batch",
    "raise_era",
    "record",
    "record_drafted",
    "record_many",
    "remove_undone",
    "retry_job",
    "settle_letter",
    "undo_batch",
    "write_drafted",
]
