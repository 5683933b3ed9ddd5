"""A thin database backend over Django’s for PostgreSQL: each connection stands inside the workspace its thread is inside."""
