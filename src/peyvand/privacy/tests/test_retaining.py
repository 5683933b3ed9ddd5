"""Rules of retention: the old loses what the rule says, the young nothing, once, also after a kill."""

import datetime as dt

import pytest
from django.utils.translation import override

from peyvand.cases.models import Case, CaseEvent
from peyvand.catalogue.models import Term
from peyvand.core import clock
from peyvand.identities.models import Identity
from peyvand.privacy.models import RetentionRule
from peyvand.privacy.services import retaining
from peyvand.privacy.services.retaining import retain
from peyvand.privacy.services.rules import MONTH, keep_for, would_lose
from peyvand.privacy.tests.canaries import settle
from peyvand.privacy.tests.test_pages import browser
from peyvand.surveys.models import Answer, Invitation, Response
from peyvand.surveys.services.answering import keep_score, submit
from peyvand.timeline.lake import places
from peyvand.timeline.models import Interaction, LakeFlush, Perception, Redaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item, PerceptionIn
from peyvand.workspaces.audit_words import detail_words
from peyvand.workspaces.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


def tell(brand, n: int, *, months: float, kind: str = "review.written") -> int:
    felt = [PerceptionIn("csat", 2, (1.0, 5.0), text=f"words {n}")]
    at = clock.now() - months * MONTH
    known = CustomerIn(identities=[IdentityIn("phone", f"0912000000{n}")])
    item = Item(
        kind=kind,
        occurred_at=at,
        customer=known,
        source="shop",
        external_id=str(n),
        perceptions=felt,
        properties={"note": "text", "late": True},
    )
    return record(brand.pk, item).interaction_id or 0


def kind_of(brand, code: str) -> int:
    return Term.objects.get(workspace=brand, dimension="kind", code=code).pk


@pytest.fixture
def told(brand) -> dict[str, int]:
    found = {
        "old": tell(brand, 1, months=13),
        "young": tell(brand, 2, months=11),
        "other": tell(brand, 3, months=13, kind="message.received"),
    }
    settle()
    return found


def rows(ids) -> dict[int, tuple[bool, str | None, str | None]]:
    words = {pk >> 6: text for pk, text in Perception.objects.values_list("pk", "text")}
    return {row.pk: (row.identity_id is not None, row.properties, words.get(row.pk)) for row in Interaction.objects.filter(pk__in=ids)}


WHOLE = (True, '{"note":"text","late":true}')


@pytest.mark.parametrize(("loss", "known"), [("texts", True), ("person", False)])
def test_the_old_loses_what_the_rule_says_and_the_young_nothing(brand, told, loss, known):
    kind = kind_of(brand, "review.written")
    assert would_lose(workspace=brand, kind=kind, months=12) == 1
    keep_for(workspace=brand, kind=kind, months=12, loss=loss, actor=brand.members.get().user)
    while retain():
        pass
    settle()
    retain()
    assert rows(told.values()) == {
        told["old"]: (known, '{"late":true}', None),
        told["young"]: (*WHOLE, "words 2"),
        told["other"]: (*WHOLE, "words 3"),
    }
    assert set(Answer.objects.values_list("words", flat=True)) == {"", "words 2", "words 3"}
    lake = places.open_table(places.PERCEPTIONS).to_pyarrow_table()
    assert sorted(filter(None, lake["text"].to_pylist())) == ["words 2", "words 3"]
    assert len(lake) == 3
    assert not Redaction.objects.exists()


@pytest.mark.parametrize("loss", ["texts", "person", "whole"])
def test_words_go_wherever_they_were_copied_to(brand, loss):
    known = CustomerIn(identities=[IdentityIn("email", "sara@post.ir")])
    record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=known, source="shop"))
    survey, customer = brand.surveys.earliest("pk"), Identity.objects.get(value="sara@post.ir").customer
    invitation = Invitation.objects.create(
        workspace=brand, survey=survey, customer=customer, nonce="n", send_at=clock.now(), sent_at=clock.now(), state="sent"
    )
    keep_score(invitation=invitation, score=survey.scale.low, language="fa")
    submit(invitation=invitation, reasons=[], words="a word of hers")
    settle()
    holders = {(Case, "words"), (CaseEvent, "text"), (Response, "words"), (Answer, "words"), (Perception, "text")}

    def holding() -> set[tuple[type, str]]:
        return {(model, name) for model, name in holders if model.objects.filter(**{f"{name}__contains": "a word of hers"}).exists()}

    assert holding() == holders
    with clock.frozen(clock.now() + dt.timedelta(days=100)):
        keep_for(workspace=brand, kind=kind_of(brand, "survey.answered"), months=3, loss=loss, actor=brand.members.get().user)
        while retain():
            pass
        settle()
        retain()
    assert holding() == set()
    assert Case.objects.get().score_before == survey.scale.low


def test_what_goes_whole_is_in_no_figure_any_more(brand, told):
    keep_for(workspace=brand, kind=None, months=12, loss="whole", actor=brand.members.get().user)
    while retain():
        pass
    settle()
    retain()
    assert set(Interaction.objects.values_list("pk", flat=True)) == {told["young"]}
    assert Answer.objects.count() == Perception.objects.count() == 1
    assert len(places.open_table(places.INTERACTIONS).to_pyarrow_table()) == 1
    rollups = places.open_table(places.ROLLUPS).to_pyarrow_table()
    assert (
        sum(n for n, dimension in zip(rollups["n"].to_pylist(), rollups["dimension"].to_pylist(), strict=True) if dimension == "cube") == 1
    )


def test_the_lake_follows_many_pieces_in_one_step_for_each_loss(brand, told, monkeypatch):
    monkeypatch.setattr(retaining, "CHUNK", 1)
    more = [tell(brand, n, months=14) for n in (4, 5)]
    settle()
    member = brand.members.get().user
    keep_for(workspace=brand, kind=kind_of(brand, "review.written"), months=12, loss="texts", actor=member)
    keep_for(workspace=brand, kind=kind_of(brand, "message.received"), months=12, loss="whole", actor=member)
    while retain():
        pass
    settle()
    steps = LakeFlush.objects.exclude(redactions=[]).order_by("pk").values_list("redactions", flat=True)
    assert [len(step) for step in steps] == [3, 1]
    felt = places.open_table(places.PERCEPTIONS).to_pyarrow_table()
    texts = dict(zip(felt["interaction"].to_pylist(), felt["text"].to_pylist(), strict=True))
    assert texts == {told["old"]: None, told["young"]: "words 2", **dict.fromkeys(more)}


def test_a_second_round_takes_what_became_old_and_what_came_late(brand, told):
    keep_for(workspace=brand, kind=None, months=12, loss="texts", actor=brand.members.get().user)
    assert not retain()
    before = dict(Interaction.objects.values_list("pk", "properties"))
    late = tell(brand, 4, months=20)
    retain()
    assert rows([late])[late][2] == "words 4"  # not due before tomorrow
    with clock.frozen(clock.now() + dt.timedelta(days=40)):
        settle()
        retain()
        assert rows([late, told["young"]]) == {late: (True, '{"late":true}', None), told["young"]: (True, '{"late":true}', None)}
    assert before[told["old"]] == '{"late":true}'


def test_the_page_says_the_number_before_it_saves(brand, told):
    client, kind = browser(brand), kind_of(brand, "review.written")
    asked = {"kind": str(kind), "months": "12", "loss": "texts"}
    page = client.post("/w/sofal/settings/privacy/kept/", asked)
    assert (page.status_code, page.context["counted"], RetentionRule.objects.count()) == (200, 1, 0)
    assert client.post("/w/sofal/settings/privacy/kept/", {**asked, "months": "0"}).status_code == 422
    seen = {"save": page.context["form"].asked}
    other = client.post("/w/sofal/settings/privacy/kept/", {**asked, **seen, "months": "1"})
    assert (other.status_code, other.context["counted"], RetentionRule.objects.count()) == (200, 2, 0)  # counted anew, not saved unseen
    assert client.post("/w/sofal/settings/privacy/kept/", {**asked, **seen}).status_code == 302
    assert list(RetentionRule.objects.values_list("kind", "months", "loss")) == [(kind, 12, "texts")]
    assert client.get("/w/sofal/settings/privacy/kept/").status_code == 200


def test_a_rule_and_its_trail_call_the_kind_by_name_and_take_persian_digits(brand, told):
    client, kind = browser(brand), kind_of(brand, "review.written")
    client.post("/w/sofal/settings/privacy/kept/", {"kind": str(kind), "months": "۱۲", "loss": "texts", "save": f"{kind}:12:texts"})
    page = client.get("/w/sofal/settings/privacy/kept/")
    assert [(rule.months, called) for rule, called, _loss, _pid in page.context["rules"]] == [(12, "نظر روی سایت")]
    entry = AuditEntry.objects.get(action="retention.set")
    assert entry.detail == {"kind": "review.written", "months": 12, "loss": "texts"}
    with override("en"):
        parts = detail_words(entry).split("; ")  # PostgreSQL keeps no order of names
    assert sorted(parts) == ["kind: review.written", "months: 12", "then goes: the texts"]
