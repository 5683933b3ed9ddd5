"""Which of its tables stand outside the walls between workspaces. Read by core.walls."""

WALLS: dict[str, str] = {}
OPEN = {"growing_thing": "its rows are nobody's"}
