"""What the API calls things: django-ninja keeps one shape a name, so that of two of one name the later silently takes the place of both."""

import enum
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from peyvand.core.discovery import modules
from tests.architecture.source import report


def test_no_two_shapes_of_the_api_have_one_name():
    named: dict[str, set[type]] = defaultdict(set)
    for shape in shapes():
        named[shape.__name__].add(shape)
    twice = [f"{name}: {', '.join(sorted(f'{one.__module__}.{one.__qualname__}' for one in found))}" for name, found in named.items()]
    report([words for words in twice if ", " in words], "Two shapes of one name; the description knows only the last.")
    assert len(named) > 40


def shapes() -> set[type]:
    """Every model and enumeration that any operation takes or gives."""
    found: set[type] = set()
    for module in modules("api"):
        for view in module.ROUTER.path_operations.values():
            for operation in view.operations:
                for model in (*operation.models, *filter(None, operation.response_models.values())):
                    for field in model.model_fields.values():
                        _gather(field.annotation, found)
    return found


def _gather(annotation: Any, found: set[type]) -> None:
    for part in _parts(annotation):
        if part in found or not issubclass(part, BaseModel | enum.Enum):
            continue
        found.add(part)
        for field in getattr(part, "model_fields", {}).values():
            _gather(field.annotation, found)


def _parts(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
