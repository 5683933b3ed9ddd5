"""A process that dies in the middle: at the n-th thing it asks of the database, and with it the connection, uncommitted work and all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from peyvand.core import bulk


class Death(BaseException):
    """Nothing of ours catches it, as nothing catches a SIGKILL."""


class Life:
    """Counts what is asked of the database; from the n-th on everything fails, as nothing reaches it any more."""

    def __init__(self, dies_at: int | None) -> None:
        self.left = dies_at
        self.died = False

    def asked(self) -> None:
        """Note that something is asked; raises Death at the n-th and ever after."""
        if self.left is None:
            return
        self.left -= 1
        if self.left <= 0:
            self.died = True
            raise Death

    def statement(self, execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        """What Django calls around each statement."""
        self.asked()
        return execute(sql, parameters, many, context)

    def before(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        """What the hot path asks past Django."""

        def asking(*given: Any, **named: Any) -> Any:
            self.asked()
            return ask(*given, **named)

        return asking


@contextmanager
def mortal(dies_at: int | None) -> Iterator[Life]:
    """Whatever is done in the block is done by a process that may die."""
    life = Life(dies_at)
    past_django = {name: life.before(getattr(bulk, name)) for name in ("insert", "ask_all", "take_ids")}
    try:
        with connection.execute_wrapper(life.statement), mock.patch.multiple(bulk, **past_django):
            yield life
    except Death:
        pass
    if life.died:
        connection.close()
