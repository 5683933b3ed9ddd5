"""The sign-in door: who may in, who stays out, and what an attacker learns (nothing)."""

import datetime as dt
import re
import time

import pytest
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from peyvand.core import clock
from peyvand.core.models import Job
from peyvand.workspaces.jobs import JOBS
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import put_member
from peyvand.workspaces.sessions import BEGAN, IDLE_SECONDS, SEEN
from peyvand.workspaces.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def sign_in(client, email="alice@example.com", password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def test_the_owner_comes_in_to_the_workspace_where_they_were_last(browser, alice):
    assert sign_in(browser)["Location"] == "/"
    assert browser.get("/settings/")["Location"] == "/w/narenj/settings/"
    assert browser.get("/w/narenj/settings/").status_code == 200


def test_signing_in_gives_the_session_a_new_key(browser, alice):
    browser.get("/accounts/login/")
    browser.session["planted"] = "x"
    before = browser.session.session_key
    sign_in(browser)
    assert browser.session.session_key != before


@pytest.mark.parametrize(
    "evil", ["//evil.example", "https://evil.example/", "\\\\evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil"]
)
def test_next_never_leads_to_another_site(browser, alice, evil):
    assert sign_in(browser, next=evil)["Location"] == "/"


def test_next_leads_on_within_the_site(browser, alice):
    assert sign_in(browser, next="/w/narenj/settings/")["Location"] == "/w/narenj/settings/"


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(browser, alice):
    pages = []
    for email in ("alice@example.com", "nobody@example.com"):
        text = sign_in(browser, email=email, password="wrong wrong wrong").content.decode()
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"|nonce="[^"]+"', "", text).replace(email, ""))
    assert pages[0] == pages[1]
    assert "The e-mail address or the password is not right." in pages[0]


def test_every_refused_sign_in_costs_the_same(alice, narenj, settings):
    """By its time nobody tells an account from none, from one that has no password, or from one that is closed."""
    settings.PASSWORD_HASHERS = ["peyvand.workspaces.passwords.Argon2"]
    put_member(workspace=narenj, email="carol@example.com", name="Carol", role="viewer")
    closed = put_member(workspace=narenj, email="dora@example.com", name="Dora", role="viewer").user
    closed.is_active = False
    for person in (alice, closed):
        person.set_password(PASSWORD)
        person.save()
    browsers = [Client(REMOTE_ADDR=f"198.51.100.{n}") for n in range(4)]
    emails = (alice.email, "nobody@example.com", "carol@example.com", closed.email)
    costs = [min(_cost_of(one, email) for one in browsers) for email in emails]
    assert max(costs) < 1.5 * min(costs)
    assert min(costs) > 0.01  # a real hash was made


def _cost_of(client: Client, email: str) -> float:
    begin = time.process_time()
    assert sign_in(client, email=email, password="wrong wrong wrong").status_code == 200
    return time.process_time() - begin


def test_a_password_is_kept_by_argon2_and_a_try_takes_little_of_a_small_machine(settings):
    settings.PASSWORD_HASHERS = ["peyvand.workspaces.passwords.Argon2"]
    kept = make_password(PASSWORD)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=3,p=1$")
    assert check_password(PASSWORD, kept)
    assert not check_password("wrong wrong wrong", kept)


def test_the_sixth_try_is_refused_even_with_the_right_password_and_only_for_that_person(browser, alice, bob):
    for _try in range(5):
        sign_in(browser, password="wrong wrong wrong")
    refused = sign_in(browser)
    assert (refused.status_code, refused["Retry-After"]) == (429, "1800")
    assert "Wait 30 minutes" in refused.content.decode()
    assert sign_in(browser, email="ALICE@example.com").status_code == 429
    assert sign_in(browser, email="bob@example.com").status_code == 302


def test_nobody_signs_up_by_themselves(browser, alice):
    for path in ("/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}).status_code == 404


def test_a_reset_letter_is_built_on_our_own_address_whatever_the_host_header_says(browser, alice, settings):
    settings.PEYVAND_URL = "https://cx.example.ir"
    settings.ALLOWED_HOSTS = ["*"]
    browser.post("/accounts/password/reset/", {"email": "alice@example.com"}, headers={"host": "evil.example"})
    assert mail.outbox == []  # the request itself sends nothing, so its time tells nothing
    job = Job.objects.get(name="workspaces.reset_mail")
    JOBS[job.name](job.payload)
    assert "https://cx.example.ir/accounts/password/reset/key/" in mail.outbox[0].body
    assert "evil" not in mail.outbox[0].body


def test_a_reset_for_nobody_answers_the_same_and_sends_nothing(browser, alice):
    known = browser.post("/accounts/password/reset/", {"email": "alice@example.com"})
    unknown = browser.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    JOBS["workspaces.reset_mail"]({"email": "nobody@example.com"})
    assert mail.outbox == []


def test_nobody_is_sent_letters_without_end_whoever_asks_for_them(alice):
    statuses = []
    for n in range(7):
        one = Client(REMOTE_ADDR=f"198.51.100.{n}")
        statuses.append(one.post("/accounts/password/reset/", {"email": alice.email}).status_code)
        Job.objects.all().delete()  # it was sent
    assert statuses == [302] * 5 + [429] * 2
    assert Client(REMOTE_ADDR="198.51.100.9").post("/accounts/password/reset/", {"email": "nobody@example.com"}).status_code == 302


def test_the_link_of_a_letter_sets_a_password_once(browser, alice):
    JOBS["workspaces.reset_mail"]({"email": "alice@example.com"})
    link = re.search(r"/accounts/password/reset/key/\S+", mail.outbox[0].body)[0]
    form = browser.get(link)["Location"]
    new = "seven lamps on the roof"
    assert browser.post(form, {"password1": new, "password2": new}).status_code == 302
    assert "used already" in Client(headers={"accept-language": "en"}).get(link).content.decode()
    assert sign_in(Client(), password=new).status_code == 302
    assert sign_in(Client()).status_code == 200


def test_a_changed_password_ends_every_other_session(alice):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client)
    new = "seven lamps on the roof"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get("/w/narenj/settings/").status_code == 200
    assert there.get("/w/narenj/settings/").status_code == 302


def test_a_change_of_the_sign_in_stands_in_the_trail_of_every_brand_of_the_person(alice, bob):
    from allauth.mfa.signals import authenticator_added, authenticator_removed  # noqa: PLC0415 - models, which wait for Django

    browser, new = Client(), "seven lamps on the roof"
    sign_in(browser)
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    for signal in (authenticator_added, authenticator_removed):
        signal.send(sender=None, request=None, user=alice, authenticator=None)
    told = AuditEntry.objects.filter(actor=alice).order_by("pk").values_list("workspace__slug", "action")
    assert list(told)[-3:] == [
        (slug, action) for action in ("password.changed", "second_factor.added", "second_factor.removed") for slug in ["narenj"]
    ]
    assert not AuditEntry.objects.filter(actor=bob).exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_put_on_and_off_stands_in_the_trail_once_each(alice):
    from allauth.mfa.models import Authenticator  # noqa: PLC0415 - models, which wait for Django

    browser = Client()
    sign_in(browser)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    browser.get("/accounts/2fa/totp/activate/")
    code = hotp_value(browser.session[SECRET_SESSION_KEY], next(yield_hotp_counters_from_time()))
    browser.post("/accounts/2fa/totp/activate/", {"code": format_hotp_value(code)})
    assert Authenticator.objects.filter(user=alice).count() == 2, "the factor and its recovery codes"
    browser.post("/accounts/2fa/totp/deactivate/")
    told = AuditEntry.objects.filter(actor=alice, action__startswith="second_factor").order_by("pk")
    assert list(told.values_list("action", flat=True)) == ["second_factor.added", "second_factor.removed"]


def test_a_session_nobody_used_for_a_week_is_over(browser, alice):
    sign_in(browser)
    browser.get("/w/narenj/settings/")
    session = browser.session
    session[SEEN] -= IDLE_SECONDS + 1
    session.save()
    assert browser.get("/w/narenj/settings/")["Location"].startswith("/accounts/login/")


def test_a_session_ends_after_a_month_however_much_it_is_used(browser, alice):
    sign_in(browser)
    browser.get("/w/narenj/settings/")
    session = browser.session
    session[BEGAN] -= 31 * 24 * 3600
    session.save()
    assert browser.get("/w/narenj/settings/").status_code == 302


def test_sessions_that_ran_out_are_forgotten_with_their_devices(alice):
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 - models, which wait for Django

    old, new = Client(), Client()
    for device in (old, new):
        sign_in(device)
        device.get("/w/narenj/settings/account/")
    ended = Session.objects.filter(pk=old.session.session_key)
    assert ended.update(expire_date=clock.now() - dt.timedelta(minutes=1)) == 1
    JOBS["workspaces.forget_sessions"]({})
    kept = [new.session.session_key]
    assert list(Session.objects.values_list("pk", flat=True)) == kept
    assert list(UserSession.objects.values_list("session_key", flat=True)) == kept


def test_another_device_is_signed_out_from_the_account_page(alice):
    here, there = Client(), Client()
    for client in (here, there):
        sign_in(client)
    here.post("/w/narenj/settings/account/sessions/", {"session": "others"})
    assert there.get("/w/narenj/settings/").status_code == 302
    assert here.get("/w/narenj/settings/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(alice, bob):
    from allauth.usersessions.models import UserSession  # noqa: PLC0415 - models, which wait for Django

    hers, his = Client(), Client()
    sign_in(hers)
    sign_in(his, email="bob@example.com")
    row = UserSession.objects.get(user=alice)
    assert his.post("/w/narenj/settings/account/sessions/", {"session": str(row.pk)}).status_code == 404
    assert hers.get("/w/narenj/settings/").status_code == 200


def test_an_authenticator_is_asked_for_after_the_password_and_its_secret_lies_sealed(alice):
    from allauth.mfa.adapter import get_adapter  # noqa: PLC0415 - models, which wait for Django
    from allauth.mfa.models import Authenticator  # noqa: PLC0415
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time  # noqa: PLC0415

    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(alice, secret)
    stored = Authenticator.objects.get(user=alice).data["secret"]
    assert secret not in stored
    assert get_adapter().decrypt(stored) == secret
    browser = Client(headers={"accept-language": "en"})
    assert sign_in(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/w/narenj/settings/").status_code == 302
    assert "This code is not right" in browser.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert browser.get("/w/narenj/settings/").status_code == 200


def test_wrong_codes_are_few_from_however_many_addresses_they_come(alice):
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time  # noqa: PLC0415

    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(alice, secret)
    right = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    wrong = f"{(int(right) + 5) % 10**6:06}"
    for n in range(6):
        browser = Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"198.51.100.{n}")
        sign_in(browser)
        said = browser.post("/accounts/2fa/authenticate/", {"code": wrong}).content.decode()
        assert ("Too many tries" in said) == (n == 5)
    assert "Too many tries" in browser.post("/accounts/2fa/authenticate/", {"code": right}).content.decode()
    assert browser.get("/w/narenj/settings/").status_code == 302


def test_wrong_passwords_are_few_from_however_many_addresses_and_shut_nobody_out_of_their_own_browser(alice, bob, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "account_tries": "6/h/key"}
    hers = Client(REMOTE_ADDR="198.51.100.200")
    assert sign_in(hers).status_code == 302
    hers.post("/accounts/logout/")
    strangers = [Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"198.51.100.{n}") for n in range(8)]
    told = ["Too many tries" in sign_in(one, password="wrong wrong wrong").content.decode() for one in strangers]
    assert told == [False] * 6 + [True] * 2
    assert "Too many tries" in sign_in(strangers[-1]).content.decode()
    nobody = [sign_in(one, email="nobody@example.com", password="wrong wrong wrong").content.decode() for one in strangers]
    assert ["Too many tries" in said for said in nobody] == told
    assert sign_in(Client(REMOTE_ADDR="198.51.100.9"), email=bob.email).status_code == 302
    assert sign_in(hers).status_code == 302


def test_a_known_browser_is_known_for_its_person_alone(alice, bob, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "account_tries": "2/h/key"}
    hers = Client(headers={"accept-language": "en"})
    sign_in(hers)
    cookie = hers.cookies["peyvand_browser"]
    assert (cookie["httponly"], cookie["samesite"], alice.email in cookie.value) == (True, "Lax", False)
    hers.post("/accounts/logout/")
    for n in range(3):
        said = sign_in(hers, email=bob.email, password="wrong wrong wrong").content.decode()
        assert ("Too many tries" in said) == (n == 2)
    stolen = [Client(headers={"accept-language": "en"}, REMOTE_ADDR=f"198.51.100.{n}") for n in range(3)]
    for thief in stolen:
        thief.cookies["peyvand_browser"] = cookie.value
    said = [sign_in(thief, password="wrong wrong wrong").content.decode() for thief in stolen]
    assert ["Too many tries" in one for one in said] == [False, False, True]


def test_all_addresses_of_one_subscriber_share_their_tries(alice):
    for n in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), password="wrong wrong wrong")
    assert sign_in(Client(REMOTE_ADDR="2001:db8:1:2:ffff::9")).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="2001:db8:1:3::1")).status_code == 302


def test_the_language_is_chosen_at_the_door_and_kept(client, alice):
    login = "/accounts/login/"
    page = client.get(login, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert 'lang="en"' in page
    assert 'value="fa"' in page
    answer = client.post("/language/", {"language": "fa", "next": login})
    assert (answer.status_code, answer["Location"]) == (302, login)
    assert 'dir="rtl"' in client.get(login, HTTP_ACCEPT_LANGUAGE="en").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "\\evil.example"])
def test_the_choice_of_a_language_leads_nowhere_else(client, alice, elsewhere):
    answer = client.post("/language/", {"language": "tlh", "next": elsewhere})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "django_language" not in answer.cookies
    assert client.get("/language/").status_code == 405


def test_whoever_does_not_want_to_sign_out_finds_the_way_back(browser, alice):
    sign_in(browser)
    assert '<a href="/">Stay signed in</a>' in browser.get("/accounts/logout/").content.decode()
    assert browser.get("/", follow=True).status_code == 200
