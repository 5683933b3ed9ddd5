"""Imports for programs, the wizard's steps as operations: a file is uploaded, mapped, checked, recorded, and undone where it was wrong."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from django.http import Http404, StreamingHttpResponse
from ninja import Field, File, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import WithJsonSchema

from peyvand.imports import services
from peyvand.imports.choosing import beside, look_at, missing, preview_of
from peyvand.imports.forms import BesideForm, ColumnsForm, MapForm, UploadForm
from peyvand.imports.mapping.shipped import shipped_maps
from peyvand.imports.models import Import
from peyvand.imports.queries import Told, check_told, imports_of, progress_of
from peyvand.imports.services.landing import Landed, landed
from peyvand.imports.services.opening import sample_of
from peyvand.imports.types import FileProblem, ImportProblem, MapProblem, State
from peyvand.workspaces.bearer import KeyRequest, Paging, Refused, opens, own, page, pid
from peyvand.workspaces.filling import filled
from peyvand.workspaces.services import audit
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["imports"])
StateWord = Annotated[State, WithJsonSchema({"type": "string", "enum": [one.value for one in State]})]  # other apps have a State too
HERE = "/imports/{imported}"
CSV = {"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}}


class RejectedTold(Schema):
    """A row that was or would be rejected."""

    row: int
    reason: str
    cells: dict[str, str] = {}


class CheckTold(Schema):
    """What a check found; `of` alone: it is under way."""

    problem: str = Field("", description="why the file or the map cannot be worked with; empty: it can")
    key: str = Field("", description="where in the map the problem is")
    done: int | None = None
    of: int | None = None
    rows: int | None = None
    recorded: int | None = None
    duplicates: int | None = None
    rejected: int | None = None
    left_out: int | None = None
    kinds: dict[str, int] = Field({}, description="how many interactions of each kind")
    first: list[RejectedTold] = []


class ImportTold(Schema):
    """An import and how far it is."""

    id: str = Field(description="figures know it by this too: `where=import=…`")
    name: str
    files: list[str] = Field(description="under which names its files are known: `main`, and those a map joins")
    state: StateWord
    map_name: str = Field(description="of a ready-made map; empty: one of its own")
    rows: int
    position: int = Field(description="how many rows are settled")
    percent: int
    recorded: int
    duplicates: int
    rejected: int
    left_out: int
    error: str = Field(description="why it stopped")
    by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    files_deleted_at: dt.datetime | None


class ImportWhole(ImportTold):
    """An import with its map and what the last check found."""

    map: str = Field(description="as TOML; empty: none was chosen yet")
    missing: list[str] = Field(description="files that the map joins and that are not here yet")
    check: CheckTold | None


class ImportPage(Schema):
    """Imports, the newest first."""

    items: list[ImportTold]
    next: str


class Columns(Said):
    """Which column of the file means what: names of columns. Left empty: nothing of the kind."""

    kind: str = Field("", description="of the interaction that each row is")
    occurred_at: str = ""
    calendar: str = Field("auto", description="auto, jalali or gregorian")
    order: str = Field("ymd", description="how dates are written: ymd, dmy or mdy")
    external_id: str = Field("", description="the number of the order or row")
    phone: str = ""
    email: str = ""
    own_id: str = ""
    name: str = ""
    attributes: list[str] = Field([], description="columns that are facts about the customer")
    amount: str = ""
    unit: str = Field("", description="toman or rial, where the brand counts in rials")
    score: str = ""
    measure: str = Field("", description="what the score is: rating, nps, csat or ces")
    scale: str = Field("", description="such as 1-5; empty: the usual one")
    score_2: str = ""
    measure_2: str = ""
    scale_2: str = ""
    score_3: str = ""
    measure_3: str = ""
    scale_3: str = ""
    comment: str = ""
    product: str = ""
    branch: str = ""
    department: str = ""
    channel: str = ""
    stage: str = ""
    employee: str = ""
    touchpoint: str = Field("", description="the code of one")
    source: str = Field("", description="the same for the next file of this kind: what was imported once is then not doubled")


class ColumnsTold(Schema):
    """The head of the file, and what its columns seem or were said to mean."""

    columns: list[str]
    rows: list[list[str | None]] = Field(description="the first ones, as text")
    total: int
    more: bool = Field(description="the file has more rows than `total`, which were read")
    found: str = Field(description="how the file is written")
    choices: Columns
    map: str = Field(description="as chosen, else as guessed; empty where the guesses do not suffice")


class Becomes(Schema):
    """One interaction as it would be recorded."""

    what: str
    at: dt.datetime
    who: str
    amount: int | None
    currency: str | None
    subject: str
    scores: dict[str, float | None] = Field(description="measure and value")
    words: str


class Preview(Schema):
    """What the first rows become."""

    items: list[Becomes]
    counts: CheckTold | None


class MapIn(Said):
    """A ready-made map by its name, or one as TOML."""

    name: str = Field("", max_length=60)
    text: str = Field("", max_length=256 * 1024)


class MapTold(Schema):
    """A ready-made map."""

    name: str
    title: dict[str, str]
    about: dict[str, str]
    text: str
    joins: list[str] = Field(description="the names of the files it takes beside the main one")


class MapList(Schema):
    """Every ready-made map."""

    items: list[MapTold]


@opens(ROUTER.get, "/import-maps", Scope.IMPORTS_MANAGE, response=MapList, summary="Every ready-made map")
def import_maps(request: KeyRequest) -> dict[str, Any]:
    """Those that come with the product; a map of one's own is kept with each import."""
    del request
    known = shipped_maps().values()
    words = [{"title": one.map.title, "about": one.map.about, "joins": list(one.map.joins)} for one in known]
    return {"items": [{"name": one.name, "text": one.text, **said} for one, said in zip(known, words, strict=True)]}


@opens(ROUTER.get, "/imports", Scope.IMPORTS_MANAGE, response=ImportPage, summary="Imports, the newest first")
def imports(request: KeyRequest, asked: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Page by page."""
    rows, following = page(request, "imports", imports_of(request.workspace), asked)
    return {"items": [_told(request, one) for one in rows], "next": following}


class Upload(KeyRequest):
    """A call whose files lie on the disk of the data folder already."""

    landed: Landed


@contextmanager
def _landing(request: Any) -> Iterator[None]:
    """The files of an upload land before its transaction begins; where there is none, the operation refuses it."""
    file, more = request.FILES.get("file"), request.FILES.getlist("more")
    if file is None:
        yield
        return
    if request.path_info.endswith("/files"):
        files = {request.GET.get("role") or _role(file): (file.name or "file", file.chunks())}
    else:
        files = {"main": (file.name or "file", file.chunks()), **beside(more)}
    with landed(files) as request.landed:
        yield


@opens(ROUTER.post, "/imports", Scope.IMPORTS_MANAGE, first=_landing, response={201: ImportWhole}, summary="Upload a file to import")
def new_import(
    request: Upload,
    file: Annotated[UploadedFile, File(description="CSV, XLSX, Parquet or NDJSON")],
    more: Annotated[list[UploadedFile], File(description="those that belong to it, where a map joins several")] = [],  # noqa: B006
) -> Status[dict[str, Any]]:
    """Nothing is recorded yet. A ready-made map that fits the columns whole is chosen at once."""
    del more
    filled(UploadForm({}, request.FILES))
    one: Import = _read(
        lambda: services.store(workspace=request.workspace, name=file.name or "file", files=request.landed, actor=request.member.user)
    )
    try:
        look_at(one)
    except FileProblem as problem:
        services.discard(one=one)
        raise Refused(422, "invalid", f"file: {problem}", "file") from None
    return Status(201, _whole(request, one.pk))


@opens(ROUTER.get, HERE, Scope.IMPORTS_MANAGE, response=ImportWhole, summary="One import and how far it is")
def one_import(request: KeyRequest, imported: str) -> dict[str, Any]:
    """Ask again every few seconds while it is `checking`, `running` or `undoing`."""
    return _whole(request, _own(request, imported).pk)


@opens(ROUTER.get, f"{HERE}/columns", Scope.IMPORTS_MANAGE, response=ColumnsTold, summary="A file's columns and what they seem to mean")
def import_columns(request: KeyRequest, imported: str) -> dict[str, Any]:
    """As chosen, or as guessed by their names."""
    looked = _read(lambda: look_at(_own(request, imported, with_files=True)))
    rows = [[None if cell is None else str(cell) for cell in row] for row in looked.sample.rows]
    told = {name: getattr(looked.sample, name) for name in ("columns", "total", "more", "found")}
    return told | {"rows": rows, "choices": looked.choices, "map": looked.text}


@opens(ROUTER.put, f"{HERE}/columns", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Say which column means what, and check")
def put_columns(request: KeyRequest, imported: str, said: Columns) -> dict[str, Any]:
    """It writes a map; every row is checked by it and nothing is recorded."""
    one = _own(request, imported, with_files=True)
    return _mapped(request, one, _written(one, said))


@opens(ROUTER.put, f"{HERE}/map", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Choose or write a map, and check")
def put_map(request: KeyRequest, imported: str, said: MapIn) -> dict[str, Any]:
    """Every row is checked by it and nothing is recorded. [What a map may say](import-maps.md)."""
    one = _own(request, imported, with_files=True)
    name, text = filled(MapForm(said.model_dump(), initial={"name": one.map_name, "text": one.map_text})).chosen()
    return _mapped(request, one, text, name)


@opens(ROUTER.get, f"{HERE}/preview", Scope.IMPORTS_MANAGE, response=Preview, summary="What the first rows become")
def import_preview(request: KeyRequest, imported: str) -> dict[str, Any]:
    """By the map as chosen, else as guessed."""
    one = _own(request, imported, with_files=True)
    return _previewed(one, _read(lambda: look_at(one)).text)


@opens(ROUTER.post, f"{HERE}/preview", Scope.IMPORTS_MANAGE, response=Preview, summary="What the first rows would become")
def try_columns(request: KeyRequest, imported: str, said: Columns) -> dict[str, Any]:
    """By these columns, which are not kept."""
    one = _own(request, imported, with_files=True)
    return _previewed(one, _written(one, said))


@opens(
    ROUTER.post,
    f"{HERE}/files",
    Scope.IMPORTS_MANAGE,
    first=_landing,
    response=ImportWhole,
    summary="Put a file beside the main one",
)
def add_file(
    request: Upload,
    imported: str,
    file: Annotated[UploadedFile, File()],
    role: Annotated[str, Query(max_length=60, description="one of `missing`; empty: as the file's name says")] = "",
) -> dict[str, Any]:
    """One that the map joins and that is missing."""
    one = _own(request, imported, with_files=True)
    named, lacking = role or _role(file), missing(one)
    if named not in lacking:
        raise Refused(422, "invalid", f"role: one of {', '.join(lacking) or 'none, no file is missing'}.", "role")
    filled(BesideForm({named: lacking[named]}, {}, {named: file}))
    return _done(request, one, lambda: services.add_files(one=one, files=request.landed))


@opens(ROUTER.delete, f"{HERE}/files", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Delete the files of an import")
def drop_files(request: KeyRequest, imported: str) -> dict[str, Any]:
    """What was recorded stays."""
    one = _own(request, imported)
    return _done(request, one, lambda: services.delete_files(one=one, actor=request.member.user))


@opens(ROUTER.post, f"{HERE}/check", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Check every row")
def check_import(request: KeyRequest, imported: str) -> dict[str, Any]:
    """Nothing is recorded; `check` tells what was found."""
    one = _own(request, imported, with_files=True)
    return _done(request, one, lambda: services.ask_check(one=one))


@opens(ROUTER.delete, f"{HERE}/check", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Call a check off")
def cancel_check(request: KeyRequest, imported: str) -> dict[str, Any]:
    """The one under way."""
    one = _own(request, imported)
    return _done(request, one, lambda: services.cancel_check(one=one))


@opens(ROUTER.post, f"{HERE}/start", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Begin to record")
def start_import(request: KeyRequest, imported: str) -> dict[str, Any]:
    """It goes on in the background; a check need not come before."""
    one = _own(request, imported, with_files=True)
    return _done(request, one, lambda: services.start(one=one, actor=request.member.user))


@opens(ROUTER.post, f"{HERE}/resume", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Let an import that stopped go on")
def resume_import(request: KeyRequest, imported: str) -> dict[str, Any]:
    """From where it stands."""
    one = _own(request, imported, with_files=True)
    return _done(request, one, lambda: services.resume(one=one))


@opens(ROUTER.post, f"{HERE}/undo", Scope.IMPORTS_MANAGE, response=ImportWhole, summary="Undo an import")
def undo_import(request: KeyRequest, imported: str) -> dict[str, Any]:
    """What it recorded is hidden at once and removed in the background."""
    one = _own(request, imported)
    return _done(request, one, lambda: services.undo(one=one, actor=request.member.user))


@opens(ROUTER.post, f"{HERE}/again", Scope.IMPORTS_MANAGE, response={201: ImportWhole}, summary="Import the same files anew")
def import_again(request: KeyRequest, imported: str) -> Status[dict[str, Any]]:
    """A new import, to be mapped anew; the old one stays as it was."""
    one = _own(request, imported)
    made: Import = _read(lambda: services.again(one=one, actor=request.member.user))
    return Status(201, _whole(request, made.pk))


@opens(ROUTER.get, f"{HERE}/rejected", Scope.IMPORTS_MANAGE, response=None, summary="The rejected rows as CSV", openapi_extra=CSV)
def rejected_rows(request: KeyRequest, imported: str) -> StreamingHttpResponse:
    """The file's own columns, and beside each row why it was rejected."""
    one = _own(request, imported, with_files=True)
    if not one.rejected_path.exists():
        raise Http404
    audit(workspace=request.workspace, actor=request.member.user, action="import.rejected_read", target=one, detail={"rows": one.rejected})
    return StreamingHttpResponse(services.downloaded(one.rejected_path), content_type="text/csv; charset=utf-8")


def _own(request: KeyRequest, text: str, *, with_files: bool = False) -> Import:
    one = own(request, Import.objects.select_related("workspace", "created_by"), text)
    if with_files and one.files_deleted_at is not None:
        raise Refused(422, "not-possible", "The files of this import were deleted; upload them again.")
    return one


def _read(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except FileProblem as problem:
        raise Refused(422, "invalid", f"file: {problem}", "file") from None
    except MapProblem as problem:
        raise Refused(422, "invalid", f"text: {problem}", "text") from None
    except ImportProblem as problem:
        raise Refused(422, "not-possible", str(problem)) from None


def _done(request: KeyRequest, one: Import, do: Callable[[], object]) -> dict[str, Any]:
    _read(do)
    return _whole(request, one.pk)


def _role(file: UploadedFile) -> str:
    return next(iter(beside([file])))


def _written(one: Import, said: Columns) -> str:
    columns = _read(lambda: sample_of(one)).columns
    return filled(ColumnsForm(said.model_dump(), one=one, columns=columns)).text()


def _mapped(request: KeyRequest, one: Import, text: str, name: str = "") -> dict[str, Any]:
    _read(lambda: services.set_map(one=one, text=text, name=name))
    return _done(request, one, lambda: services.ask_check(one=one))


def _previewed(one: Import, text: str) -> dict[str, Any]:
    found = preview_of(one, text)
    if found["problem"]:
        raise Refused(422, "not-possible", found["problem"])
    return {"items": [_becomes(item) for item in found["told"]], "counts": found["counts"]}


def _becomes(item: Told) -> dict[str, Any]:
    plain = {name: getattr(item, name) for name in ("what", "at", "who", "amount", "currency", "subject", "words")}
    return plain | {"scores": {felt.measure: felt.value for felt in item.scores}}


def _told(request: KeyRequest, one: Import) -> dict[str, Any]:
    plain = ("name", "state", "map_name", "rows", "position", "recorded", "duplicates", "rejected", "left_out", "created_at", "started_at")
    words: dict[str, Any] = {name: getattr(one, name) for name in (*plain, "finished_at", "files_deleted_at")}
    by = one.created_by.name if one.created_by is not None else ""
    known = {"id": pid(request, one.pk), "files": sorted(one.files), "percent": progress_of(one).percent, "by": by}
    return words | known | {"error": one.stopped_because}


def _whole(request: KeyRequest, number: int) -> dict[str, Any]:
    one = imports_of(request.workspace).select_related("workspace").get(pk=number)
    check: Mapping[str, Any] | None = check_told(one) or None
    return _told(request, one) | {"map": one.map_text, "missing": list(missing(one)), "check": check}
