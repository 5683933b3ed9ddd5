"""The statements `record_many` runs on: set-based, for both databases."""

from collections.abc import Collection, Sequence
from typing import Final

from peyvand.core import bulk
from peyvand.core.bulk import Row

INTERACTION: Final = bulk.Columns(
    "timeline_interaction",
    ("workspace_id", "recorded_at", "batch"),
    (
        "id", "identity_id",
        "kind", "channel", "touchpoint", "stage", "source", "branch", "department", "employee", "device", "language",
        "occurred_at", "product", "company", "subject_type", "subject_id", "properties",
        "amount", "currency", "duration_s", "response_s", "external_id",
    ),
    (
        "int8", "int8", "int8",
        "int8", "int8",
        "int4", "int4", "int4", "int4", "int4", "int4", "int4", "int4", "int4", "int4",
        "int8", "int4", "int8", "int4", "text", "text",
        "int8", "text", "float8", "float8", "text",
    ),
)  # fmt: skip
SOURCE: Final = INTERACTION.own.index("source")
OCCURRED_AT: Final = INTERACTION.own.index("occurred_at")
COMPANY: Final = INTERACTION.own.index("company")
PERCEPTION: Final = bulk.Columns(
    "timeline_perception",
    (),
    ("id", "measure", "item", "value", "low", "high", "text", "sentiment"),
    ("int8", "int4", "int4", "float8", "float8", "float8", "text", "float8"),
)
RECORDED = bulk.Question(  # CROSS JOIN and LATERAL keep the databases from scanning the table
    sqlite="SELECT json_group_array(json_array(i.external_id, i.id)) FROM json_each(?) w "
    "CROSS JOIN timeline_interaction i ON i.source = ? AND i.external_id = w.value",
    postgres="SELECT w.value, i.id FROM json_array_elements_text(%s::json) w CROSS JOIN LATERAL "
    "(SELECT id FROM timeline_interaction WHERE source = %s AND external_id = w.value LIMIT 1) i",
)


def take_ids(count: int) -> Sequence[int]:
    """Unused integers for interactions about to be inserted in this transaction."""
    return bulk.take_ids(INTERACTION.table, count)


def find_recorded(keys: Collection[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Which (source, external id) are recorded already, and under which integer."""
    by_source: dict[int, list[str]] = {}
    for source, external in keys:
        by_source.setdefault(source, []).append(external)
    answers = bulk.ask_all(*(bulk.Asked(RECORDED, externals, (source,)) for source, externals in by_source.items()))
    return {
        (source, external): interaction_id for source, found in zip(by_source, answers, strict=True) for external, interaction_id in found
    }


def parts(shared: Row, rows: Sequence[Row], felt: Sequence[Row]) -> tuple[bulk.Part, bulk.Part]:
    """Interactions and their perceptions to insert, in the columns' order above.

    Rows go in by source and external id, so that two who record the same things wait for each other in one order.
    """
    return bulk.Part(INTERACTION, shared, sorted(rows, key=_by_external_id)), bulk.Part(PERCEPTION, (), felt)


def _by_external_id(row: Row) -> tuple[int, str]:
    return row[SOURCE], row[-1] or ""
