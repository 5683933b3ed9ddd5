"""The sub-commands of `peyvand`, one module each, found by listing this folder (see config/command.py)."""
