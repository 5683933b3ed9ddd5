"""Pages of the catalogue in the settings."""
