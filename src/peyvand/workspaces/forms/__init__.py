"""Forms of workspaces: signing in, setting up, settings."""
