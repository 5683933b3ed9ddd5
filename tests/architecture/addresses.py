"""Every address and who may open it, read from the running configuration. Run by `script/addresses`; compared by the test beside it."""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import django
from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

TABLE = Path(__file__).with_suffix(".toml")
LIBRARIES = {"allauth": "library: allauth", "django": "library: django", "ninja": "library: ninja"}
UNDECLARED = "nobody said"
HEAD = """\
# Every address and who may open it: a permission (`+`: each of them), `signed in`, `key: …` or `public: why`.
# Written by `script/addresses` from what the views declare; whoever reviews a change reads the difference.

"""


def found() -> dict[str, str]:
    """Every address of the product and its access, in alphabetical order."""
    return dict(sorted(_rows(get_resolver().url_patterns, "")))


def _rows(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _rows(pattern.url_patterns, route)
            continue
        api = _api_view(pattern.callback)
        if api is None:
            yield route, _access(pattern.callback)
            continue
        for operation in api.operations:
            yield from ((f"{method} {route}", _access(operation.view_func)) for method in operation.methods)


def _api_view(view: Callable[..., object]) -> PathView | None:
    """What django-ninja hides behind one address of the API: an operation for each method."""
    behind = inspect.getclosurevars(view).nonlocals.get("self") if inspect.isfunction(view) else None
    return behind if isinstance(behind, PathView) else None


def _access(view: object) -> str:
    view = view.func if isinstance(view, partial) else view
    declared = getattr(view, "access", None)
    if declared is None:
        return LIBRARIES.get(getattr(view, "__module__", "").partition(".")[0], UNDECLARED)
    detail = declared.reason or " + ".join(declared.permissions)
    if declared.kind == "permission":
        return str(detail)
    return f"{declared.kind.replace('_', ' ')}: {detail}" if detail else declared.kind.replace("_", " ")


def written(rows: dict[str, str]) -> str:
    """The table as it stands in the repository."""
    return HEAD + "".join(f"{_quoted(address)} = {_quoted(access)}\n" for address, access in rows.items())


def _quoted(text: str) -> str:
    return f"'{text}'" if "\\" in text else '"' + text.replace('"', '\\"') + '"'


if __name__ == "__main__":
    django.setup()
    TABLE.write_text(written(found()), encoding="utf-8")
