"""Tables that stand outside the walls. Read by core.walls."""

WALLS: dict[str, str] = {}
OPEN = {
    "customers_searchentry": "behind a wall PostgreSQL looks no part of a word up by an index; who is found here is read from the profiles",
}
