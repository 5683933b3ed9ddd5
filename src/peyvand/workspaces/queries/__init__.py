"""Reads of workspaces: who is here, what is open, what happened."""
