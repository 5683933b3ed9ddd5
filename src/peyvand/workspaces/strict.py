"""What programs send is taken as it is written or refused: bodies without fields that nobody reads, addresses without such parameters.

Imported by api modules, bearer and config.api only (ninja is heavy).
"""

import datetime as dt
import json
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Final, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.params.models import File, Query
from ninja.parser import Parser
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

F = TypeVar("F", bound=Callable[..., Any])
EXACT: Final = 2**53  # from here on a number with a point is none of the whole ones alone
MOST_FIELDS: Final = 1000  # of one object: no body has more
NOTHING: Final = (b"", b"{}", b"null")


def _number(written: str) -> float | int:
    """5.0 is 5: JSON knows one kind of number."""
    number = float(written)
    return int(number) if number.is_integer() and abs(number) < EXACT else number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose every field stands once, and of which each could be told of in a refusal."""
    found = dict(pairs)
    if len(pairs) > MOST_FIELDS:
        raise ValueError(f"an object holds more than {MOST_FIELDS} fields")
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"“{next(name for name in names if names.count(name) > 1)}” stands twice in the same object")
    return found


def _read(body: bytes) -> str:
    """The JSON of a body, with whole numbers as such. Raises PydanticCustomError."""
    try:
        found = json.loads(body, parse_float=_number, object_pairs_hook=_once)
        again = json.dumps(found) if isinstance(found, dict) else ""
    except (ValueError, RecursionError) as error:
        raise PydanticCustomError("json", "the body cannot be read as JSON: {why}", {"why": str(error)}) from None
    if not again:
        raise PydanticCustomError("json", "the body must be an object")
    return again


def _moment(given: object) -> object:
    """A text that is a moment; pydantic would take one of digits for seconds since 1970."""
    return dt.datetime.fromisoformat(given.upper()) if isinstance(given, str) else given


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class Said(BaseModel):
    """A body, or a part of one: an unknown field is refused, and so is a text for a number or a number for yes and no."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """JSON is read by pydantic itself: from Python's values it could not tell a moment written as a text from a text."""
        named = handler.resolve_ref_schema(handler(source))
        own = cast("CoreSchema", {part: value for part, value in named.items() if part != "ref"})
        read = core_schema.no_info_wrap_validator_function(
            lambda given, as_made: cls.model_validate_json(_read(given), strict=True) if isinstance(given, bytes) else as_made(given), own
        )
        return core_schema.json_or_python_schema(own, read, ref=str(named.get("ref")))  # described by its name


class Unread(Parser):
    """Hands bodies on as bytes, for Said to read."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body as it came."""
        return cast("dict[str, Any]", request.body)


class Unasked(HttpError):
    """A parameter, a part of a form or a body that an operation does not take; `field` names it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(400, f"{field}: {words}" if field else words)
        self.field = field


class Takes(NamedTuple):
    """What an operation takes: parameters behind the question mark, and which of them stand several times; files; a body."""

    parameters: frozenset[str]
    several: frozenset[str]
    files: frozenset[str]
    body: bool

    def check(self, request: HttpRequest) -> None:
        """Raise Unasked for what else there is: a name misspelt would be passed over in silence, and the rest be done."""
        for name in sorted(request.GET.keys() - self.parameters):
            raise Unasked(name, f"there is no such parameter here; there are: {', '.join(sorted(self.parameters)) or 'none'}.")
        for name in self.parameters - self.several:
            if len(request.GET.getlist(name)) > 1:
                raise Unasked(name, "give it once.")
        if self.files:
            for name in sorted((request.POST.keys() | request.FILES.keys()) - self.files):
                raise Unasked(name, f"there is no such part here; there are: {', '.join(sorted(self.files))}.")
        elif not self.body and request.body.strip() not in NOTHING:
            raise Unasked("", "Nothing is taken in the body here: leave it out.")


def strictly(operation: F) -> F:
    """The operation, which raises Unasked where more is said than it takes."""
    takes = _taken_by(operation)

    @wraps(operation)
    def asked(request: HttpRequest, *args: Any, **said: Any) -> Any:
        takes.check(request)
        return operation(request, *args, **said)

    return cast("F", asked)


def _taken_by(operation: Callable[..., Any]) -> Takes:
    parameters, several, files, body = set[str](), set[str](), set[str](), False
    for name, hint in get_type_hints(operation, include_extras=True).items():
        kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        if any(isinstance(mark, Query) for mark in marks):
            fields = kind.model_fields if hasattr(kind, "model_fields") else {}
            parameters |= fields.keys() or {name}
            several |= {field for field, one in fields.items() if get_origin(one.annotation) is list}
        elif any(isinstance(mark, File) for mark in marks):
            files.add(name)
        body = body or (isinstance(kind, type) and issubclass(kind, Said))
    return Takes(frozenset(parameters), frozenset(several), frozenset(files), body)
