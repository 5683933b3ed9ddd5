"""Logging: one line an event, JSON by default, without personal data (no bodies, no query strings, no addresses)."""

import sys
import traceback
from typing import Any

# structlog loads rich where it happens to be installed, for coloured tracebacks that nobody sees here: 0.2 s a process.
_absent = "rich" not in sys.modules
if _absent:
    sys.modules["rich"] = None  # type: ignore[assignment]
import structlog  # noqa: E402
from structlog.typing import EventDict  # noqa: E402

if _absent:
    del sys.modules["rich"]

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class Faults:
    """Writes an exception as its type and the lines it passed. Its words may quote a person's data: only told at level debug."""

    def __init__(self, *, tell: bool) -> None:
        self._tell = tell

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        given = event.pop("exc_info", None)
        error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
        if isinstance(error, BaseException):
            told = self._tell or isinstance(error, ImportError | SyntaxError)  # these speak of code, never of people
            event["fault"] = f"{type(error).__module__}.{type(error).__qualname__}" + (f": {error}" if told else "")
            event["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-12:]]
        return event


def routed(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Put the route, as it stands in urls, where Django's own lines write the address: that may hold a token or a name."""
    request = getattr(event.get("_record"), "request", None)
    if isinstance(path := getattr(request, "path", None), str):
        match = getattr(request, "resolver_match", None)
        route = match.route if match else "an address of nobody"
        for written in {path, path.encode("unicode_escape").decode("ascii")}:
            if str(event["event"]).endswith(written):
                event["event"] = str(event["event"]).removesuffix(written) + route
                break
    return event


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """Return Django's LOGGING; form is json or text."""
    shape = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    final: list[Any] = [Faults(tell=level == "DEBUG"), shape]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    quiet = {"level": "WARNING", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "structlog.stdlib.ProcessorFormatter",
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
                "foreign_pre_chain": [*SHARED, routed],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR", "propagate": True},
            "django.security.DisallowedHost": {"level": "CRITICAL", "propagate": True},
            "axes": quiet,
            "uvicorn": quiet,
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},
            "httpx": quiet,
        },
    }
