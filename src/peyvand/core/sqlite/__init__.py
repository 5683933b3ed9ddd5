"""Database backend for SQLite that queues writers fairly (see gate.py); named as ENGINE in settings."""
