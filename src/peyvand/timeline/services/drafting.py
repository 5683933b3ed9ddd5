"""Drafts: items checked and turned into rows that lack only their integers and their identity, before any transaction.

Called by recording; the fast door calls it in a thread of its own while another group is being written.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from msgspec.structs import astuple

from peyvand.catalogue import services as catalogue
from peyvand.catalogue.queries import placed_terms
from peyvand.catalogue.services import clean_code
from peyvand.core import clock
from peyvand.core.bulk import Row
from peyvand.identities.models import Customer
from peyvand.identities.queries import shared_values
from peyvand.identities.types import IdentityKey
from peyvand.timeline.checking import Checker, check_perceptions, check_texts, properties_text
from peyvand.timeline.companies import company_code
from peyvand.timeline.kinds import Kind, kinds
from peyvand.timeline.services.numbers import Redactor
from peyvand.timeline.types import Item, Outcome, PerceptionIn, Refused, Status, Subject
from peyvand.workspaces.models import Workspace

DEFAULT_SOURCE: Final = "peyvand"
PLACED: Final = ("kind", "channel", "touchpoint", "stage", "source", "branch", "department", "employee", "device", "language")
MEMORY: Final = 10_000
REST: Final = len(PLACED)  # where the other fields of an item begin

Found = dict[tuple[str, str], int]


class Place(NamedTuple):
    """What the codes of an item come to, remembered since few combinations make up most of a timeline."""

    kind: Kind | None  # None: a kind the workspace declared
    fields: Mapping[str, str]  # of such a kind
    source: int
    ids: Row | None  # the integers of PLACED, as store.INTERACTION has them; None: one of them was never met


class Draft(msgspec.Struct, gc=False):
    """One item on its way in: `own` and `felt` are rows in the order of store.INTERACTION and store.PERCEPTION, without
    what the transaction gives: the first two values of `own`, the first one of each perception.
    """

    n: int
    identities: Sequence[IdentityKey]
    name: str
    source: int
    external_id: str | None
    own: list[Any]
    felt: Sequence[list[Any]]


class Drafted(msgspec.Struct):
    """What drafting made of items: drafts, items with a term never met, and refusals (None: not refused)."""

    facts: "Facts"
    drafts: list[Draft] = []
    unmet: list[tuple[int, Item]] = []
    outcomes: list[Outcome | None] = []


def facts_of(workspace_id: int) -> "Facts":
    """Read what drafting must know of a workspace; three light queries."""
    some_act = Exists(Customer.objects.filter(workspace=OuterRef("pk"), company__isnull=False))
    workspace = Workspace.objects.annotate(acts=some_act).values_list("phone_region", "currency", "acts", "default_language", "preferences")
    region, currency, for_companies, language, preferences = workspace.get(pk=workspace_id)
    own_kinds, stages = placed_terms(workspace_id)
    known, shared = catalogue.known(workspace_id), shared_values(workspace_id)
    return Facts(
        workspace_id, region, currency, own_kinds=own_kinds, stages=stages, known=known, for_companies=for_companies, shared=shared,
        redactor=Redactor(language, preferences),
    )  # fmt: skip


def draft(facts: "Facts", items: Sequence[Item]) -> Drafted:
    """Check items and draft their rows; reads nothing from the database and writes nothing."""
    row = facts.draft
    drafted = Drafted(facts, outcomes=[None] * len(items))
    keep = drafted.drafts.append
    for n, item in enumerate(items):
        try:
            keep(row(n, item))
        except KeyError:
            _put_by(drafted, n, item)
        except Refused as refused:
            drafted.outcomes[n] = Outcome(Status.REJECTED, None, refused.field, refused.reason)
    return drafted


def join(several: Sequence[Drafted]) -> Drafted:
    """One draft of many, all of one workspace, in their order. It takes the parts over: they are not to be used again."""
    if len(several) == 1:
        return several[0]
    joined = Drafted(several[0].facts)
    for part in several:
        offset = len(joined.outcomes)
        for one in part.drafts:
            one.n += offset
        joined.drafts += part.drafts
        joined.unmet += [(n + offset, item) for n, item in part.unmet]
        joined.outcomes += part.outcomes
    return joined


def _put_by(drafted: Drafted, n: int, item: Item) -> None:
    """Keep an item with a term never met for the transaction; a code that cannot be a term's is refused here."""
    for field, _dimension, code in _codes(item):
        if "\x00" in code:
            reason = _("holds a NUL character")
        elif not clean_code(code):
            reason = _("is blank; leave it out or give it a code")
        else:
            continue
        drafted.outcomes[n] = Outcome(Status.REJECTED, None, field, reason)
        return
    drafted.unmet.append((n, item))


def meet(drafted: Drafted) -> list[Draft]:
    """Every draft in the items' order: those with terms never met create them, in the caller's transaction."""
    if not drafted.unmet:
        return drafted.drafts
    wanted: dict[str, set[str]] = {}
    for _n, item in drafted.unmet:
        for _field, dimension, code in _codes(item):
            wanted.setdefault(dimension, set()).add(code)
    known: dict[str, dict[str, int]] = {}
    for (dimension, code), term_id in catalogue.resolve(drafted.facts.workspace_id, wanted).items():
        known.setdefault(dimension, {})[code] = term_id
    row = drafted.facts.with_terms(known).draft  # its memory goes with it: these terms are not committed yet
    return sorted([*drafted.drafts, *(row(n, item) for n, item in drafted.unmet)], key=lambda one: one.n)


def _codes(item: Item) -> Iterable[tuple[str, str, str]]:
    """Every (field, dimension, code) an item names or takes over from its kind."""
    usual = _usual(kinds().get(item.kind))
    for dimension in (*PLACED, "product"):
        if code := getattr(item, dimension) or usual.get(dimension):
            yield dimension, dimension, code
    if item.customer is not None and item.customer.company is not None:
        yield "customer.company", "company", company_code(item.customer.company)
    if item.subject is not None:
        yield "subject.type", "subject", item.subject.type
    for n, felt in enumerate(item.perceptions):
        yield f"perceptions[{n}].measure", "measure", felt.measure
        if felt.item:
            yield f"perceptions[{n}].item", "item", felt.item


class Facts:
    """What drafting must know of a workspace, good for a few seconds.

    Drafting one item raises Refused where it is bad, KeyError where it is good but names a code that is not known.
    """

    def __init__(
        self,
        workspace_id: int,
        region: str,
        currency: str,
        *,
        own_kinds: Mapping[str, Mapping[str, str]],  # kind → its fields
        stages: Mapping[int, int],  # touchpoint → stage
        known: Mapping[str, Mapping[str, int]],  # dimension → code → integer
        for_companies: bool = False,  # whether some customer acts for a company
        shared: frozenset[IdentityKey] = frozenset(),  # values that name nobody
        redactor: Redactor,
    ) -> None:
        self.workspace_id = workspace_id
        self.for_companies = for_companies
        self._region, self._currency, self._own_kinds, self._stages, self._known = region, currency, own_kinds, stages, known
        self._product, self._company, self._subject, self._measure, self._item = (
            known.get(name, {}) for name in ("product", "company", "subject", "measure", "item")
        )
        self._shared, self._redactor = shared, redactor
        self._checker = Checker(region=region, now=clock.now(), shared=shared)
        self._places: dict[tuple[str, ...], Place] = {}

    def with_terms(self, known: Mapping[str, Mapping[str, int]]) -> "Facts":
        """The same workspace with these terms alone, and nothing remembered."""
        return Facts(
            self.workspace_id, self._region, self._currency,
            own_kinds=self._own_kinds, stages=self._stages, known=known, for_companies=self.for_companies, shared=self._shared,
            redactor=self._redactor,
        )  # fmt: skip

    def draft(self, n: int, item: Item) -> Draft:
        """Check one item, then draft its rows."""
        values = astuple(item)  # one look at a struct for all of its fields: each by its name costs as much again
        codes: tuple[str, ...] = values[:REST]
        place = self._places.get(codes)
        if place is None:
            place = self._place(item.kind, codes)
        at, customer, product, subject, _properties, perceptions, amount, currency, *rest = values[REST:]
        occurred_at = self._checker.moment(at)
        identities = () if customer is None else self._checker.identities(customer)
        employer = None if customer is None or customer.company is None else company_code(customer.company)
        if perceptions:
            check_perceptions(perceptions)
            self._redactor.words(perceptions)
        properties = self._redactor.properties(properties_text(item, place.kind, place.fields))
        check_texts(item)
        if place.ids is None:
            raise KeyError(codes)
        felt = self._felt(perceptions) if perceptions else ()
        product = self._product[product] if product else None
        company = None if employer is None else self._company[employer]
        if amount is not None:
            currency = currency or self._currency
        own = [None, None, *place.ids, occurred_at, product, company, *self._about(subject), properties, amount, currency, *rest]
        name = "" if customer is None else self._redactor.name(customer.name)
        return Draft(n, identities, name, place.source, item.external_id, own, felt)

    def _about(self, subject: Subject | None) -> tuple[int | None, str | None]:
        return (None, None) if subject is None else (self._subject[subject.type], subject.id)

    def _place(self, kind_code: str, codes: tuple[str, ...]) -> Place:
        kind = kinds().get(kind_code)
        fields = self._own_kinds.get(kind_code)
        if kind is None and fields is None:
            reason = _("'%(kind)s' is not declared; declare it in settings or use one of the built-in kinds")
            raise Refused("kind", reason % {"kind": kind_code[:60]})
        given = _usual(kind) | {dimension: code for dimension, code in zip(PLACED, codes, strict=True) if code}
        try:
            ids = {dimension: self._known[dimension][code] for dimension, code in given.items()}
        except KeyError:
            return Place(kind, fields or {}, 0, None)
        if "stage" not in ids and "touchpoint" in ids and (stage := self._stages.get(ids["touchpoint"])):
            ids["stage"] = stage
        if len(self._places) >= MEMORY:
            self._places.clear()
        place = self._places[codes] = Place(kind, fields or {}, ids["source"], tuple(map(ids.get, PLACED)))
        return place

    def _felt(self, perceptions: list[PerceptionIn]) -> list[list[Any]]:
        return [
            [
                None,
                self._measure[felt.measure],
                self._item[felt.item] if felt.item else None,
                felt.value,
                *(felt.scale or (None, None)),
                felt.text or None,
                felt.sentiment,
            ]
            for felt in perceptions
        ]


def _usual(kind: Kind | None) -> dict[str, str]:
    """The codes an item has where it names none."""
    usual = {"source": DEFAULT_SOURCE}
    if kind is not None and kind.touchpoint:
        usual["touchpoint"] = kind.touchpoint
    if kind is not None and kind.channel:
        usual["channel"] = kind.channel
    return usual
