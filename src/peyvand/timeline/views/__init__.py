"""Pages of the timeline in the settings: own kinds, and what went wrong."""
