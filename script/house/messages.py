"""Keeps the Persian texts of every app in step with its code: updates, checks and compiles the .po files. Run by `script/messages`."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo

from house.catalogues import CatalogueError, Key, Text, apps, as_catalogue, catalogue_path, extracted, serialised, stored
from house.typography import edge_faults, placeholder_faults, typography_faults


def main() -> int:
    """Do what the command line asks; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/messages",
        description="Bring every app's Persian texts up to date with its code: new ones come in empty, unused ones go.",
        epilog="example: script/messages surveys && script/messages --check surveys",
    )
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these apps (default: all)")
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--check", action="store_true", help="change nothing; name what is missing, unused or badly written")
    task.add_argument("--compile", action="store_true", help="only write the .mo files, where they are older than their source")
    wanted = parser.parse_args()
    chosen = [app for app in apps() if not wanted.apps or app.name in wanted.apps]
    do = _compile if wanted.compile else _check if wanted.check else _update
    try:
        return do(chosen)
    except CatalogueError as error:
        print(f"messages: {error}")
        return 1


def _compile(chosen: list[Path]) -> int:
    for app in chosen:
        source = catalogue_path(app)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        texts, _ = stored(app)
        with target.open("wb") as file:
            write_mo(file, as_catalogue({key: text for key, text in texts.items() if all(text.translated) and not text.fuzzy}))
    return 0


def _update(chosen: list[Path]) -> int:
    for app in chosen:
        said, (known, _) = extracted(app), stored(app)
        if not said and not known:
            continue
        for key, text in said.items():
            if before := known.get(key):
                text.translated, text.comments = before.translated, before.comments
        path = catalogue_path(app)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(serialised(list(said.values())), encoding="utf-8")
        empty = sum(not text.translated or not all(text.translated) for text in said.values())
        print(f"{app.name}: {len(said)} texts, {empty} without Persian, {len(known.keys() - said.keys())} unused removed")
    return _compile(chosen)


def _check(chosen: list[Path]) -> int:
    faults = [f"{app.name}: {fault}" for app in chosen for fault in app_faults(app)]
    faults.extend(_disagreements())
    print("\n".join(faults) if faults else f"messages: {sum(len(stored(app)[0]) for app in chosen)} Persian texts, nothing to mend")
    if faults:
        print(f"messages: {len(faults)} faults; `script/messages` brings the files up to date")
    return bool(faults)


def app_faults(app: Path) -> Iterator[str]:
    """Name every fault in the texts of one app."""
    said, (known, obsolete) = extracted(app), stored(app)
    yield from (f"obsolete entry {text!r}" for text in obsolete)
    for key, text in said.items():
        if key not in known:
            yield f"no Persian for {text.singular!r} ({text.where})"
    for key, text in known.items():
        if key in said:
            yield from (f"{text.singular!r}: {fault}" for fault in text_faults(text))
        else:
            yield f"nothing in the code says {text.singular!r}"


def text_faults(text: Text) -> Iterator[str]:
    """Name every fault in one text and its translation."""
    if text.fuzzy:
        yield "marked fuzzy"
    if "!" in text.singular:
        yield "no exclamation marks"
    if not text.translated or not all(text.translated):
        yield "untranslated"
        return
    for form in text.translated:
        yield from edge_faults(text.singular, form)
        yield from typography_faults(form)
    yield from placeholder_faults(text.plural or text.singular, text.translated[-1])


def _disagreements() -> Iterator[str]:
    """All apps share one domain when Django loads them, so one English text can have only one Persian text."""
    first: dict[Key, tuple[str, Text]] = {}
    for app in apps():
        for key, text in stored(app)[0].items():
            other, before = first.setdefault(key, (app.name, text))
            if before.translated != text.translated and all(before.translated) and all(text.translated):
                here, there = text.translated[0], before.translated[0]
                yield f"{app.name}: {text.singular!r} is {here!r} here and {there!r} in {other}; give one a context"


if __name__ == "__main__":
    sys.exit(main())
