"""What a rule parted from its person cannot be put together with them again: no number, reference or moment leads there."""

import datetime as dt

import pytest
from django.db.models import Count, Sum

from peyvand.cases.models import Case, CaseEvent
from peyvand.cases.services import close
from peyvand.cases.types import Outcome
from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.customers.models import Consent, Membership, Profile
from peyvand.customers.services.counting import recount
from peyvand.customers.services.moments import add_words, record_opinion
from peyvand.identities.models import Customer, Identity
from peyvand.privacy.models import CountAgain
from peyvand.privacy.services.retaining import retain
from peyvand.privacy.services.rules import keep_for
from peyvand.privacy.tests.canaries import settle
from peyvand.privacy.tests.paths import persons_from, spread_keys
from peyvand.surveys.models import Answer, Invitation, Response, SurveyCount
from peyvand.surveys.services.answering import LinkClosed, closed_as, keep_score, submit
from peyvand.surveys.services.editing import set_active
from peyvand.timeline.lake import places
from peyvand.timeline.models import Interaction, Perception
from peyvand.timeline.services import record
from peyvand.timeline.types import CompanyIn, ConsentIn, CustomerIn, IdentityIn, Item, Subject

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = dt.timedelta(days=366)
ORDER = 99_213  # a number that is the key of no row


def answer(invitation: Invitation, score: int, *, words: str = "") -> Response:
    Invitation.objects.filter(pk=invitation.pk).update(state="sent", sent_at=clock.now())
    keep_score(invitation=invitation, score=score, language="fa")
    submit(invitation=invitation, reasons=[], words="", partial=True)
    settle()
    found = submit(invitation=invitation, reasons=[], words=words)
    settle()
    return found


@pytest.fixture
def sara(brand) -> Customer:
    """A customer who was delivered, asked, unhappy, called, asked again and heard at the counter; the brand has a second one."""
    spread_keys()
    member = brand.members.get()
    set_active(survey=brand.surveys.get(), active=True, actor=member.user)
    known = CustomerIn(
        identities=[IdentityIn("email", "sara@post.example")],
        name="Sara Rad",
        consents=[ConsentIn("survey", "email", granted=True)],
        company=CompanyIn(name="Rad & Co"),
    )
    delivered = Item(
        kind="order.delivered",
        occurred_at=clock.now(),
        customer=known,
        source="shop",
        external_id=f"shop-{ORDER}",
        subject=Subject("order", str(ORDER)),
        properties={"late": True, "order": ORDER, "parcels": 3},
    )
    record(brand.pk, delivered)
    settle()
    customer = Identity.objects.get(value="sara@post.example").customer
    answer(Invitation.objects.get(), 2, words="nobody came")
    close(case=Case.objects.get(), actor=member, outcome=Outcome.SOLVED)
    settle()
    answer(Invitation.objects.get(case__isnull=False), 9, words="all is well")
    add_words(customer=customer, recorded=record_opinion(customer=customer, score=1, actor=member.user), text="loud", actor=member.user)
    settle()
    other = CustomerIn(identities=[IdentityIn("email", "mina@post.example")], name="Mina Far")
    record(brand.pk, Item(kind="order.delivered", occurred_at=clock.now(), customer=other, source="shop"))
    settle()
    return customer


def figures() -> dict[str, object]:
    """What is counted and shown, whoever it was of."""
    interactions, felt = (places.open_table(table).to_pyarrow_table() for table in (places.INTERACTIONS, places.PERCEPTIONS))
    rollups = places.open_table(places.ROLLUPS).to_pyarrow_table().select(["day", "dimension", "n"]).to_pylist()
    return {
        "kinds": dict(Interaction.objects.values_list("kind").annotate(n=Count("pk"))),
        "scores": sorted(Perception.objects.values_list("measure", "value"), key=str),
        "answers": sorted(Answer.objects.values_list("survey", "measure", "value", "band", "main"), key=str),
        "sent": SurveyCount.objects.aggregate(sent=Sum("sent"), declined=Sum("declined")),
        "invitations": sorted(Invitation.objects.values_list("survey", "state")),
        "cases": sorted(Case.objects.values_list("number", "state", "score_before", "score_after", "contact_work_s"), key=str),
        "course": sorted(CaseEvent.objects.values_list("type", "value", "at"), key=str),
        "consents": sorted(Consent.objects.values_list("purpose", "channel", "granted", "at")),
        "companies": sorted(Membership.objects.values_list("company", "since", "until"), key=str),
        "lake": sorted(zip(interactions["kind"].to_pylist(), interactions["occurred_at"].cast("date32").to_pylist(), strict=True)),
        "lake scores": sorted(zip(map(str, felt["value"].to_pylist()), felt["measure"].to_pylist(), strict=True)),
        "rollups": sorted(str(row) for row in rollups if row["n"]),
    }


def part(brand, kind: str | None, loss: str = "person") -> list[int]:
    """Let everything of a kind become old by a rule; gives its keys."""
    term = None if kind is None else Term.objects.get(workspace=brand, dimension="kind", code=kind).pk
    wanted = Interaction.objects.all() if term is None else Interaction.objects.filter(kind=term)
    ids = list(wanted.values_list("pk", flat=True))
    with clock.frozen(clock.now() + YEAR):
        keep_for(workspace=brand, kind=term, months=6, loss=loss, actor=brand.members.get().user)
        while retain():
            pass
        settle()
        while retain():
            pass
    return ids


KINDS = ("order.delivered", "survey.answered", "case.opened", "case.closed", "opinion.spoken", None)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leads_from_what_was_parted_to_anybody_and_all_is_counted_on(brand, sara, kind):
    code = {"kind__in": Term.objects.filter(workspace=brand, dimension="kind", code=kind).values("pk")} if kind else {}
    before, told = list(Interaction.objects.filter(**code).values_list("pk", flat=True)), figures()
    assert all(persons_from(one) for one in before)

    ids = part(brand, kind)

    assert ids == before
    assert persons_from(*ids) == set()
    assert figures() == told
    assert not CountAgain.objects.exists()
    profile = Profile.objects.filter(pk=sara.pk).values().get()
    recount([sara.pk])
    assert Profile.objects.filter(pk=sara.pk).values().get() == profile
    assert Customer.objects.get(pk=sara.pk).name == "Sara Rad"


@pytest.mark.parametrize("kind", ["survey.answered", "order.delivered"])
def test_nothing_that_is_somebodys_names_what_went_whole(brand, sara, kind):
    said, member_of = Consent.objects.count(), Membership.objects.count()
    ids = part(brand, kind, "whole")
    assert not Interaction.objects.filter(pk__in=ids).exists()
    assert persons_from(*ids) == set()
    assert (Consent.objects.count(), Membership.objects.count()) == (said, member_of)


def test_properties_that_name_a_row_go_and_what_figures_are_cut_by_stays(brand, sara):
    part(brand, None)
    kept = dict(Interaction.objects.values_list("kind", "properties"))
    codes = {term.code: kept[term.pk] for term in Term.objects.filter(pk__in=kept)}
    assert codes["order.delivered"] in (None, '{"late":true,"parcels":3}')  # the second customer's told nothing
    assert codes["case.opened"] in ('{"score":2.0}', '{"score":1.0}')
    assert codes["case.closed"] == '{"outcome":"solved","ask_again":true,"score_before":2.0}'


def test_a_link_whose_answer_was_parted_takes_no_second_one(brand, sara):
    first = Invitation.objects.get(case=None, customer=sara)
    part(brand, "survey.answered")
    assert (Response.objects.count(), Invitation.objects.get(pk=first.pk).state) == (0, "answered")
    again = Invitation.objects.select_related("response").get(pk=first.pk)
    assert closed_as(again) == "answered"
    answers = Answer.objects.count()
    with pytest.raises(LinkClosed):
        keep_score(invitation=again, score=10, language="fa")
    settle()
    assert Answer.objects.count() == answers


@pytest.mark.parametrize("loss", ["texts", "person"])
def test_words_that_also_filled_an_earlier_case_go_from_there_too(brand, sara, loss):
    member = brand.members.get()
    for case in Case.objects.exclude(state="closed"):
        close(case=case, actor=member, outcome=Outcome.SOLVED, ask_again=False)
    settle()
    again = record_opinion(customer=sara, score=5, actor=member.user)
    settle()
    CaseEvent.objects.filter(type="again", interaction=None).update(text="heard at the counter")  # as a score with words leaves it
    unasked = CaseEvent.objects.get(type="again", interaction=None)
    assert unasked.at == Interaction.objects.get(pk=again.interaction_id).occurred_at
    noted = CaseEvent.objects.create(case=unasked.case, type="note", text="called twice", at=unasked.at)
    part(brand, "opinion.spoken", loss)
    unasked.refresh_from_db()
    noted.refresh_from_db()
    assert (unasked.text, noted.text) == ("", "called twice")
