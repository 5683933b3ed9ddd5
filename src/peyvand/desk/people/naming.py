"""Names of what events point to: terms, members, other events. Read once for a part of a timeline."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from peyvand.catalogue.models import Term
from peyvand.catalogue.types import Dimension
from peyvand.timeline.kinds import kinds
from peyvand.timeline.queries import field_labels
from peyvand.timeline.types import Event
from peyvand.workspaces.models import Member, Workspace


@dataclass(frozen=True, slots=True)
class Names:
    """Labels in the reader's language for everything some events name."""

    terms: dict[int, str]
    coded: dict[tuple[str, str], str]
    people: dict[str, str]
    fields: dict[str, dict[str, str]] = field(default_factory=dict)  # own kind → what its fields are called

    def of(self, event: Event, dimension: str) -> str:
        """The label of an event's term; empty where it has none. People by their name."""
        code = event.codes.get(dimension, "")
        if dimension == Dimension.EMPLOYEE and code in self.people:
            return self.people[code]
        return self.terms.get(event.term_ids.get(dimension, 0), "")

    def coded_as(self, dimension: str, code: str) -> str:
        """The label of a code that is no column: a measure, an item, a kind, a carrier."""
        return self.coded.get((dimension, code), code.replace("_", " "))

    def kind(self, event: Event, language: str) -> str:
        """What the event's kind is called."""
        declared = kinds().get(event.kind)
        return declared.label(language) if declared else self.coded_as(Dimension.KIND, event.kind)


def names_for(workspace: Workspace, events: Iterable[Event]) -> Names:
    """Read the names that these events need."""
    events = list(events)
    ids = {term_id for event in events for term_id in event.term_ids.values()}
    codes = {(Dimension.KIND.value, event.kind) for event in events if event.kind not in kinds()}
    for event in events:
        for felt in event.perceptions:
            codes |= {(Dimension.MEASURE.value, felt.measure), (Dimension.ITEM.value, felt.item)}
        codes |= {(Dimension.PRODUCT.value, code) for code in _products(event)} | {(Dimension.SOURCE.value, event.source)}
    coded = _coded(workspace, codes)
    fields = {term.code: field_labels(term) for term in coded if term.dimension == Dimension.KIND}
    labels = {(term.dimension, term.code): term.label for term in coded}
    return Names({term.pk: term.label for term in _standing(ids)}, labels, _people(workspace, events), fields)


def _products(event: Event) -> Iterable[str]:
    sku = event.properties.get("sku")
    return [sku] if isinstance(sku, str) else []


def _standing(ids: Collection[int]) -> list[Term]:
    """The terms, each merged one in the place of the one that stands for it."""
    found = []
    for term in Term.objects.filter(pk__in=ids).select_related("merged_into"):
        if term.merged_into is not None:
            term.names, term.code = term.merged_into.names, term.merged_into.code
        found.append(term)
    return found


def _coded(workspace: Workspace, codes: Collection[tuple[str, str]]) -> list[Term]:
    wanted = {code for _dimension, code in codes if code}
    if not wanted:
        return []
    terms = Term.objects.filter(workspace=workspace, dimension__in={dimension for dimension, _code in codes}, code__in=wanted)
    return list(terms)


def _people(workspace: Workspace, events: Iterable[Event]) -> dict[str, str]:
    emails = {code for event in events if "@" in (code := event.codes.get("employee", ""))}
    if not emails:
        return {}
    members = Member.objects.filter(workspace=workspace, user__email__in=emails).select_related("user")
    return {member.user.email: str(member.user) for member in members}
