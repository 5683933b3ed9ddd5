"""Pages of the customer fields, in the settings."""
