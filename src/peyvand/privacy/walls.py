"""Tables of this app without a workspace of their own."""

WALLS: dict[str, str] = {}
OPEN = {"privacy_piece": "moments between which pieces of the whole timeline lie; of no workspace"}
