"""The pages of follow-up, as people of each role use them: with and without scripts, in both languages."""

import datetime as dt
import re

import pytest
from django.test import Client

from peyvand.cases.models import Case
from peyvand.cases.queries import open_promises
from peyvand.cases.rows import pid_of
from peyvand.cases.services import add_note, assign, close, log_contact, policy_of, promise
from peyvand.cases.tests.conftest import answer, read_all
from peyvand.cases.types import CaseState, ContactResult, Outcome
from peyvand.catalogue.models import Term
from peyvand.catalogue.services import merge_terms
from peyvand.core import clock
from peyvand.core.ids import public_id
from peyvand.customers.services.counting import recount
from peyvand.identities.models import Customer
from peyvand.identities.services import add_identity, rename_customer
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_workspace, put_member

pytestmark = pytest.mark.django_db


def signed_in(member, language="en"):
    member.user.language = language
    member.user.save()
    client = Client()
    client.force_login(member.user)
    return client


def address(case, act="", query=""):
    return f"/w/{case.workspace.slug}/follow-up/{pid_of(case.workspace, case)}/{act + '/' if act else ''}{query}"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def page(alice):
    return signed_in(alice)


def test_the_headline_names_how_many_wait_and_whom_to_begin_with(page, alice, said, frozen_clock):
    said(key="1", order="1", at=clock.now() - dt.timedelta(hours=3))
    said(key="2", order="2", phone="09120000013", name="بهنام تیموری‌راد")
    text = text_of(page.get("/w/sofal/follow-up/"))
    assert "2 people wait for you. Begin with نگار صبوری‌فر; the deadline is in 1 hour ." in text
    assert "Nobody waits" not in text
    frozen_clock.advance(dt.timedelta(hours=2))
    assert "the deadline passed 1 hour ago" in text_of(page.get("/w/sofal/follow-up/"))


def test_in_persian_the_page_is_right_to_left_with_persian_digits(alice, said):
    said(value=3)
    response = signed_in(alice, "fa").get("/w/sofal/follow-up/")
    assert 'dir="rtl"' in response.content.decode()
    text = text_of(response)
    assert "۱ نفر منتظر شماست. از نگار صبوری‌فر شروع کنید؛ مهلت او ۴ ساعت دیگر می‌رسد." in text
    assert "پروندهٔ ۱" in text


def test_minutes_left_are_written_with_their_ezafe_in_persian(alice, said, frozen_clock):
    case = said(value=3)
    frozen_clock.advance(case.due_at - clock.now() - dt.timedelta(minutes=50))
    assert "مهلت او ۵۰ دقیقهٔ دیگر می‌رسد." in text_of(signed_in(alice, "fa").get("/w/sofal/follow-up/"))


def test_a_brand_without_cases_says_what_this_place_is_for(page):
    text = text_of(page.get("/w/sofal/follow-up/"))
    assert "Nobody waits. Every unhappy answer opens a case here." in text
    assert "Nothing waits for you" in text


def test_each_tab_shows_its_own(page, alice, bob, said):
    mine, theirs, nobodys, closed = (said(key=str(n), order=str(n), text=f"words {n}") for n in range(4))
    assign(case=mine, owner=alice, actor=bob)
    assign(case=theirs, owner=bob, actor=bob)
    assign(case=nobodys, owner=None, actor=bob)
    close(case=closed, actor=bob, outcome=Outcome.SOLVED)
    for view, shown in (("mine", {0}), ("all", {0, 1, 2}), ("unowned", {2}), ("closed", {3})):
        rows = page.get("/w/sofal/follow-up/", {"view": view}).context["rows"]
        assert {row.said for row, _url in rows} == {f"<bdi>“words {n}”</bdi>" for n in shown}, view
    bob.is_active = False
    bob.save()
    rows = page.get("/w/sofal/follow-up/", {"view": "unowned"}).context["rows"]
    assert {row.case for row, _url in rows} == {theirs, nobodys}  # who left the brand owns nothing


def test_filters_and_orders_narrow_and_sort(page, brand, alice, said):
    said(key="1", order="1", value=5, branch="karaj", properties={"reasons": ["late"]})
    said(key="2", order="2", value=1, branch="rasht")
    said(key="3", order="3", value=3)

    def numbers(**query):
        return [row.case.number for row, _url in page.get("/w/sofal/follow-up/", query).context["rows"]]

    karaj = Case.objects.get(number=1).branch
    assert numbers(order="score") == [2, 3, 1]
    assert numbers(order="newest") == [3, 2, 1]
    assert sorted(numbers(order="value")) == [1, 2, 3]
    assert numbers(reason="late") == [1]
    assert numbers(branch=public_id(bytes(brand.id_key), karaj)) == [1]
    assert sorted(numbers(view="all", owner=public_id(bytes(brand.id_key), alice.pk))) == [1, 2, 3]
    assert numbers(reason="price") == []
    terms = {term.code: term for term in Term.objects.filter(workspace=brand, dimension="branch")}
    merge_terms(keep=terms["karaj"], away=terms["rasht"], actor=None)
    assert numbers(branch=public_id(bytes(brand.id_key), karaj), order="score") == [2, 1]
    [chip] = [chip for chip in page.get("/w/sofal/follow-up/").context["chips"] if chip["label"] == "Branch"]
    assert [option["label"] for option in chip["options"]] == ["Every branch", "karaj"]
    assert "No case fits these filters" in text_of(page.get("/w/sofal/follow-up/", {"reason": "price"}))


def test_nonsense_in_the_address_narrows_nothing(page, said):
    said()
    for query in ("?view=x&order=y&page=abc", "?page=99", "?branch=zzz&owner=1&case=0000000000000", "?page=%DB%B2&reason=%00"):
        assert page.get("/w/sofal/follow-up/" + query).status_code == 200, query


def test_lists_go_on_on_further_pages(page, said, brand):
    for n in range(27):
        answer(brand, key=str(n), order=str(n))
    read_all()
    first = page.get("/w/sofal/follow-up/")
    assert len(first.context["rows"]) == 25
    second = page.get(first.context["pager"]["next_url"])
    assert len(second.context["rows"]) == 2
    assert "26 to 27 of 27" in text_of(second)


def test_a_call_is_noted_and_the_list_stays_as_it_was(page, alice, said):
    case = said()
    response = page.post(
        address(case, "contact", "?view=all&order=score&beside=1"),
        {"contact-seen": 0, "contact-result": "talked", "contact-text": "عذر خواستیم", "contact-reason": "late"},
        follow=True,
    )
    assert response.redirect_chain[0][0].startswith("/w/sofal/follow-up/?view=all&order=score&case=")
    assert "The call is noted." in text_of(response)
    case.refresh_from_db()
    assert (case.state, case.reason) == (CaseState.IN_HAND, "late")


def test_a_promise_made_in_a_call_is_kept_with_its_day(page, alice, said):
    case = said()
    day = (clock.now() + dt.timedelta(days=1)).isoformat()
    sent = {"contact-result": "talked", "contact-promised": "فنجان نو", "contact-promised_for": day}
    assert page.post(address(case, "contact"), sent).status_code == 302
    task = open_promises(case)[0]
    assert task.title == "فنجان نو"
    text = text_of(page.get(address(case)))
    assert "فنجان نو" in text
    page.post(address(case, f"promise/{public_id(bytes(case.workspace.id_key), task.pk)}"), {"kept": "1"})
    assert open_promises(case) == []


@pytest.mark.parametrize(
    ("act", "sent", "said_wrong"),
    [
        ("contact", {"contact-result": "later"}, "Choose when to call again."),
        ("contact", {"contact-result": "later", "contact-later": "2020-01-01T10:00:00+00:00"}, "still to come"),
        ("contact", {"contact-result": "later", "contact-later": "never"}, "still to come"),
        ("contact", {"contact-result": "talked", "contact-promised": "x"}, "Choose the day of your promise."),
        ("contact", {}, "required"),
        ("contact", {"contact-result": "shouted"}, "valid choice"),
        ("close", {"close-outcome": "perfect"}, "valid choice"),
        ("promise", {"promise-promised": "x"}, "still to come"),
        ("message", {"message-subject": "", "message-text": "x"}, "required"),
        ("note", {"note-text": " "}, "required"),
        ("note", {"note-text": "x" * 4001}, "at most 4000"),
        ("deadline", {"deadline-due_at": "2020-01-01T10:00:00+00:00"}, "still to come"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_field_and_changes_nothing(page, said, act, sent, said_wrong):
    case = said()
    for query in ("", "?beside=1"):
        response = page.post(address(case, act, query), sent)
        assert response.status_code == 422
        assert said_wrong in text_of(response)
    assert case.events.count() == 1
    assert Case.objects.get().version == 0


def test_the_second_of_two_people_is_told_and_keeps_what_was_typed(page, alice, bob, said, frozen_clock):
    case = said()
    log_contact(case=case, actor=bob, result=ContactResult.TALKED)
    frozen_clock.advance(dt.timedelta(minutes=3))
    sent = {"contact-seen": 0, "contact-result": "no_answer", "contact-text": "بوق خورد"}
    response = page.post(address(case, "contact"), sent)
    text = text_of(response)
    assert response.status_code == 422
    assert "Bob was here 3 minutes ago: Talked with the customer" in text
    assert "بوق خورد" in text
    seen = re.search(r'name="contact-seen" value="(\d+)"', response.content.decode())[1]
    assert page.post(address(case, "contact"), sent | {"contact-seen": seen}).status_code == 302


def test_an_act_opened_by_hand_leads_to_its_case(page, said):
    case = said()
    for act in ("contact", "close", "take", "reopen", "note"):
        assert page.get(address(case, act)).headers["location"] == address(case)


def test_a_case_is_closed_reopened_and_taken_from_the_page(page, alice, bob, said):
    case = said()
    page.post(address(case, "close"), {"close-outcome": "solved", "close-text": "تعویض شد", "close-ask_again": "on"})
    case.refresh_from_db()
    assert (case.state, case.outcome, case.ask_again) == (CaseState.CLOSED, "solved", True)
    assert "Ask again is coming" in text_of(page.get(address(case)))
    page.post(address(case, "reopen"))
    assign(case=case, owner=None, actor=bob)
    assert "Take this case" in text_of(page.get(address(case)))
    page.post(address(case, "take"))
    case.refresh_from_db()
    assert (case.state, case.owner) == (CaseState.OPEN, alice)


def test_a_message_that_cannot_be_sent_says_why(page, alice, said):
    case = said()
    sent = {"message-seen": 0, "message-subject": "سلام", "message-text": "متن"}
    assert "no address on this channel" in text_of(page.post(address(case, "message"), sent))
    add_identity(customer=case.customer, type_name="email", value="negar@example.com", actor=alice.user)
    assert page.post(address(case, "message"), sent).status_code == 302


def test_the_panel_tells_who_it_is_how_to_reach_them_and_what_happened(page, brand, said):
    case = said(value=3, text="قول شنبه دادید.")
    recount([case.customer_id])
    text = text_of(page.get(address(case)))
    assert "قول شنبه دادید." in text
    assert "score 3 of 10" in text
    assert "order 5218" in text
    assert "+98 912 000 0012" in text
    assert "Lately with this customer" in text
    assert "Wrote a review" in text


def test_who_does_not_need_a_number_sees_it_masked_and_no_button(brand, said):
    analyst = put_member(workspace=brand, email="ann@brand.example", name="Ann", role="analyst")
    case = said()
    body = signed_in(analyst).get(address(case)).content.decode()
    assert "000 00" not in body
    assert "09120000012" not in body
    assert "tel:" not in body
    assert 'id="do-contact"' not in body
    assert "tel:" not in signed_in(analyst).get("/w/sofal/follow-up/?view=all").content.decode()


def test_numbers_in_words_names_and_notes_are_masked_for_who_does_not_need_them(brand, alice, said):
    analyst = put_member(workspace=brand, email="ann@brand.example", name="Ann", role="analyst")
    case = said(text="زنگ بزنید: 09121110001")
    add_note(case=case, actor=alice, text="شمارهٔ دیگر 09121110002")
    rename_customer(customer=case.customer, name="09121110003", actor=alice.user)
    for member, seen in ((alice, True), (analyst, False)):
        client = signed_in(member)
        for where in (address(case), f"/w/sofal/follow-up/?view=all&case={public_id(bytes(brand.id_key), case.pk)}"):
            body = client.get(where).content.decode()
            for number in ("09121110001", "09121110002", "09121110003"):
                assert (number in body) is seen, (member, where, number)


@pytest.mark.parametrize(
    ("role", "reads", "works", "assigns", "sets"),
    [
        ("owner", True, True, True, True),
        ("manager", True, True, True, True),
        ("lead", True, True, True, False),
        ("agent", True, True, False, False),
        ("analyst", True, False, False, False),
        ("viewer", False, False, False, False),
    ],
)
def test_each_role_does_what_it_may(brand, said, role, reads, works, assigns, sets):
    case = said()
    member = put_member(workspace=brand, email=f"{role}@roles.example", name=role, role="agent")
    member.role = role
    member.save()
    client = signed_in(member)
    for may, response in (
        (reads, client.get("/w/sofal/follow-up/")),
        (reads, client.get(address(case))),
        (works, client.post(address(case, "note"), {"note-text": "x"})),
        (works, client.get("/w/sofal/follow-up/new/")),
        (assigns, client.post(address(case, "owner"), {"owner-owner": ""})),
        (sets, client.get("/w/sofal/settings/follow-up/")),
    ):
        assert (response.status_code != 403) == may, response.request["PATH_INFO"]


def test_another_brands_case_customer_and_promise_are_unknown(page, alice, said):
    mine = said()
    other = create_workspace(name="Other", slug="other", language="en")
    put_member(workspace=other, email="carol@other.example", name="Carol", role="agent")
    answer(other, key="x", phone="+989120000012")
    read_all()
    theirs = Case.objects.get(workspace=other)
    task = promise(case=theirs, actor=theirs.owner, text="x", due_at=clock.now() + dt.timedelta(days=1))
    foreign = pid_of(other, theirs)
    own_key = bytes(mine.workspace.id_key)
    for pid in (foreign, public_id(own_key, theirs.pk)):
        for act in ("", "contact/", "close/", "take/", "owner/"):
            assert page.post(f"/w/sofal/follow-up/{pid}/{act}").status_code in (403, 404), (pid, act)
        assert page.get(f"/w/sofal/follow-up/{pid}/").status_code == 404
    assert page.post(address(mine, f"promise/{public_id(own_key, task.pk)}"), {"kept": "1"}).status_code == 404
    assert "What did the customer say?" not in text_of(
        page.get("/w/sofal/follow-up/new/", {"customer": public_id(own_key, theirs.customer_id)})
    )
    assert page.get(f"/w/other/follow-up/{foreign}/").status_code == 404
    body = page.get("/w/sofal/follow-up/", {"case": public_id(own_key, theirs.pk), "view": "all"}).content.decode()
    assert foreign not in body


def test_a_new_case_begins_with_finding_the_customer(page, brand, alice, said):
    said()
    customer = Customer.objects.get()
    recount([customer.pk])
    found = page.get("/w/sofal/follow-up/new/", {"q": "صبوری"})
    assert "نگار صبوری‌فر" in text_of(found)
    url = "/w/sofal/follow-up/new/" + found.context["people"][0][1]
    assert page.post(url, {"words": ""}).status_code == 422
    response = page.post(url, {"words": "پای تلفن گله کرد", "reason": "conduct"}, follow=True)
    assert "پای تلفن گله کرد" in text_of(response)
    for nobody in ("کسی‌نیست", "x\x00y", "%", "'"):
        assert "Nobody was found" in text_of(page.get("/w/sofal/follow-up/new/", {"q": nobody}))
    assert page.post(url, {"words": "x\x00y"}).status_code == 422


def settings_of(policy, **changes):
    rows = {"reasons-TOTAL_FORMS": len(policy.reasons) + 2, "reasons-INITIAL_FORMS": len(policy.reasons)}
    for n, reason in enumerate(policy.reasons):
        rows |= {f"reasons-{n}-{name}": reason[name] for name in ("code", "fa", "en")}
    limits = {f"limit_{measure}": limit for measure, limit in policy.limits.items()}
    plain = {"is_active": "on", "contact_hours": 4, "remedy_hours": 16, "assignment": "turn"}
    return rows | limits | plain | changes


@pytest.fixture
def manager(brand):
    return signed_in(put_member(workspace=brand, email="mona@brand.example", name="Mona", role="manager"))


def test_settings_say_what_they_do_and_are_kept_with_an_audit_entry(manager, brand):
    policy = policy_of(brand)
    assert "NPS of 6 or less" in text_of(manager.get("/w/sofal/settings/follow-up/"))
    n = len(policy.reasons)
    sent = settings_of(policy, limit_nps=5, limit_ces="", contact_hours=2, **{f"reasons-{n}-en": "Bad smell", f"reasons-{n}-fa": "بوی بد"})
    sent["reasons-0-off"] = "on"
    response = manager.post("/w/sofal/settings/follow-up/", sent, follow=True)
    assert "NPS of 5 or less" in text_of(response)
    policy.refresh_from_db()
    assert (policy.contact_hours, policy.limits) == (2, {"nps": 5.0, "csat": 2.0, "rating": 2.0})
    assert policy.reasons[n] == {"code": "bad_smell", "fa": "بوی بد", "en": "Bad smell"}
    assert policy.reasons[0]["off"] is True
    assert AuditEntry.objects.filter(action="policy.changed").count() == 1


def test_a_reason_off_the_list_stays_with_the_cases_that_have_it(manager, page, brand, said):
    case = said(properties={"reasons": ["packaging"]})
    policy = policy_of(brand)
    at = next(n for n, reason in enumerate(policy.reasons) if reason["code"] == "packaging")
    sent = settings_of(policy)
    for name in ("code", "fa", "en"):
        sent.pop(f"reasons-{at}-{name}")
    manager.post("/w/sofal/settings/follow-up/", sent)
    forms = page.get(address(case)).context["panel"].forms
    assert ("packaging", "Packaging or damage") in forms["contact"].fields["reason"].choices
    policy.refresh_from_db()
    assert next(r for r in policy.reasons if r["code"] == "packaging")["off"] is True


def test_settings_that_make_no_sense_are_refused_whole(manager, brand):
    policy = policy_of(brand)
    for wrong in ({"limit_nps": 11}, {"contact_hours": 0}, {"assignment": "x"}, {"limit_csat": "nan"}, {"reasons-TOTAL_FORMS": "x"}):
        response = manager.post("/w/sofal/settings/follow-up/", settings_of(policy, **wrong))
        assert response.status_code == 422, wrong
    policy.refresh_from_db()
    assert (policy.limits["nps"], policy.contact_hours) == (6, 4)


def test_the_figures_of_the_basis_open_down_to_their_cases(brand, alice, said):
    again, silent, old = (said(key=str(n), order=str(n), text=f"words {n}") for n in range(3))
    for case in (again, silent, old):
        close(case=case, actor=alice, outcome=Outcome.SOLVED, text="")
    Case.objects.filter(pk=again.pk).update(score_after=10)
    Case.objects.filter(pk=old.pk).update(closed_at=clock.now() - dt.timedelta(days=31))
    page = signed_in(alice).get("/w/sofal/follow-up/")
    urls = [url for _text, url in page.context["opens"]]
    assert [text for text, _url in page.context["opens"]] == ["2 closed", "1 answered again", "1 satisfied"]
    listed = [{row.case.pk for row, _url in signed_in(alice).get(url).context["rows"]} for url in urls]
    assert listed == [{again.pk, silent.pk}, {again.pk}, {again.pk}]


def test_the_median_of_the_first_contact_is_told_with_how_much_stands_behind_it(brand, alice, said):
    case = said()
    Case.objects.filter(pk=case.pk).update(contact_work_s=60)
    median = "Median of the first contact: "
    one = text_of(signed_in(alice).get("/w/sofal/follow-up/"))
    assert f"{median}1 minute of working time, of 1 case. Too few cases to conclude from." in one
    called_back = [Case(**copied(case), number=1 + n, subject_id=str(n), contact_work_s=60 * (n + 1)) for n in range(1, 30)]
    Case.objects.bulk_create(called_back[:28])
    few = text_of(signed_in(alice).get("/w/sofal/follow-up/"))
    assert f"{median}15 minutes of working time (9 minutes to 21 minutes), of 29 cases. Too few cases to conclude from." in few
    called_back[28].save()
    page = signed_in(alice).get("/w/sofal/follow-up/")
    assert f"{median}16 minutes of working time (10 minutes to 21 minutes), of 30 cases." in text_of(page)
    assert "Too few cases" not in text_of(page)


def copied(case):
    """The columns of a case beside those in which each differs."""
    own = {"id", "number", "subject_id", "contact_work_s"}
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields if field.attname not in own}


def test_one_case_and_one_answer_are_told_in_the_singular(brand, alice, said):
    case = said(key="0", order="0", text="words")
    close(case=case, actor=alice, outcome=Outcome.SOLVED, text="")
    assert "1 case was closed in the last 30 days" in text_of(signed_in(alice).get("/w/sofal/follow-up/"))
    Case.objects.filter(pk=case.pk).update(score_after=10)
    assert "1 customer answered again, 100% satisfied" in text_of(signed_in(alice).get("/w/sofal/follow-up/"))
