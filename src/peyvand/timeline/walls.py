"""To which workspace rows belong that do not name it. Read by core.walls."""

from peyvand.core.walls import HERE

# A perception holds its interaction's key shifted. `>>` may tell something by its errors, so behind the interactions' own wall PostgreSQL
# would read all of them before it shifts: the function looks one up as the owner, and gives away no more than whose it is.
FUNCTIONS = [
    (
        "CREATE OR REPLACE FUNCTION {schema}.timeline_workspace_of(perception bigint) RETURNS bigint "
        "LANGUAGE plpgsql STABLE SECURITY DEFINER AS "
        "$$ BEGIN RETURN (SELECT i.workspace_id FROM {schema}.timeline_interaction i WHERE i.id = perception >> 6); END $$;"
        "REVOKE ALL ON FUNCTION {schema}.timeline_workspace_of FROM PUBLIC;"
        "GRANT EXECUTE ON FUNCTION {schema}.timeline_workspace_of TO {role}"
    )
]
WALLS = {"timeline_perception": f"timeline_workspace_of(id) = {HERE}"}
OPEN = {
    "timeline_era": "one row: how often the database was restored",
    "timeline_place": "how far each subscription has read; of no workspace",
    "timeline_lakeflush": "what was copied to the lake; of no workspace",
    "timeline_redaction": "what must leave the lake, by number; of no workspace",
}
