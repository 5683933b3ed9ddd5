"""The filter of the answers page: read from the address, drawn as tabs and chips. Called by the answers page and its export."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.core import clock
from peyvand.core.calendars import GREGORIAN_YEARS
from peyvand.core.display import num, shortday
from peyvand.customers.types import Band
from peyvand.surveys.models import Survey
from peyvand.surveys.queries.answers import Wanted, known_surveys
from peyvand.surveys.queries.rules import places
from peyvand.workspaces.models import Workspace

BANDS = {"bad": Band.BAD, "mixed": Band.MIXED, "good": Band.GOOD}
PERIODS = (7, 30, 90, 365)
KEYS = ("band", "survey", "measure", "channel", "touchpoint", "stage", "branch", "period", "since", "until", "words", "q")
DIMENSIONS = {"channel": Dimension.CHANNEL, "touchpoint": Dimension.TOUCHPOINT, "stage": Dimension.STAGE, "branch": Dimension.BRANCH}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for: `said` holds the parameters that mean something, `wanted` the query they make."""

    workspace: Workspace
    wanted: Wanted
    said: dict[str, str] = field(default_factory=dict)

    def url(self, **changes: str) -> str:
        """The address of this page with other parameters; an empty one takes it away."""
        query = QueryDict(mutable=True)
        for key, value in {**self.said, **changes}.items():
            if value:
                query[key] = value
        return f"?{query.urlencode()}" if query else "?"

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.said)


def read_filter(workspace: Workspace, query: QueryDict) -> Filter:
    """Understand an address; what means nothing is passed over."""
    said = {key: value for key in KEYS if (value := query.get(key, "").strip()[:200])}
    terms = {name: _term(workspace, dimension, said.get(name, "")) for name, dimension in DIMENSIONS.items()}
    since, until = _period(workspace, said)
    unknown = {name for name in DIMENSIONS if name in said and terms[name] is None}
    unknown |= {"band"} if said.get("band") not in BANDS else set()
    unknown |= {"period"} if said.get("period") not in {str(days) for days in PERIODS} else set()
    said = {key: value for key, value in said.items() if key not in unknown}
    wanted = Wanted(
        workspace_id=workspace.pk,
        band=BANDS.get(said.get("band", "")),
        survey=said.get("survey", ""),
        measure=said.get("measure", ""),
        since=since,
        until=until,
        with_words=bool(said.get("words")),
        text=said.get("q", ""),
        **terms,
    )
    return Filter(workspace, wanted, said)


def _term(workspace: Workspace, dimension: Dimension, code: str) -> int | None:
    if not code:
        return None
    term = Term.objects.filter(workspace=workspace, dimension=dimension, code=code).first()
    return None if term is None else term.merged_into_id or term.pk


def _period(workspace: Workspace, said: dict[str, str]) -> tuple[dt.datetime | None, dt.datetime | None]:
    """`since` and `until` are days where the workspace is, both included; `period` counts days back from now."""
    zone = ZoneInfo(workspace.time_zone)
    if said.get("period", "").isdecimal() and int(said["period"]) in PERIODS:
        return clock.now() - dt.timedelta(days=int(said["period"])), None
    since, until = _day(said.get("since", "")), _day(said.get("until", ""))
    return (
        dt.datetime.combine(since, dt.time(), zone) if since else None,
        dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone) if until else None,
    )


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in GREGORIAN_YEARS else None  # beyond them a day later, or its name here, may not exist


def tabs(chosen: Filter, counts: dict[Band, int]) -> list[dict[str, Any]]:
    """All, bad, mixed, good, each with its number."""
    now = chosen.said.get("band", "")
    names = {"": _("All"), "bad": _("Unhappy"), "mixed": _("In between"), "good": _("Happy")}
    numbers = {"": sum(counts.values()), **{key: counts.get(band, 0) for key, band in BANDS.items()}}
    return [{"label": label, "url": chosen.url(band=key), "current": key == now, "count": numbers[key]} for key, label in names.items()]


def chips(chosen: Filter) -> list[dict[str, Any]]:
    """Survey, touchpoint, branch, period, with words; what came by a link from elsewhere can be taken away."""
    workspace, said = chosen.workspace, chosen.said
    found = [_chip(chosen, "survey", _("Survey"), _surveys(workspace))]
    for name, label in (("touchpoint", _("Touchpoint")), ("branch", _("Branch"))):
        codes = dict(Term.objects.filter(workspace=workspace, dimension=DIMENSIONS[name]).values_list("pk", "code"))
        found.append(_chip(chosen, name, label, [(codes[pk], text) for pk, text in places(workspace, DIMENSIONS[name])]))
    found.append(_chip(chosen, "period", _("All time"), [(str(days), _("Last %(n)s days") % {"n": num(days)}) for days in PERIODS]))
    found.append({"label": _("With words"), "on": bool(said.get("words")), "url": chosen.url(words="" if said.get("words") else "1")})
    for key in ("measure", "channel", "stage"):
        if key in said:
            found.append({"label": _name_of(chosen, key), "on": True, "url": chosen.url(**{key: ""})})
    if "since" in said or "until" in said:
        found.append({"label": _span(chosen), "on": True, "url": chosen.url(since="", until="")})
    return [chip for chip in found if chip.get("options") or chip.get("url")]


def _chip(chosen: Filter, key: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    now = chosen.said.get(key, "")
    listed = [{"label": text, "url": chosen.url(**{key: "" if code == now else code}), "current": code == now} for code, text in options]
    return {"label": dict(options).get(now, label), "on": bool(now), "options": listed}


def _surveys(workspace: Workspace) -> list[tuple[str, str]]:
    named = {survey.code: survey.label for survey in Survey.objects.filter(workspace=workspace).order_by("id")}
    return list(named.items()) + [(code, code) for code in known_surveys(workspace.pk) if code not in named]


def _name_of(chosen: Filter, key: str) -> str:
    dimension = Dimension.MEASURE if key == "measure" else DIMENSIONS[key]
    term = Term.objects.filter(workspace=chosen.workspace, dimension=dimension, code=chosen.said[key]).first()
    return term.label if term is not None else chosen.said[key]


def _span(chosen: Filter) -> str:
    since, until = (_day(chosen.said.get(key, "")) for key in ("since", "until"))
    if since and until:
        return _("%(since)s to %(until)s") % {"since": shortday(since), "until": shortday(until)}
    return _("Since %(day)s") % {"day": shortday(since)} if since else _("Until %(day)s") % {"day": shortday(until)}
