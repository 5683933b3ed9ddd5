"""Pages of follow-up: the desk with its list, one case, what is done there, a new case, settings."""
