"""To which workspace rows belong that do not name it. Read by core.walls."""

WALLS = {"timeline_perception": "EXISTS (SELECT 1 FROM timeline_interaction i WHERE i.id = timeline_perception.id >> 6)"}
OPEN = {
    "timeline_era": "one row: how often the database was restored",
    "timeline_place": "how far each subscription has read; of no workspace",
    "timeline_lakeflush": "what was copied to the lake; of no workspace",
    "timeline_redaction": "what must leave the lake, by number; of no workspace",
}
