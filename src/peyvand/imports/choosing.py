"""What is told of an import before it runs: its first rows, the guesses, the map that fits, the files it lacks, what rows become.

Called by the wizard's views and the API.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile

from peyvand.core.files import safe_name
from peyvand.imports import services
from peyvand.imports.forms import ColumnsForm
from peyvand.imports.mapping.guessing import guess
from peyvand.imports.mapping.schema import Join, read_map
from peyvand.imports.mapping.shipped import fitting, join_named, leaves_out, shipped_maps
from peyvand.imports.mapping.writing import read_choices
from peyvand.imports.models import Import
from peyvand.imports.queries import rejections_told, told
from peyvand.imports.services.opening import Sample, sample_of
from peyvand.imports.types import FileProblem, MapProblem, State

WHO = ("phone", "email", "own_id", "name")  # a map that says nothing of such a column is not taken by itself
UNDECIDED = (State.UPLOADED, State.CHECKED)
Chunks = Iterable[bytes]


class Looked(NamedTuple):
    """The head of an import's file and what its columns seem to mean; `text` is the map as it stands or as guessed, empty where neither."""

    sample: Sample
    choices: dict[str, Any]
    text: str


def look_at(one: Import) -> Looked:
    """Read the head of a file; an import without a map gets the ready-made one that fits whole. Raises FileProblem."""
    sample = sample_of(one)
    guessed = guess(sample.columns, one.name)
    fits = [known for known in fitting(sample.columns) if not leaves_out(known, (guessed[name] for name in WHO if name in guessed))]
    if not one.map_text and fits and one.state in UNDECIDED:
        services.set_map(one=one, text=fits[0].text, name=fits[0].name)
    choices = read_choices(one.map_text, digest=one.digest) or guessed
    return Looked(sample, choices, one.map_text or _drafted(one, sample, guessed))


def _drafted(one: Import, sample: Sample, guessed: dict[str, Any]) -> str:
    """The map the guesses make, where they suffice for one."""
    form = ColumnsForm({"calendar": "auto", "order": "ymd", "source": "file", **guessed}, one=one, columns=sample.columns)
    return form.text() if form.is_valid() else ""


def missing(one: Import) -> dict[str, Join]:
    """The files the chosen map joins that are not beside the main one."""
    try:
        joins = read_map(one.map_text).joins if one.map_text else {}
    except MapProblem:
        return {}
    return {name: join for name, join in joins.items() if name not in one.files}


def preview_of(one: Import, text: str) -> dict[str, Any]:
    """What a map, chosen already or not, makes of the first rows: `told`, `counts`, or the `problem` in words."""
    if not text:
        return {"told": [], "counts": None, "problem": ""}
    chosen, one.map_text = one.map_text, text
    try:
        items, counts = services.preview(one)
    except (FileProblem, MapProblem) as problem:
        return {"told": [], "counts": None, "problem": str(problem)}
    finally:
        one.map_text = chosen
    return {"told": told(one.workspace_id, items), "counts": counts | {"first": rejections_told(counts["first"])}, "problem": ""}


def beside(more: "Iterable[UploadedFile[bytes]]") -> dict[str, tuple[str, Chunks]]:
    """Files under the name by which a map joins them, found by their own names."""
    found: dict[str, tuple[str, Chunks]] = {}
    for file in more:
        name = safe_name(file.name or "file")
        role = next((role for one in shipped_maps().values() if (role := join_named(one.map, name))), "") or name.partition(".")[0]
        found[role if role != "main" else "main-2"] = (name, file.chunks())
    return found
