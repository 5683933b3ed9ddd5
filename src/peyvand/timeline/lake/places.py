"""Where the lake's tables are, what columns they have, and which files a reader reads."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

INTERACTIONS = "interactions"
PERCEPTIONS = "perceptions"
ROLLUPS = "rollups"
IDENTITIES = "identities"
TABLES = (INTERACTIONS, PERCEPTIONS, ROLLUPS, IDENTITIES)
PARTITIONED = {INTERACTIONS: "month", PERCEPTIONS: "month", ROLLUPS: "month"}

# Under which a table remembers the last step that wrote to it, and the last one of those that changed the scores.
STEP = "peyvand"
SCORES = "peyvand.scores"

Type = Literal["integer", "number", "text", "moment", "day"]

# Old entries of a table's log go an hour after a checkpoint: at a copy every few seconds a month of them is a million files.
# Its statistics are of numbers and moments alone, since those of texts would quote people in a log that outlives the rows.
CONFIGURATION = {"delta.logRetentionDuration": "interval 1 hours"}
STATISTICS = "delta.dataSkippingStatsColumns"

SLICES = (
    "kind channel touchpoint stage product branch department employee company device language journey batch subject_type source".split()
)
CUBE = ("channel", "touchpoint", "stage", "language")
ALONE = ("product", "branch", "department", "employee", "journey", "company")  # day × measure × one of these


def lake_path() -> Path:
    """The folder of the lake."""
    return Path(settings.PEYVAND_DATA) / "lake"


def is_there() -> bool:
    """Whether anything was ever copied to the lake that this folder holds."""
    return (lake_path() / INTERACTIONS / "_delta_log").exists()


def columns(table: str) -> list[tuple[str, Type]]:
    """Names and types of a table's columns, the folder's column `month` among them."""
    shared: list[tuple[str, Type]] = [
        ("workspace", "integer"),
        ("identity", "integer"),
        ("occurred_at", "moment"),
        ("recorded_at", "moment"),
        *[(name, "integer") for name in SLICES],
        ("subject_id", "text"),
    ]
    felt: list[tuple[str, Type]] = [("measure", "integer"), ("item", "integer"), ("value", "number"), ("low", "number"), ("high", "number")]
    sums: list[tuple[str, Type]] = [
        ("amount", "integer"),
        ("currency", "text"),
        ("duration_s", "number"),
        ("response_s", "number"),
        ("properties", "text"),
    ]
    words: list[tuple[str, Type]] = [("text", "text"), ("sentiment", "number")]
    sliced: list[tuple[str, Type]] = [("dimension", "text"), ("term", "integer"), *[(name, "integer") for name in CUBE]]
    found: dict[str, list[tuple[str, Type]]] = {
        INTERACTIONS: [("id", "integer"), *shared, *sums, ("month", "text")],
        PERCEPTIONS: [("id", "integer"), ("interaction", "integer"), *shared, *felt, *words, ("month", "text")],
        ROLLUPS: [("workspace", "integer"), ("day", "day"), ("zone", "text"), *sliced, *felt, ("n", "integer"), ("month", "text")],
        IDENTITIES: [("id", "integer"), ("workspace", "integer"), ("type", "integer"), ("customer", "integer")],
    }
    return found[table]


def schema(table: str) -> "pa.Schema":
    """The Arrow schema of a table."""
    import pyarrow as pa  # noqa: PLC0415 - weight

    arrow = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "moment": pa.timestamp("us", tz="UTC"),
        "day": pa.date32(),
    }
    return pa.schema([pa.field(name, arrow[kind]) for name, kind in columns(table)])


def open_table(table: str) -> "DeltaTable":
    """The table as it is now, created empty when it is not there yet."""
    from deltalake import DeltaTable  # noqa: PLC0415 - weight

    path = lake_path() / table
    if not DeltaTable.is_deltatable(str(path)):
        path.mkdir(parents=True, exist_ok=True)
        partition = PARTITIONED.get(table)
        DeltaTable.create(
            str(path),
            schema(table),
            mode="ignore",
            partition_by=[partition] if partition else None,
            configuration={**CONFIGURATION, STATISTICS: _counted(table)},
        )
    return DeltaTable(str(path))


def _counted(table: str) -> str:
    """The columns of a table whose least and greatest values its log tells."""
    return ",".join(name for name, kind in columns(table) if kind != "text")
