"""A loop of the worker that fails and quotes a customer."""

from peyvand.config.tests.spilling import SARA
from peyvand.core.loops import Loop


def turn() -> None:
    raise KeyError(SARA)


LOOPS = [Loop("spilling", 1, turn)]
