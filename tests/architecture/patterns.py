"""Every regular expression of the package, what hurts it most, and how its time grows. Used by the test beside this file."""

import ast
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from itertools import product as pairs_of
from typing import Any

from peyvand.core import calendars
from peyvand.imports.mapping import values
from tests.architecture.source import Module, product

SHORT = {"src/peyvand/core/calendars.py": calendars._MAX_LENGTH}  # what is longer is not even looked at
MADE = {"src/peyvand/imports/mapping/values.py": ("_pattern", values._pattern("%Y-%m-%d %H:%M:%S"))}  # from the format a map says
METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")
FEW, MANY, LONGEST = 22, 1_000, 32_000
EXPLODES = 0.05  # seconds for a text of FEW letters: nobody waits for one of more
WORTH_TIMING = 0.001
TIMES = 4
WORST = 2
LETTERS = 10


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and how it is asked."""

    place: str
    pattern: re.Pattern[Any]
    method: str

    @property
    def source(self) -> str:
        """The pattern as it is written."""
        written = self.pattern.pattern
        return written.decode() if isinstance(written, bytes) else str(written)

    def ask(self, words: str) -> float:
        """Processor seconds of one question."""
        text = words.encode() if isinstance(self.pattern.pattern, bytes) else words
        method = getattr(self.pattern, self.method)
        begin = time.thread_time()
        if self.method == "sub":
            method(text[:0], text)
        elif self.method == "finditer":
            deque(method(text), maxlen=0)  # kept, they would have the collector walk them: its time grows faster
        else:
            method(text)
        return time.thread_time() - begin


def found() -> Iterator[Found]:
    """Every pattern that reads text."""
    for module in product():
        for node in module.nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re":
                yield from _of_call(module, node)


def _of_call(module: Module, call: ast.Call) -> Iterator[Found]:
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    place = f"{module.name}:{call.lineno}"
    if method in METHODS and isinstance(call.args[0], ast.Constant):
        yield Found(place, re.compile(call.args[0].value), method)
    elif method in (*METHODS, "compile"):
        name, value = MADE[module.name] if module.name in MADE else _named(module, call)
        for pattern in _patterns(value):
            asked = {way for way in METHODS if re.search(rf"\b{name}\b[^\n]*\.{way}\b", module.text)}
            yield from (Found(place, pattern, way) for way in sorted(asked) or ["search"])


def _named(module: Module, call: ast.Call) -> tuple[str, object]:
    """The name a compiled pattern is known by at the top of its module, and what stands there."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= call.lineno <= (node.end_lineno or 0):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                return target.id, getattr(import_module(".".join(("peyvand", *module.parts))), target.id)
    raise AssertionError(f"{module.name}:{call.lineno}: give the pattern a name at the top of the module, so that it can be timed")


def _patterns(value: object) -> Iterator[re.Pattern[Any]]:
    value = getattr(value, "__self__", value)  # a method of a pattern may have the name
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _patterns([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _patterns(one)


def attacks(source: str) -> list[Callable[[int], str]]:
    """Texts of any length made of what a pattern itself speaks of: a letter or a pair again and again, after a beginning it likes."""
    letters = list(dict.fromkeys(_letters(source)))[:LETTERS]
    pumps = [*letters, *("".join(pair) for pair in pairs_of(letters[:4], repeat=2) if pair[0] != pair[1])]
    starts = ["", *(start for start in ("".join(letters[:2]), "<") if start)]

    def attack(start: str, pump: str, end: str) -> Callable[[int], str]:
        return lambda n: start + pump * (n // len(pump)) + end

    return [attack(start, pump, end) for start in starts for pump in pumps for end in ("", "\x00", "\n!")]


def _letters(source: str) -> Iterator[str]:
    """A letter for every class, range and word of a pattern, and the usual ones."""
    for word, sample in (("\\d", "0"), ("\\s", " "), ("\\w", "a"), ("0-9", "0"), ("a-z", "a"), ("A-Z", "A"), ("[^", "x")):
        if word in source:
            yield sample
    yield from re.sub(r"\\[a-zA-Z]|[\\\[\](){}|*+?^$]|\?P<\w+>", "", source)
    yield from " a0.-\n"


def growth(one: Found) -> tuple[float, str]:
    """How many times longer twice as much takes, at worst; and the text that does it. Infinite where a short text takes for ever."""
    if most := SHORT.get(one.place.partition(":")[0]):
        slowest, text = max((one.ask(attack(most)), attack(most)) for attack in attacks(one.source))
        return (1.0 if slowest < WORTH_TIMING else slowest / WORTH_TIMING), text
    worst: list[tuple[float, Callable[[int], str]]] = []
    for attack in attacks(one.source):
        if one.ask(attack(FEW)) > EXPLODES:
            return float("inf"), attack(FEW)
        worst.append((one.ask(attack(MANY)), attack))
    worst.sort(key=lambda timed: timed[0], reverse=True)
    grown = [(_doubling(one, attack), attack(MANY)[:40]) for _seconds, attack in worst[:WORST]]
    return max(grown)


def _doubling(one: Found, attack: Callable[[int], str]) -> float:
    n = MANY
    while (seconds := _least(one, attack(n))) < WORTH_TIMING and n < LONGEST:
        n *= 2
    if seconds < WORTH_TIMING:
        return 1.0
    twice, four = (_least(one, attack(times * n)) for times in (2, 4))
    return min(twice / seconds, four / twice) if four / seconds < 6.25 else (four / seconds) ** 0.5


def _least(one: Found, text: str) -> float:
    return min(_ask_often(one, text))


def _ask_often(one: Found, text: str) -> Iterable[float]:
    for _ in range(TIMES):
        seconds = one.ask(text)
        yield seconds
        if seconds > EXPLODES:
            return
