"""Every command that sends a message, follows one up, or moves what belongs to people: the situation it is used in, and its use.

`UNTRIED` names the services that are no such command, or whose test stands elsewhere, with the reason.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from peyvand.cases import services as cases
from peyvand.cases.services.reacting import plan as react_to
from peyvand.cases.types import ContactResult, Outcome
from peyvand.channels import services as channels
from peyvand.channels.models import BulkApproval
from peyvand.channels.services.approving import APPROVE_ABOVE
from peyvand.channels.services.receiving import receive
from peyvand.channels.services.refusing import note_refusal
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock
from peyvand.customers.services import companies, consents, merging, moments, people
from peyvand.customers.services.companies import Company
from peyvand.customers.services.moments import Call
from peyvand.identities.models import Merge, SharedValue
from peyvand.identities.services import deciding, sharing
from peyvand.imports import services as imports
from peyvand.privacy.models import Erasure, RetentionRule
from peyvand.privacy.services import erasing, rules
from peyvand.surveys import services as surveys
from peyvand.surveys.services import answering, sending
from peyvand.surveys.services.planning import plan_after
from peyvand.tasks.models import Task
from peyvand.timeline.models import Interaction
from peyvand.timeline.reading import events, read_ids
from peyvand.webhooks import services as webhooks
from peyvand.webhooks.models import Telling
from tests.faults.brand import HOUR, MAP, TABLE, Brand, called

Part = Callable[[Brand], object]


@dataclass(frozen=True)
class Command:
    """How a command is used. `steps`: it is several transactions by design and may stop between them; trying again goes on."""

    use: Part
    lay: Part = lambda _brand: None
    steps: bool = False


def in_one(use: Part) -> Part:
    """As a subscription does it: in the transaction in which it moves its place."""

    def inside(brand: Brand) -> None:
        with transaction.atomic():
            use(brand)

    return inside


def _limited(brand: Brand) -> None:
    workspace = brand.workspace
    workspace.preferences = {**workspace.preferences, APPROVE_ABOVE: 1}
    workspace.save()


def _asks_for_many(brand: Brand) -> bool:
    return channels.may_write_to(workspace=brand.workspace, subject="survey:nps", recipients=5, sent=lambda _since: 0, label="NPS") > 0


def _waits_for_a_word(brand: Brand) -> None:
    _limited(brand)
    _asks_for_many(brand)


def _stopped(brand: Brand) -> None:
    brand.queued()
    channels.stop_sending(workspace=brand.workspace, reason="a wrong text", actor=brand.owner)


def _refused(brand: Brand) -> None:
    brand.queued()
    note_refusal(outgoing=brand.outgoing(), reason="550")


def _mailed(brand: Brand) -> None:
    values = {"host": "mail.example", "port": "25", "tls": "none", "user": "", "sender": "a@b.example"}
    channels.set_channel(workspace=brand.workspace, kind="email", name="x", values=values)


CHANNELS = {
    "channels.send": Command(
        lambda b: channels.send(workspace=b.workspace, customer=b.negar, purpose=Purpose.SERVICE, message=Message("x", "y"), key="k"),
        lambda b: b.negar,
    ),
    "channels.resend": Command(lambda b: channels.resend(outgoing=b.outgoing(), actor=b.owner), Brand.failed),
    "channels.approve": Command(lambda b: channels.approve(approval=BulkApproval.objects.get(), actor=b.owner), _waits_for_a_word),
    "channels.may_write_to": Command(_asks_for_many, _limited),
    "channels.refuse": Command(
        lambda b: channels.refuse(approval=BulkApproval.objects.get(), actor=b.owner, reason="A wrong text"), _waits_for_a_word
    ),
    "channels.stop_sending": Command(
        lambda b: channels.stop_sending(workspace=b.workspace, reason="a wrong text", actor=b.owner), Brand.queued
    ),
    "channels.resume_sending": Command(lambda b: channels.resume_sending(workspace=b.workspace, actor=b.owner), _stopped),
    "channels.lift_refusal": Command(
        lambda b: channels.lift_refusal(identity=b.identity("negar@post.example"), channel_kind="email", actor=b.owner), _refused
    ),
    "channels.set_channel": Command(_mailed),
    "channels.remove_channel": Command(lambda b: channels.remove_channel(channel=b.channel(), actor=b.owner), Brand.shop),
    "channels.receiving.receive": Command(lambda b: receive(channel=b.channel(), call=called()), Brand.shop),
}


def _again(brand: Brand) -> surveys.Draft:
    survey = brand.survey()
    return surveys.Draft(
        names={"fa": "نظر شما", "en": "Your opinion"},
        measure=survey.measure,
        when=surveys.When(kind="order.delivered", delay_hours=24),
        reasons=[{"code": "", "fa": "دیر", "en": "Late"}],
    )


SURVEYS = {
    "surveys.create_survey": Command(lambda b: surveys.create_survey(workspace=b.workspace, draft=_again(b), actor=b.owner), Brand.asking),
    "surveys.change_survey": Command(lambda b: surveys.change_survey(survey=b.survey(), draft=_again(b), actor=b.owner), Brand.asking),
    "surveys.set_active": Command(lambda b: surveys.set_active(survey=b.survey(), active=False, actor=b.owner), Brand.asking),
    "surveys.planning.plan_after": Command(
        in_one(lambda _b: plan_after(events(read_ids(list(Interaction.objects.values_list("id", flat=True)))))), Brand.asking
    ),
    "surveys.sending.send_one": Command(lambda b: sending.send_one(b.invitation().pk), Brand.planned),
    "surveys.sending.settle": Command(lambda _b: sending.settle(), Brand.left),
    "surveys.keep_score": Command(lambda b: surveys.keep_score(invitation=b.invitation(), score=3, language="fa"), Brand.asked),
    "surveys.submit": Command(lambda b: surveys.submit(invitation=b.invitation(), reasons=["late"], words="دیر رسید"), Brand.scored),
    "surveys.answering.keep_partial_answers": Command(lambda _b: answering.keep_partial_answers(), Brand.left_half_way),
    "surveys.decline": Command(lambda b: surveys.decline(invitation=b.invitation()), Brand.scored),
    "surveys.take_back": Command(lambda b: surveys.take_back(invitation=b.invitation()), Brand.declined),
}

CASES = {
    "cases.reacting.plan": Command(
        in_one(lambda b: react_to(b.page())()), lambda b: b.tells("review.written", score=2, phone="09120000012")
    ),
    "cases.open_by_hand": Command(
        lambda b: cases.open_by_hand(workspace=b.workspace, customer=b.negar, words="دیر رسید", reason="late", actor=b.alice),
        lambda b: b.negar,
    ),
    "cases.take": Command(lambda b: cases.take(case=b.case(), actor=b.alice), Brand.nobodys),
    "cases.assign": Command(lambda b: cases.assign(case=b.case(), owner=None, actor=b.alice), Brand.taken),
    "cases.set_reason": Command(lambda b: cases.set_reason(case=b.case(), actor=b.alice, reason="late"), Brand.taken),
    "cases.move_deadline": Command(
        lambda b: cases.move_deadline(case=b.case(), actor=b.alice, due_at=clock.now() + 20 * HOUR), Brand.taken
    ),
    "cases.adjust": Command(
        lambda b: cases.adjust(case=b.case(), actor=b.alice, reason="late", due_at=clock.now() + 20 * HOUR), Brand.taken
    ),
    "cases.add_note": Command(lambda b: cases.add_note(case=b.case(), actor=b.alice, text="یک یادداشت"), Brand.taken),
    "cases.log_contact": Command(
        lambda b: cases.log_contact(case=b.case(), actor=b.alice, result=ContactResult.TALKED, text="عذر خواستیم", reason="late"),
        Brand.unhappy,
    ),
    "cases.work_contact": Command(
        lambda b: cases.work_contact(
            case=b.case(),
            actor=b.alice,
            result=ContactResult.TALKED,
            text="عذر خواستیم",
            promised="پول برمی‌گردد",
            promised_for=clock.now() + 30 * HOUR,
        ),
        Brand.unhappy,
    ),
    "cases.send_message": Command(lambda b: cases.send_message(case=b.case(), actor=b.alice, subject="سلام", text="سلام"), Brand.taken),
    "cases.promise": Command(
        lambda b: cases.promise(case=b.case(), actor=b.alice, text="پول برمی‌گردد", due_at=clock.now() + 30 * HOUR), Brand.taken
    ),
    "cases.settle_promise": Command(
        lambda b: cases.settle_promise(case=b.case(), task=Task.objects.get(kind="promise"), actor=b.alice, kept=True), Brand.promised
    ),
    "cases.close": Command(lambda b: cases.close(case=b.case(), actor=b.alice, outcome=Outcome.SOLVED, text="حل شد"), Brand.taken),
    "cases.reopen": Command(lambda b: cases.reopen(case=b.case(), actor=b.alice), Brand.closed),
    "cases.set_policy": Command(
        lambda b: cases.set_policy(workspace=b.workspace, changes={"contact_hours": 2}, actor=b.owner), Brand.unhappy
    ),
}


def _shared(brand: Brand) -> None:
    assert brand.negar_id
    sharing.share(workspace=brand.workspace, type_name="phone", value="09120000012", actor=brand.owner)


def _traded(brand: Brand) -> None:
    for name in ("Golestan", "Narges"):
        companies.add_company(workspace=brand.workspace, name=name, actor=brand.owner)


def _firm(name: str) -> Company:
    return Company.objects.select_related("workspace").get(name=name)


PEOPLE = {
    "merging.merge": Command(lambda b: merging.merge(conflict=b.pair(), actor=b.owner), Brand.alike),
    "merging.merge_by_hand": Command(
        lambda b: merging.merge_by_hand(kept=b.negar, other=b.omid, actor=b.owner), lambda b: (b.negar, b.omid)
    ),
    "merging.unmerge": Command(
        lambda b: merging.unmerge(merge=Merge.objects.select_related("workspace").get(undone_at=None), actor=b.owner), Brand.merged
    ),
    "merging.undo_pair": Command(lambda b: merging.undo_pair(conflict=b.pair(), actor=b.owner), Brand.merged),
    "merging.split_off": Command(lambda b: merging.split_off(identity=b.identity("negar@post.example"), actor=b.owner), lambda b: b.negar),
    "deciding.keep_apart": Command(lambda b: deciding.keep_apart(conflict=b.pair(), actor=b.owner), Brand.alike),
    "sharing.share": Command(
        lambda b: sharing.share(workspace=b.workspace, type_name="phone", value="09120000012", actor=b.owner), lambda b: b.negar
    ),
    "sharing.make_personal": Command(lambda b: sharing.make_personal(shared=SharedValue.objects.get(), actor=b.owner), _shared),
    "people.add_customer": Command(
        lambda b: people.add_customer(workspace=b.workspace, name="سارا", given={"phone": "09120000077"}, actor=b.owner)
    ),
    "people.rename": Command(lambda b: people.rename(customer=b.negar, name="نگین", actor=b.owner), lambda b: b.negar),
    "people.add_identity": Command(
        lambda b: people.add_identity(customer=b.negar, type_name="phone", value="09120000078", actor=b.owner), lambda b: b.negar
    ),
    "consents.set_consent": Command(
        lambda b: consents.set_consent(customer=b.negar, purpose="survey", channel="email", granted=False, source="desk", actor=b.owner),
        lambda b: b.negar,
    ),
    "companies.merge_companies": Command(
        lambda b: companies.merge_companies(kept=_firm("Golestan"), other=_firm("Narges"), actor=b.owner), _traded
    ),
    "moments.record_opinion": Command(lambda b: moments.record_opinion(customer=b.negar, score=2, actor=b.owner), lambda b: b.negar),
    "moments.log_call": Command(lambda b: moments.log_call(customer=b.negar, call=Call("in", "reached"), actor=b.owner), lambda b: b.negar),
    "erasing.erase": Command(lambda b: erasing.erase(customer=b.negar, actor=b.owner), lambda b: b.negar),
    "rules.keep_for": Command(lambda b: rules.keep_for(workspace=b.workspace, kind=None, months=12, loss="person", actor=b.owner)),
    "rules.keep_for_ever": Command(
        lambda b: rules.keep_for_ever(rule=RetentionRule.objects.select_related("workspace").get(), actor=b.owner),
        lambda b: rules.keep_for(workspace=b.workspace, kind=None, months=12, loss="person", actor=b.owner),
    ),
}


def _told_in_vain(brand: Brand) -> None:
    brand.hooked()
    Telling.objects.update(state=Telling.State.DEAD, ended_at=clock.now())


def _changing(brand: Brand) -> None:
    brand.hooked()
    webhooks.new_secret(endpoint=brand.hook(), actor=brand.owner)


WEBHOOKS = {
    "webhooks.make_endpoint": Command(
        lambda b: webhooks.make_endpoint(workspace=b.workspace, name="books", url="https://books.example/x", actor=b.owner)
    ),
    "webhooks.change_endpoint": Command(
        lambda b: webhooks.change_endpoint(
            endpoint=b.hook(), name="y", url="https://books.example/y", kinds=["order.placed"], personal=True, actor=b.owner
        ),
        Brand.hooked,
    ),
    "webhooks.remove_endpoint": Command(lambda b: webhooks.remove_endpoint(endpoint=b.hook(), actor=b.owner), Brand.hooked),
    "webhooks.new_secret": Command(lambda b: webhooks.new_secret(endpoint=b.hook(), actor=b.owner), Brand.hooked),
    "webhooks.drop_old_secret": Command(lambda b: webhooks.drop_old_secret(endpoint=b.hook(), actor=b.owner), _changing),
    "webhooks.plan": Command(in_one(lambda b: webhooks.plan(b.page())()), Brand.heard),
    "webhooks.replay": Command(
        lambda b: webhooks.replay(telling=Telling.objects.select_related("endpoint__workspace").all()[0], actor=b.owner), _told_in_vain
    ),
    "webhooks.replay_dead": Command(lambda b: webhooks.replay_dead(endpoint=b.hook(), actor=b.owner), _told_in_vain),
}

IMPORTS = {
    "imports.store": Command(
        lambda b: imports.store(workspace=b.workspace, name="a.csv", files={"main": ("a.csv", [TABLE])}, actor=b.owner), steps=True
    ),
    "imports.set_map": Command(lambda b: imports.set_map(one=b.importing(), text=MAP.replace("rating", "csat")), Brand.file),
    "imports.ask_check": Command(lambda b: imports.ask_check(one=b.importing()), Brand.file),
    "imports.start": Command(lambda b: imports.start(one=b.importing(), actor=b.owner), Brand.file),
    "imports.resume": Command(lambda b: imports.resume(one=b.importing()), Brand.stuck),
    "imports.run": Command(lambda b: imports.run(b.importing().pk), Brand.running, steps=True),
    "imports.undo": Command(lambda b: imports.undo(one=b.importing(), actor=b.owner), Brand.imported),
    "imports.clear": Command(lambda b: imports.clear(b.importing().pk), Brand.undoing, steps=True),
    "imports.again": Command(lambda b: imports.again(one=b.importing(), actor=b.owner), Brand.imported),
    "imports.delete_files": Command(lambda b: imports.delete_files(one=b.importing(), actor=b.owner), Brand.imported),
    "imports.add_files": Command(lambda b: imports.add_files(one=b.importing(), files={"people": ("b.csv", [TABLE])}), Brand.file),
}


def _erasing(brand: Brand) -> None:
    brand.asked()
    brand.taken()
    erasing.erase(customer=brand.negar, actor=brand.owner)


STEPS = {
    "erasing.carry_on": Command(lambda _b: erasing.carry_on(Erasure.objects.get().pk, lake=False), _erasing, steps=True),
}

COMMANDS = CHANNELS | SURVEYS | CASES | PEOPLE | WEBHOOKS | IMPORTS | STEPS
ONE_WRITE = "one write"
READS = "writes nothing of weight"
ELSEWHERE = "hands something to a machine of others: src/peyvand/{0}/tests tries a death before and after"
UNTRIED = {
    "channels.deliver": ELSEWHERE.format("channels"),
    "channels.send_to_member": ELSEWHERE.format("channels"),
    "webhooks.deliver": ELSEWHERE.format("webhooks"),
    "webhooks.send_test": ELSEWHERE.format("webhooks"),
    "webhooks.reads": "asks nothing of the database",
    "webhooks.secrets_of": READS,
    "webhooks.tidy": "takes away what ended long ago, a piece at a time",
    "webhooks.wake": "a part of replay",
    "surveys.send_trial": ELSEWHERE.format("surveys"),
    "surveys.lay_default_survey": "a part of founding a brand; create_survey is tried",
    "cases.open_for": "a part of reacting, which is tried",
    "cases.policy_of": READS,
    "cases.react": "a part of reacting, which is tried",
    "imports.check": "keeps what was found in one write",
    "imports.keep_progress": ONE_WRITE,
    "imports.preview": READS,
    "imports.downloaded": READS,
    "imports.cancel_check": ONE_WRITE,
    "imports.discard": ONE_WRITE,
}
