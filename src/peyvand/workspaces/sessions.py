"""How long a session lives: a week without use, a month in all. Called by the middleware on every signed-in request."""

from django.http import HttpRequest

from peyvand.core import clock
from peyvand.workspaces.services import note_session

IDLE_SECONDS = 7 * 24 * 3600
LONGEST_SECONDS = 30 * 24 * 3600
NOTE_EVERY = 600
BEGAN, SEEN = "peyvand_began", "peyvand_seen"


def keep_session(request: HttpRequest) -> bool:
    """Say whether the session may go on; use is noted every ten minutes, so that most requests write nothing."""
    now = int(clock.now().timestamp())
    began, seen = request.session.get(BEGAN), request.session.get(SEEN)
    if not isinstance(began, int) or not isinstance(seen, int):
        request.session[BEGAN] = request.session[SEEN] = now
        return True
    if now - began > LONGEST_SECONDS or now - seen > IDLE_SECONDS:
        return False
    if now - seen > NOTE_EVERY:
        request.session[SEEN] = now
        note_session(session_key=request.session.session_key or "")
    return True
