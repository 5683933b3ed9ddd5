"""The worker's jobs done here and now. Imported by tests of every app."""

from peyvand.core.work import work


def work_off(process: str = "here", *, most: int = 100_000) -> int:
    """Do everything that is due, and what that puts down for now, until nothing is left; returns how many."""
    total = 0
    while total < most and (count := work(process)):
        total += count
    return total
