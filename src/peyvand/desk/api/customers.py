"""Customers for programs: the list with the filters of its page, and one customer with what is known of them."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.http import Http404, QueryDict
from ninja import Query, Router, Schema, Status
from pydantic import Field

from peyvand.catalogue.queries import term_names
from peyvand.channels.models import RefusedAddress
from peyvand.channels.queries import refusals_of
from peyvand.channels.services import lift_refusal
from peyvand.core import clock
from peyvand.core.masking import readable
from peyvand.customers.attributes import LONGEST, Value, fitting
from peyvand.customers.lifecycle import stage_of
from peyvand.customers.models import AttributeDefinition, Profile
from peyvand.customers.queries.companies import company_for
from peyvand.customers.queries.consent import standing_consents
from peyvand.customers.queries.listing import Count, count, listed, seen
from peyvand.customers.queries.people import identities_of, profile_of
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.merging import split_off
from peyvand.customers.services.people import add_customer, add_identity, remove_identity, rename, save_details, save_preferences
from peyvand.customers.types import NEVER, AttributeType, Band, Hour, Purpose, Sort, Stage
from peyvand.desk.people import choosing
from peyvand.desk.people.contacts import plain, value_shown
from peyvand.desk.people.finding import person
from peyvand.identities.models import Customer, Identity
from peyvand.identities.normal import IdentityRefused
from peyvand.identities.services.resolving import IdentityError
from peyvand.identities.types import VALUE_LENGTH, IdentityType
from peyvand.timeline.types import Refused as NotRecorded
from peyvand.workspaces.bearer import KeyRequest, Refused, opens, own, pid, sees_contacts
from peyvand.workspaces.services import note_bulk_view
from peyvand.workspaces.strict import Said
from peyvand.workspaces.types import Scope

ROUTER = Router(tags=["customers"])
COUNTED = ("lifetime_days", "interactions", "contacts", "purchases", "bought", "purchase_total", "currency")
PLAIN = ("language", "has_phone", "has_email", *COUNTED)
Way = Literal["own_id", "phone", "email", "messenger"]


class RefusalTold(Schema):
    """Why no message goes to an address: it was refused there for good."""

    at: dt.datetime
    reason: str


class IdentityTold(Schema):
    """One way by which a customer is known."""

    id: str
    type: str
    value: str = Field(description="hidden in part from keys without `contacts.see`")
    refused: RefusalTold | None = Field(description="no mail goes there until `DELETE …/refusal`")


class ScoreTold(Schema):
    """A score on its scale."""

    measure: str
    value: float
    low: float | None
    high: float | None
    band: Literal["none", "bad", "mixed", "good"]
    at: dt.datetime


class CustomerTold(Schema):
    """A customer as lists show one; amounts in the minor unit of `currency`."""

    id: str
    name: str
    language: str
    stage: Stage
    first_seen_at: dt.datetime | None
    last_seen_at: dt.datetime | None
    lifetime_days: int = Field(description="whole days from the first sight to the last")
    interactions: int
    contacts: int = Field(description="calls, messages and the like")
    purchases: int
    bought: int = Field(description="purchases, or deliveries where more of those are known")
    purchase_total: int
    currency: str
    last_score: ScoreTold | None
    last_channel: str = Field(description="of the last contact")
    has_phone: bool
    has_email: bool
    attributes: dict[str, Value]


class ConsentTold(Schema):
    """A word that stands."""

    purpose: str
    channel: str
    granted: bool
    at: dt.datetime
    source: str


class Employer(Schema):
    """A company, and since when somebody acts for it."""

    id: str
    name: str
    since: dt.datetime


class CustomerWhole(CustomerTold):
    """A customer with everything but the timeline, which `GET /interactions?customer=…` tells."""

    identities: list[IdentityTold]
    consents: list[ConsentTold]
    preferences: dict[str, str]
    company: Employer | None = Field(description="for whom they act")


class CustomerPage(Schema):
    """Customers in the order that was asked for."""

    items: list[CustomerTold]
    next: str
    n: int | None = Field(description="how many there are; null unless `count` was asked for")
    at_least: bool = Field(description="so far was counted: there are `n` or more")


class CustomersAsked(Schema):
    """The search and the filters of the page; an attribute is filtered by `a.<code>=<value>`."""

    after: str = Field("", description="`next` of an earlier answer with the same filters; empty: from the beginning")
    limit: int = Field(50, ge=1, le=200)
    q: str = Field("", max_length=200, description="a name, a number, an address")
    stage: Stage | None = None
    felt: Literal["good", "mixed", "bad", "none"] | None = None
    channel: str = Field("", description="the channel of the last contact")
    reach: Literal["phone", "email", "none"] | None = None
    seen: Literal["7", "30", "90", "365"] | None = Field(None, description="within so many days")
    moved: str = Field("", max_length=40, description="to a stage within 7, 30, 90 or 365 days: `lost.30`; from one: `loyal-at_risk.30`")
    company: str = Field("", max_length=40, description="the id of a company they act for")
    bond: Literal["kept"] | None = Field(None, description="known and not lost")
    sort: Sort = Sort.LAST_SEEN
    count: bool = Field(default=False, description="count them too, up to 50,000")


class NewIdentity(Said):
    """One way by which a customer is known."""

    type: Way
    value: str = Field(
        min_length=1, max_length=VALUE_LENGTH, description="a messenger is written with its name before it: telegram:negar_s"
    )


class NewCustomer(Said):
    """A new customer."""

    name: str = Field("", max_length=160)
    identities: list[NewIdentity] = Field(min_length=1, max_length=4, description="one of a type at most")


class PreferencesIn(Said):
    """How and when a customer likes to be reached; all of it is replaced."""

    channel: str = Field("", max_length=24)
    hour: Hour | Literal[""] = ""
    note: str = Field("", max_length=300)


class CustomerChange(Said):
    """What changes; what is left out stays, an attribute that is null goes."""

    name: str | None = Field(None, max_length=160)
    language: str | None = Field(None, max_length=8)
    attributes: dict[str, Value | None] = Field({}, max_length=100)
    preferences: PreferencesIn | None = None


class NewConsent(Said):
    """What a customer just said."""

    purpose: Purpose
    channel: str = Field("any", min_length=1, max_length=24, pattern=r"^[a-z][a-z0-9_]*$")
    granted: bool
    note: str = Field("", max_length=300)


@opens(ROUTER.get, "/customers", Scope.CUSTOMERS_READ, response=CustomerPage, summary="Customers: searched, filtered, sorted")
def customers(request: KeyRequest, asked: Annotated[CustomersAsked, Query()]) -> dict[str, Any]:
    """Page by page; who comes in meanwhile moves nobody to another page."""
    sees = sees_contacts(request)
    words = QueryDict(mutable=True)
    words.update({name: str(value) for name, value in asked.model_dump(exclude={"after", "limit", "count"}).items() if value})
    words.update({name: request.GET[name] for name in request.GET if name.startswith(choosing.ATTRIBUTE)})
    words["page"] = asked.after
    ask = choosing.asked(request.workspace, words)
    wanted = choosing.wanted(ask, contacts=sees, size=asked.limit)
    if asked.after and wanted.cursor is None:
        raise Refused(400, "bad-cursor", "after: give `next` of an earlier answer of this list as it was.", "after")
    found = listed(wanted)
    counted = seen(found, count(wanted)) if asked.count else Count(0)
    note_bulk_view(member=request.member, action="customers.listed", detail={"contacts": sees})
    return {
        "items": [_told(request, profile) for profile in found.profiles],
        "next": found.following,
        "n": counted.n if asked.count else None,
        "at_least": counted.more,
    }


@opens(ROUTER.post, "/customers", Scope.CUSTOMERS_WRITE, response={201: CustomerWhole}, summary="Add a customer")
def new_customer(request: KeyRequest, said: NewCustomer) -> Status[dict[str, Any]]:
    """Refused where somebody is known by one of these already."""
    given = {str(one.type): one.value for one in said.identities}
    if len(given) < len(said.identities):
        raise Refused(422, "invalid", "identities: give one of a type at most; add others afterwards.", "identities")
    made = checked(lambda: add_customer(workspace=request.workspace, name=said.name, given=given, actor=request.member.user))
    return Status(201, whole(request, pid(request, made.pk)))


@opens(ROUTER.get, "/customers/{customer}", Scope.CUSTOMERS_READ, response=CustomerWhole, summary="One customer")
def one_customer(request: KeyRequest, customer: str) -> dict[str, Any]:
    """Who was merged into another one is answered as that one, with its id."""
    found = person(request.workspace, customer)
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    if found is None:
        raise Http404
    return whole(request, pid(request, found.pk))


@opens(ROUTER.patch, "/customers/{customer}", Scope.CUSTOMERS_WRITE, response=CustomerWhole, summary="Change a customer")
def change_customer(request: KeyRequest, customer: str, said: CustomerChange) -> dict[str, Any]:
    """Name, language, attributes, preferences."""
    found, actor = customer_of(request, customer), request.member.user
    attributes = _attributes(request, said.attributes)
    if said.language is not None and said.language not in ("", *request.workspace.languages):
        raise Refused(422, "invalid", f"language: one of {', '.join(request.workspace.languages)}.", "language")
    if said.name is not None and said.name.strip() != found.name:
        rename(customer=found, name=said.name, actor=actor)
    if attributes or said.language is not None:
        language = said.language if said.language is not None else profile_of(found).language
        checked(lambda: save_details(customer=found, attributes=attributes, language=language, actor=actor))
    if said.preferences is not None:
        wishes = said.preferences
        save_preferences(customer=found, channel=wishes.channel, hour=str(wishes.hour), note=wishes.note, actor=actor)
    return whole(request, customer)


@opens(
    ROUTER.post,
    "/customers/{customer}/identities",
    Scope.CUSTOMERS_WRITE,
    response={201: CustomerWhole},
    summary="One more way to know a customer",
)
def new_identity(request: KeyRequest, customer: str, said: NewIdentity) -> Status[dict[str, Any]]:
    """Refused where it belongs to somebody else."""
    found = customer_of(request, customer)
    checked(lambda: add_identity(customer=found, type_name=said.type, value=said.value, actor=request.member.user))
    return Status(201, whole(request, customer))


@opens(
    ROUTER.delete,
    "/customers/{customer}/identities/{identity}",
    Scope.CUSTOMERS_WRITE,
    response=CustomerWhole,
    summary="Take a way to know away",
)
def drop_identity(request: KeyRequest, customer: str, identity: str) -> dict[str, Any]:
    """For what was typed by mistake: refused for the last one, and where something happened by it."""
    row = own(request, Identity.objects.filter(customer=customer_of(request, customer)), identity)
    checked(lambda: remove_identity(identity=row, actor=request.member.user))
    return whole(request, customer)


@opens(
    ROUTER.delete,
    "/customers/{customer}/identities/{identity}/refusal",
    Scope.CUSTOMERS_WRITE,
    response=CustomerWhole,
    summary="Let mails go to an address again",
)
def lift_refused(request: KeyRequest, customer: str, identity: str) -> dict[str, Any]:
    """Where it was refused for good: once you know that somebody takes mails there. Where nothing stood against it, nothing changes."""
    row = own(request, Identity.objects.filter(customer=customer_of(request, customer)), identity)
    lift_refusal(identity=row, channel_kind="email", actor=request.member.user)
    return whole(request, customer)


@opens(
    ROUTER.post,
    "/customers/{customer}/identities/{identity}/split",
    Scope.CUSTOMERS_WRITE,
    response={201: CustomerWhole},
    summary="Make a customer of their own of one identity",
)
def split_identity(request: KeyRequest, customer: str, identity: str) -> Status[dict[str, Any]]:
    """Its history goes with it; the answer is the new customer."""
    row = own(request, Identity.objects.filter(customer=customer_of(request, customer)), identity)
    made = checked(lambda: split_off(identity=row, actor=request.member.user))
    return Status(201, whole(request, pid(request, made.pk)))


@opens(
    ROUTER.post, "/customers/{customer}/consents", Scope.CUSTOMERS_WRITE, response={201: CustomerWhole}, summary="Keep a customer's word"
)
def new_consent(request: KeyRequest, customer: str, said: NewConsent) -> Status[dict[str, Any]]:
    """The word said last counts; `any` speaks for every channel."""
    found = customer_of(request, customer)
    set_consent(
        customer=found,
        purpose=said.purpose,
        channel=said.channel,
        granted=said.granted,
        note=said.note,
        source="api",
        actor=request.member.user,
    )
    return Status(201, whole(request, customer))


def checked(do: Callable[[], Any]) -> Any:
    """What a service gives, its refusals told as problems."""
    try:
        return do()
    except (IdentityRefused, IdentityError) as error:
        raise Refused(422, "not-possible", str(error)) from None
    except NotRecorded as error:
        raise Refused(422, "invalid", str(error), error.field) from None


def customer_of(request: KeyRequest, text: str) -> Customer:
    """The customer of a public id who stands for themselves. Raises Http404."""
    found = person(request.workspace, text)
    if found is None or found.merged_into is not None:
        raise Http404
    return found


def _attributes(request: KeyRequest, said: dict[str, Value | None]) -> dict[str, Value | None]:
    """Values as their attributes keep them. Raises Refused for an attribute nobody declared and a value that does not fit."""
    known = {one.code: one for one in AttributeDefinition.objects.filter(workspace=request.workspace, archived=False)}
    fit: dict[str, Value | None] = {}
    for code, value in said.items():
        one = known.get(code)
        if one is None:
            raise Refused(
                422, "unknown-attribute", f"attributes.{code}: there is no such field; add it in the settings.", f"attributes.{code}"
            )
        fit[code] = fitting(one.type, value)
        outside = one.type == AttributeType.CHOICE and fit[code] not in (None, *one.choices)
        if (value is not None and fit[code] is None) or outside or len(str(value)) > LONGEST:
            raise Refused(422, "invalid", f"attributes.{code}: this does not fit the field's type, {one.type}.", f"attributes.{code}")
    return fit


def _told(request: KeyRequest, profile: Profile) -> dict[str, Any]:
    sees = sees_contacts(request)
    words = {name: getattr(profile, name) for name in PLAIN}
    return words | {
        "id": pid(request, profile.customer_id),
        "name": readable(profile.customer.name, sees=sees),
        "stage": stage_of(profile.standing, clock.now()),
        "first_seen_at": profile.first_seen_at if profile.first_seen_at != NEVER else None,
        "last_seen_at": profile.last_seen_at if profile.last_seen_at != NEVER else None,
        "last_score": _score(profile),
        "last_channel": _code(profile.last_channel),
        "attributes": {code: value_shown(value, sees=sees) for code, value in profile.attributes.items()},
    }


def _score(profile: Profile) -> dict[str, Any] | None:
    if profile.last_score_at is None or profile.last_value is None:
        return None
    return {
        "measure": _code(profile.last_measure),
        "value": profile.last_value,
        "low": profile.last_low,
        "high": profile.last_high,
        "band": Band(profile.last_band).name.lower(),
        "at": profile.last_score_at,
    }


def _code(term_id: int | None) -> str:
    """The code of a term that a profile holds."""
    name = term_names((term_id,)).get(term_id) if term_id is not None else None
    return name.code if name is not None else ""


def whole(request: KeyRequest, customer: str) -> dict[str, Any]:
    """A customer with everything but the timeline."""
    found = person(request.workspace, customer)
    if found is None:
        raise Http404
    sees, profile, place = sees_contacts(request), profile_of(found), company_for(found)
    words, refused = standing_consents(found.pk).values(), refusals_of(found)
    return _told(request, profile) | {
        "identities": [_identity(request, one, refused.get(one.pk)) for one in identities_of(found)],
        "consents": [{name: getattr(one, name) for name in ("purpose", "channel", "granted", "at", "source")} for one in words],
        "preferences": {name: readable(text, sees=sees) for name, text in profile.preferences.items()},
        "company": {"id": pid(request, place.company.pk), "name": str(place.company), "since": place.since} if place else None,
    }


def _identity(request: KeyRequest, identity: Identity, refused: RefusedAddress | None) -> dict[str, Any]:
    sees = sees_contacts(request)
    return {
        "id": pid(request, identity.pk),
        "type": IdentityType(identity.type).name.lower(),
        "value": plain(identity.type, identity.value, sees=sees),
        "refused": {"at": refused.at, "reason": readable(refused.reason, sees=sees)} if refused is not None else None,
    }
