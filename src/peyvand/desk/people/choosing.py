"""What a list of customers is asked for in its address, and the chips, sorts and pages that lead on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from peyvand.cases.wording import stage_label
from peyvand.catalogue.queries import terms_of
from peyvand.catalogue.types import Dimension
from peyvand.core import clock, display
from peyvand.core.ids import private_id
from peyvand.customers.attributes import fitting
from peyvand.customers.models import AttributeDefinition, Company, LifecycleRules
from peyvand.customers.queries.companies import company_of, family
from peyvand.customers.queries.filters import Filters
from peyvand.customers.queries.listing import Listed, Wanted, read_cursor
from peyvand.customers.queries.search import read_search
from peyvand.customers.types import AttributeType, Band, Sort, Stage
from peyvand.desk.people.facts import attribute_text
from peyvand.desk.people.words import band_label, sort_label
from peyvand.workspaces.models import Workspace

Chip = dict[str, Any]
SEEN: Final = ("7", "30", "90", "365")
BANDS: Final = {"good": Band.GOOD, "mixed": Band.MIXED, "bad": Band.BAD, "none": Band.NONE}
REACH: Final = ("phone", "email", "none")
ATTRIBUTE: Final = "a."  # prefix of attribute filters in the address
WAYS: Final = (*Stage, *(f"{before}-{after}" for before in Stage for after in Stage if before is not after))
MOVED: Final = tuple(f"{way}.{days}" for way in WAYS for days in ("7", "30", "90", "365"))  # to which stage or from which, in how many days
KEPT_BOND: Final = "kept"  # known and not lost: of whom Pulse gives the median lifetime
KEPT: Final = ("q", "stage", "felt", "channel", "reach", "seen", "bond", "moved", "company", "sort")


class Moved(NamedTuple):
    """A move that is asked for: to a stage, from another one or from wherever, within so many days."""

    before: Stage | None
    after: Stage
    days: int


def moved_of(text: str) -> Moved | None:
    """One of MOVED in its parts, as `lost.30` or `loyal-at_risk.30`; None where nothing is asked for."""
    if not text:
        return None
    way, _dot, days = text.partition(".")
    before, _dash, after = way.rpartition("-")
    return Moved(Stage(before) if before else None, Stage(after), int(days))


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: plain texts, each one of its known values or empty."""

    workspace: Workspace
    words: Mapping[str, str]
    attributes: Mapping[str, str]
    page: str

    @property
    def query(self) -> str:
        """What is searched for."""
        return self.words["q"]

    @property
    def sort(self) -> Sort:
        """What the list is sorted by."""
        return Sort(self.words["sort"] or Sort.LAST_SEEN)

    @property
    def narrowed(self) -> bool:
        """Whether the list is searched or filtered."""
        return bool(self.attributes) or any(value for name, value in self.words.items() if name != "sort")

    @property
    def narrowing(self) -> dict[str, str]:
        """What a search in this list keeps: filters and order."""
        words = {**self.words, **{ATTRIBUTE + code: value for code, value in self.attributes.items()}}
        return {name: value for name, value in words.items() if value and name != "q"}

    def link(self, **changes: str) -> str:
        """The address of the same list with something changed, from its first page on."""
        words = {"q": self.query, **self.narrowing, **changes}
        kept = {name: value for name, value in words.items() if value}
        return "?" + urlencode(kept) if kept else "?"


def asked(workspace: Workspace, given: QueryDict) -> Asked:
    """Read an address; what is not known is left out."""
    words = {name: given.get(name, "").strip()[:200] for name in KEPT}
    known: dict[str, tuple[str, ...]] = {
        "stage": tuple(Stage),
        "felt": tuple(BANDS),
        "reach": REACH,
        "seen": SEEN,
        "bond": (KEPT_BOND,),
        "moved": MOVED,
        "sort": tuple(Sort),
    }
    for name, values in known.items():
        if words[name] not in values:
            words[name] = ""
    if _company_of(workspace, words["company"]) is None:
        words["company"] = ""
    codes = set(AttributeDefinition.objects.filter(workspace=workspace).values_list("code", flat=True))
    attributes = {
        name.removeprefix(ATTRIBUTE): value[:200]
        for name, value in given.items()
        if name.startswith(ATTRIBUTE) and isinstance(value, str) and value and name.removeprefix(ATTRIBUTE) in codes
    }
    return Asked(workspace, words, attributes, given.get("page", ""))


def wanted(ask: Asked, *, contacts: bool, size: int) -> Wanted:
    """The list that is asked for."""
    workspace = ask.workspace
    search = read_search(workspace.pk, workspace.phone_region, ask.query, contacts=contacts) if ask.query else None
    return Wanted(workspace, search, filters(ask), ask.sort, read_cursor(workspace, ask.sort, ask.page), size)


def filters(ask: Asked) -> Filters:
    """The filters an address asks for."""
    words, moved = ask.words, moved_of(ask.words["moved"])
    channels = {term.code: term.pk for term in terms_of(ask.workspace.pk, Dimension.CHANNEL)} if words["channel"] else {}
    types = dict(AttributeDefinition.objects.filter(workspace=ask.workspace).values_list("code", "type")) if ask.attributes else {}
    return Filters(
        phone={"phone": True, "none": False}.get(words["reach"]),
        email={"email": True, "none": False}.get(words["reach"]),
        channel=channels.get(words["channel"], 0) if words["channel"] else None,
        band=BANDS.get(words["felt"]),
        stage=Stage(words["stage"]) if words["stage"] else None,
        seen_since=clock.now() - timedelta(days=int(words["seen"])) if words["seen"] else None,
        kept=words["bond"] == KEPT_BOND,
        moved_from=moved.before if moved else None,
        moved_to=moved.after if moved else None,
        moved_since=clock.now() - timedelta(days=moved.days) if moved else None,
        rules=LifecycleRules.of(ask.workspace.pk),
        companies=tuple(family(company)) if (company := _company(ask)) else None,
        attributes={code: fitting(types.get(code, ""), value) for code, value in ask.attributes.items()},
    )


def chips(ask: Asked) -> list[Chip]:
    """Filters as chips; one that narrows says so and can be taken away."""
    found = [
        _chip(ask, "stage", _("Relationship"), {stage.value: stage_label(stage) for stage in Stage}),
        _chip(ask, "moved", _("Moved lately"), moved_words(ask)),
        _chip(ask, "felt", _("Last score"), {name: band_label(band) for name, band in BANDS.items()}),
        _chip(ask, "channel", _("Last channel"), {term.code: term.label for term in terms_of(ask.workspace.pk, Dimension.CHANNEL)}),
        _chip(ask, "reach", _("Reachable"), {"phone": _("Has a phone"), "email": _("Has an e-mail"), "none": _("Cannot be reached")}),
        _chip(ask, "seen", _("Last seen"), {days: _("In %(n)s days") % {"n": display.num(int(days))} for days in SEEN}),
    ]
    if ask.words["bond"]:
        found.append({"label": _("Known and not lost"), "on": True, "url": ask.link(bond="")})
    if company := _company(ask):
        found.append({"label": str(company), "on": True, "url": ask.link(company="")})
    definitions = AttributeDefinition.objects.filter(workspace=ask.workspace, archived=False)
    return found + [chip for definition in definitions if (chip := _attribute_chip(ask, definition))]


def moved_words(ask: Asked) -> dict[str, str]:
    """What to narrow to by moves: each stage in the last 30 days, and what is asked for already."""
    shown = {f"{stage}.30" for stage in Stage if stage is not Stage.STRANGER} | ({ask.words["moved"]} - {""})
    return {value: _moved_text(moved) for value in MOVED if value in shown and (moved := moved_of(value))}


def _moved_text(moved: Moved) -> str:
    words = {"stage": stage_label(moved.after), "n": display.num(moved.days)}
    if moved.before is None:
        return _("To %(stage)s in %(n)s days") % words
    return _("From %(before)s to %(stage)s in %(n)s days") % {**words, "before": stage_label(moved.before)}


def _company(ask: Asked) -> Company | None:
    return _company_of(ask.workspace, ask.words["company"])


def _company_of(workspace: Workspace, pid: str) -> Company | None:
    integer = private_id(bytes(workspace.id_key), pid) if pid else None
    return company_of(workspace, integer) if integer is not None else None


def _chip(ask: Asked, name: str, label: str, options: Mapping[str, str]) -> Chip:
    current = ask.words[name]
    if current:
        return {"label": options.get(current, current), "on": True, "url": ask.link(**{name: ""})}
    return {"label": label, "on": False, "options": [{"label": text, "url": ask.link(**{name: value})} for value, text in options.items()]}


def _attribute_chip(ask: Asked, definition: AttributeDefinition) -> Chip | None:
    """A chip for attributes with few values; others are filtered by from a customer's page."""
    name, current = ATTRIBUTE + definition.code, ask.attributes.get(definition.code, "")
    if current:
        value = fitting(definition.type, current)
        label = f"{definition.label}: {attribute_text(definition.type, value if value is not None else current)}"
        return {"label": label, "on": True, "url": ask.link(**{name: ""})}
    if definition.type == AttributeType.YES_NO:
        options = {"true": _("Yes"), "false": _("No")}
    elif definition.type == AttributeType.CHOICE:
        options = {choice: choice for choice in definition.choices}
    else:
        return None
    links = [{"label": text, "url": ask.link(**{name: value})} for value, text in options.items()]
    return {"label": definition.label, "on": False, "options": links}


def sorts(ask: Asked) -> dict[str, dict[str, object]]:
    """Heads of columns that sort: name → label, address, and whether it sorts now."""
    return {
        sort.value: {
            "label": sort_label(sort),
            "url": ask.link(sort="" if sort is Sort.LAST_SEEN else sort.value),
            "on": sort is ask.sort,
            "rising": sort is Sort.NAME,
        }
        for sort in Sort
    }


def pager(ask: Asked, page: Listed) -> dict[str, str]:
    """The pages beside this one, as parts/pager.html wants them."""
    return {
        "previous_url": ask.link(page=page.previous) if page.previous else "",
        "next_url": ask.link(page=page.following) if page.following else "",
        "summary": "",
    }
