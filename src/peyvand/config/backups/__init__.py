"""Backups: one file with the database, files and secret, and a manifest by which it is checked."""
