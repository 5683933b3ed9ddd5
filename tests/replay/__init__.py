"""The spine replayed: from one seed come time, chance, the order of all that happens, and where a process dies."""
