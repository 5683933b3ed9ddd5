"""Tables that stand outside the walls. Read by core.walls."""

WALLS: dict[str, str] = {}
OPEN = {
    "workspaces_user": "people belong to no workspace; their places in one do",
    "workspaces_workspace": "which brands there are; a person's own are listed in each of them",
}
