"""What can go wrong in a workspace; the message says what happened, to which thing, and what to do."""


class WorkspaceError(Exception):
    """A change to a workspace that cannot be made; the message is for the person who asked."""
