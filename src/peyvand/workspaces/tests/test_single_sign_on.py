"""Single sign-on against a real provider on this machine, and what an attacker would try."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from joserfc import jwt
from joserfc.jwk import RSAKey
from tests.silent import waiting_for

from peyvand.workspaces.models import AuditEntry, Member, SignOnIdentity, SingleSignOn, User
from peyvand.workspaces.services import change_member, create_owner, create_role, delete_role, invite, put_member
from peyvand.workspaces.services.single_sign_on import set_sign_on
from peyvand.workspaces.tests.conftest import PASSWORD
from peyvand.workspaces.tests.provider import CLIENT, SECRET, Provider
from peyvand.workspaces.types import Permission

pytestmark = pytest.mark.django_db
EMAIL = "alice@narenj.example"
HOME = "/w/narenj/settings/"


@pytest.fixture
def provider(settings):
    cache.clear()
    one = Provider()
    settings.PEYVAND_INTERNAL_HOSTS = [one.host]
    with translation.override("en"):
        yield one
    one.stop()
    cache.clear()


@pytest.fixture
def config(narenj, alice, provider) -> SingleSignOn:
    return configured(narenj, alice, provider)


def configured(workspace, owner, provider, **changes) -> SingleSignOn:
    usual = {"name": "Company account", "issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET, "domains": ["narenj.example"]}
    rest = {"role": "agent", "makes_members": True, "passwords_allowed": True}
    return set_sign_on(workspace=workspace, actor=owner, **{**usual, **rest, **changes})


def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def sent_back(client: Client, provider: Provider, slug: str = "narenj", wanted: str = HOME) -> str:
    """The address, without its host, to which the provider sends somebody back."""
    asked = client.get(f"/sso/{slug}/", {"next": wanted})
    back = urlsplit(provider.visit(asked["Location"]))
    return f"{back.path}?{back.query}"


def sign_in(provider: Provider, client: Client | None = None, **where: str):
    client = client or browser()
    return client, client.get(sent_back(client, provider, **where))


def test_a_newcomer_becomes_a_member_and_is_the_same_person_next_time(narenj, config, provider):
    client, answer = sign_in(provider)
    assert answer["Location"] == HOME
    assert client.get(HOME).status_code == 200
    member = Member.objects.get(user__email=EMAIL)
    assert (member.role, member.user.name, member.user.has_usable_password()) == ("agent", "Alice", False)
    provider.claims = {"email": "renamed@elsewhere.example"}
    sign_in(provider)
    assert SignOnIdentity.objects.get().user == member.user
    assert not User.objects.filter(email="renamed@elsewhere.example").exists()
    assert AuditEntry.objects.filter(action="sign_on.linked").count() == 1


def test_what_is_asked_of_the_provider_carries_state_nonce_and_challenge(config, provider):
    asked = parse_qs(urlsplit(browser().get("/sso/narenj/")["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 30
    assert asked["scope"] == ["openid email profile"]


def test_the_address_to_come_back_to_is_ours_whatever_host_is_named(config, provider, settings):
    settings.ALLOWED_HOSTS = ["*"]
    asked = parse_qs(urlsplit(browser().get("/sso/narenj/", headers={"host": "evil.example"})["Location"]).query)
    assert asked["redirect_uri"] == [f"{settings.PEYVAND_URL}/sso/narenj/back/"]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/w/narenj/", "/w/twin/", "/w/narenj/\\..\\", "javascript:1"])
def test_nobody_is_sent_elsewhere_afterwards(config, provider, wanted):
    _client, answer = sign_in(provider, wanted=wanted)
    assert answer["Location"].startswith("/w/narenj/")


def forged(alg: str, claims: dict, key: bytes = b"") -> str:
    """A token made by hand, as libraries refuse to make it."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": alg, "kid": "one"}, claims)]
    body = b".".join(parts)
    mac = hmac.new(key, body, hashlib.sha256).digest() if alg == "HS256" else b""
    return (body + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"iss": "https://elsewhere.example"}, "its issuer"),
        ({"aud": "somebody-else"}, "whom it is for"),
        ({"aud": [CLIENT, "somebody-else"]}, "whom it is for"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "whom it is for"),
        ({"nonce": "another"}, "its number used once"),
        ({"nonce": None}, "its number used once"),
        ({"exp": 1_000_000_000}, "its time"),
        ({"exp": None}, "its time"),
        ({"iat": 4_000_000_000}, "its time"),
        ({"sub": ""}, "its subject"),
        ({"sub": None}, "its subject"),
    ],
)
def test_claims_that_are_not_exactly_right_let_nobody_in(config, provider, claims, what):
    provider.claims = claims
    client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert f"({what} is wrong)" in answer.content.decode()
    assert client.get(HOME)["Location"].startswith("/accounts/login/")
    assert not User.objects.filter(email=EMAIL).exists()


def test_signatures_that_anybody_can_make_let_nobody_in(config, provider):
    public = provider.key.as_pem(private=False)
    shared = base64.urlsafe_b64decode(str(provider.key.as_dict(private=False)["n"]) + "==")
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    signers = (
        lambda claims: forged("none", claims),
        lambda claims: forged("None", claims),
        lambda claims: forged("HS256", claims, public),
        lambda claims: forged("HS256", claims, shared),
        lambda claims: forged("HS256", claims, b""),
        lambda claims: provider.signed(claims, stranger),
        lambda _claims: "",
        lambda _claims: "a.b.c",
    )
    for signer in signers:
        provider.sign = signer
        _client, answer = sign_in(provider)
        assert (answer.status_code, "its signature is wrong" in answer.content.decode()) == (403, True)
    assert not User.objects.filter(email=EMAIL).exists()


def test_what_came_back_counts_once_and_only_in_the_browser_that_asked(config, provider):
    client = browser()
    back = sent_back(client, provider)
    assert browser().get(back).status_code == 403
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 403
    thief = browser()
    own = sent_back(thief, provider)
    stolen = parse_qs(urlsplit(back).query)["code"][0]
    mixed = own.replace(parse_qs(urlsplit(own).query)["code"][0], stolen)
    assert thief.get(mixed).status_code == 403


def test_whoever_keeps_the_cookie_has_the_provider_asked_once_for_each_sign_in(config, provider):
    client = browser()
    back = sent_back(client, provider)
    kept = client.cookies["peyvand_sign_on"].value
    code = parse_qs(urlsplit(back).query)["code"][0]
    for guess in ("one", "two", code):
        client.cookies["peyvand_sign_on"] = kept
        assert client.get(back.replace(code, guess)).status_code == 403
    assert provider.asked.count("/realm/token") == 1
    assert sign_in(provider)[1].status_code == 302, "another sign-in is another"


def test_whoever_comes_back_while_others_wait_loses_nothing_and_goes_on_by_itself(narenj, config, provider):
    client = browser()
    back = sent_back(client, provider)
    with waiting_for(narenj.pk):
        busy = client.get(back, headers={"accept": "text/html"})
        assert (busy.status_code, busy["Refresh"], busy["Retry-After"]) == (503, "2", "2")
        assert "Nothing was done" in busy.content.decode()
        persian = client.get(back, headers={"accept": "text/html", "accept-language": "fa"}).content.decode()
        assert "کاری انجام نشد" in persian
    assert "/realm/token" not in provider.asked
    assert client.get(back)["Location"] == HOME


def test_who_begins_again_and_again_writes_nothing_here(config, provider):
    for n in range(5):
        answer = browser().get("/sso/narenj/", {"next": f"/w/narenj/{'ک' * 40 * n}"})
        cookie = answer.cookies["peyvand_sign_on"]
        assert (answer.status_code, cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (302, True, "Lax", 600)
    assert not Session.objects.exists()


def test_what_came_back_after_ten_minutes_is_too_late(config, provider, frozen_clock):
    client = browser()
    back = sent_back(client, provider)
    frozen_clock.advance(dt.timedelta(minutes=11))
    assert "too long ago" in client.get(back).content.decode()


def test_a_code_of_another_sign_in_does_not_fit_its_challenge(config, provider):
    victim, thief = browser(), browser()
    code = parse_qs(urlsplit(sent_back(victim, provider)).query)["code"][0]
    own = sent_back(thief, provider)
    answer = thief.get(own.replace(parse_qs(urlsplit(own).query)["code"][0], code))
    assert (answer.status_code, "The provider refused" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": "eve@evil.example"}])
def test_an_address_that_is_not_verified_or_not_ours_takes_no_account_over(narenj, config, provider, claims):
    bob = put_member(workspace=narenj, email=EMAIL, name="Alice", role="manager")
    provider.claims = claims
    _client, answer = sign_in(provider)
    assert answer.status_code == 403
    assert not SignOnIdentity.objects.filter(user=bob.user).exists()


@pytest.mark.parametrize(
    ("vouches", "claims", "enters"),
    [
        (True, {"email_verified": None}, True),
        (False, {"email_verified": None}, False),
        (True, {"email_verified": False}, False),
        (True, {"email_verified": "false"}, False),
        (True, {"email_verified": 0}, False),
        (True, {"email_verified": ""}, False),
        (True, {"email_verified": None, "email": "eve@evil.example"}, False),
        (True, {"email_verified": None, "email": "alice@narenj.example.evil.example"}, False),
        (True, {"email_verified": None, "email": "alice@sub.narenj.example"}, False),
        (True, {"email_verified": None, "email": "eve@evil.example, alice@narenj.example"}, False),
        (True, {"email_verified": None, "email": None}, False),
    ],
)
def test_a_provider_that_says_nothing_of_addresses_may_vouch_for_those_of_its_domains(narenj, alice, provider, vouches, claims, enters):
    configured(narenj, alice, provider, vouches=vouches)
    provider.claims = claims
    _client, answer = sign_in(provider)
    assert answer.status_code == (302 if enters else 403)
    assert SignOnIdentity.objects.count() == Member.objects.filter(user__email=EMAIL).count() == int(enters)


def test_the_person_s_page_counts_as_the_provider_s_word(narenj, alice, provider):
    configured(narenj, alice, provider, vouches=True)
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "a-1", "email": EMAIL, "email_verified": False}
    assert sign_in(provider)[1].status_code == 403
    del provider.userinfo["email_verified"]
    assert sign_in(provider)[1].status_code == 302


def test_an_address_is_taken_from_the_person_s_page_only_for_the_same_subject(config, provider):
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "somebody-else", "email": EMAIL, "email_verified": True}
    assert sign_in(provider)[1].status_code == 403
    provider.userinfo["sub"] = "a-1"
    assert sign_in(provider)[1].status_code == 302


def test_a_provider_that_calls_itself_otherwise_is_not_asked(config, provider):
    provider.discovery = {"issuer": "https://elsewhere.example"}
    answer = browser().get("/sso/narenj/")
    assert (answer.status_code, "calls itself" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/token", "https://169.254.169.254/token", "https://[::ffff:10.0.0.1]/", "file:///etc/passwd"]
)
def test_a_provider_cannot_send_us_inside(config, provider, address):
    provider.discovery = {"token_endpoint": address}
    answer = browser().get("/sso/narenj/")
    assert (answer.status_code, "may not be asked (token_endpoint)" in answer.content.decode()) == (403, True)


def test_a_session_of_a_provider_opens_its_own_brand_only(narenj, twin, config, provider):
    create_owner(workspace=twin, email=EMAIL, password=PASSWORD)
    put_member(workspace=narenj, email=EMAIL, name="Alice", role="agent")
    client, _answer = sign_in(provider)
    page = client.get(HOME)
    assert page.status_code == 200
    assert "Twin" not in page.content.decode()
    for path in ("/w/twin/", "/accounts/password/change/", "/accounts/password/set/", "/accounts/2fa/totp/activate/", "/workspaces/new/"):
        assert client.get(path).status_code == 404, path
    assert client.get("/")["Location"] == "/w/narenj/"
    assert client.post("/accounts/logout/").status_code == 302
    client.force_login(User.objects.get(email=EMAIL), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/w/twin/settings/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "accounts/password/set/",
        "accounts/password/change/",
        "accounts/2fa/totp/activate/",
        "accounts/2fa/recovery-codes/",
        "workspaces/new/",
    ],
)
def test_no_address_within_the_brand_leads_to_what_is_the_persons_own(config, provider, path):
    """Else whoever runs a brand's provider sets a password for a colleague, and opens every brand of theirs with it."""
    client, _answer = sign_in(provider)
    assert client.get(HOME).status_code == 200
    assert client.get(f"/w/narenj/{path}").status_code == 404
    mine = {"password1": "three wise walnuts", "password2": "three wise walnuts"}
    assert client.post(f"/w/narenj/{path}", mine).status_code == 404
    assert not User.objects.get(email=EMAIL).has_usable_password()
    assert client.post("/w/narenj/accounts/logout/").status_code == 302


def test_a_session_of_a_provider_knows_and_ends_only_those_that_it_opened(narenj, twin, config, provider):
    person = create_owner(workspace=twin, email=EMAIL, password=PASSWORD).user
    put_member(workspace=narenj, email=EMAIL, name="Alice", role="agent")
    elsewhere = Client(headers={"user-agent": "Firefox/999"})
    elsewhere.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    first, _answer = sign_in(provider)
    second, _answer = sign_in(provider)
    page = first.get("/w/narenj/settings/account/").content.decode()
    assert ("Firefox" in page, page.count('name="session"')) == (False, 2)
    theirs = UserSession.objects.get(user=person, user_agent="Firefox/999")
    ending = "/w/narenj/settings/account/sessions/"
    assert first.post(ending, {"session": str(theirs.pk)}).status_code == 404
    assert first.post(ending, {"session": "others"}).status_code == 302
    assert [client.get(HOME).status_code for client in (first, second)] == [200, 302]
    assert elsewhere.get("/w/twin/settings/").status_code == 200


def test_whoever_came_by_password_keeps_what_it_opens(window, narenj, twin, config, provider):
    person = create_owner(workspace=twin, email=EMAIL, password=PASSWORD).user
    client = window(person)
    sign_in(provider, client)
    assert [client.get(f"/w/{slug}/settings/").status_code for slug in ("narenj", "twin")] == [200, 200]


def test_an_account_that_somebody_made_beforehand_for_an_address_comes_in_with_nobody(narenj, twin, alice, config, provider):
    mallory = create_owner(workspace=twin, email="mallory@twin.example", password=PASSWORD).user
    _invitation, token = invite(workspace=twin, email=EMAIL, role="viewer", actor=mallory)
    squatter = browser()
    assert squatter.post(f"/invitation/{token}/", {"name": "Alice", "password": PASSWORD}).status_code == 302
    hers, refused = sign_in(provider)
    assert (refused.status_code, "Sign in with its password once" in refused.content.decode()) == (403, True)
    assert [client.get(HOME).status_code for client in (squatter, hers)] == [404, 302]
    assert not Member.objects.filter(workspace=narenj, user__email=EMAIL).exists()
    assert not SignOnIdentity.objects.exists()


def test_where_passwords_are_not_allowed_owners_alone_come_by_them(window, narenj, alice, bob, provider):
    configured(narenj, alice, provider, passwords_allowed=False)
    assert window(alice).get(HOME).status_code == 200
    assert window(bob).get(HOME)["Location"] == "/sso/narenj/?next=%2Fw%2Fnarenj%2Fsettings%2F"
    assert sign_in(provider)[0].get(HOME).status_code == 200


def test_nobody_is_made_a_member_unless_the_brand_says_so(narenj, alice, provider):
    configured(narenj, alice, provider, makes_members=False)
    _client, answer = sign_in(provider)
    assert (answer.status_code, "Ask an owner for an invitation" in answer.content.decode()) == (403, True)
    put_member(workspace=narenj, email=EMAIL, name="Alice", role="lead")
    assert sign_in(provider)[1].status_code == 302
    assert Member.objects.get(user__email=EMAIL).role == "lead"


def test_who_lost_access_does_not_come_back_by_the_provider(narenj, alice, config, provider):
    sign_in(provider)
    change_member(member=Member.objects.get(user__email=EMAIL), actor=alice, is_active=False)
    _client, answer = sign_in(provider)
    assert (answer.status_code, "no access" in answer.content.decode()) == (403, True)


def test_the_settings_ask_the_provider_first_and_never_show_the_secret(window, narenj, alice, provider):
    hers = window(alice)
    given = {"name": "Company", "issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET, "role": "viewer"}
    given["domains"] = "@narenj.example"
    refused = hers.post("/w/narenj/settings/sign-on/", {**given, "issuer": f"http://{provider.host}/elsewhere"})
    assert "The provider refused (404)" in refused.content.decode()
    assert "begin with https" in hers.post("/w/narenj/settings/sign-on/", {**given, "issuer": "http://example.com"}).content.decode()
    missing = hers.post("/w/narenj/settings/sign-on/", {**given, "secret": ""})
    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["secret"])
    assert hers.post("/w/narenj/settings/sign-on/", given).status_code == 302
    kept = SingleSignOn.objects.get()
    assert (kept.domains, kept.role, SECRET in kept.sealed) == (["narenj.example"], "viewer", False)
    again = hers.get("/w/narenj/settings/sign-on/").content.decode()
    assert (SECRET in again, "One is stored. Leave this empty to keep it." in again) == (False, True)
    hers.post("/w/narenj/settings/sign-on/", {**given, "secret": "", "name": "New"})
    assert (SingleSignOn.objects.get().sealed, SingleSignOn.objects.get().name) == (kept.sealed, "New")
    assert SECRET not in json.dumps(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert "Sign in with New" in browser().get("/accounts/login/?next=/w/narenj/").content.decode()
    hers.post("/w/narenj/settings/sign-on/remove/")
    assert browser().get("/sso/narenj/").status_code == 404


def test_only_who_may_manage_sign_on_sets_it_up_and_newcomers_are_no_owners(window, narenj, alice, bob, config, provider):
    assert window(bob).get("/w/narenj/settings/sign-on/").status_code == 403
    given = {"name": "C", "issuer": provider.issuer, "client_id": CLIENT, "domains": "narenj.example", "role": "owner"}
    assert "not one of the available choices" in window(alice).post("/w/narenj/settings/sign-on/", given).content.decode()


def test_a_role_that_newcomers_get_is_kept(narenj, alice, provider):
    role = create_role(workspace=narenj, names={"en": "New"}, permissions={Permission.CASES_READ}, actor=alice)
    configured(narenj, alice, provider, role=role)
    with pytest.raises(Exception, match="gives to newcomers"):
        delete_role(role=role, actor=alice)
    sign_in(provider)
    assert Member.objects.get(user__email=EMAIL).custom_role == role


def test_keys_are_asked_for_once_and_again_when_the_provider_changed_them(config, provider):
    assert [sign_in(provider)[1].status_code for _turn in range(3)] == [302] * 3
    assert provider.asked.count("/realm/keys") == 1
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, provider.key)
    assert [sign_in(provider)[1].status_code for _turn in range(2)] == [302] * 2
    assert provider.asked.count("/realm/keys") == 2


@pytest.mark.parametrize("methods", [None, 5, "client_secret_basic", {}])
def test_ways_of_proof_that_are_no_list_are_as_good_as_none_said(config, provider, methods):
    provider.discovery = {"token_endpoint_auth_methods_supported": methods}
    assert sign_in(provider)[1].status_code == 302


LISTS = (5, None, "RSA", {"kty": "RSA"}, [5, None, []], [{"kty": []}], [{"kty": "RSA"}], [{"kty": "EC", "crv": []}])
ODD = [{"keys": odd} for odd in LISTS]
ODD += [{"keys": [{"kty": "RSA", "kid": "one", "n": n, "e": e}]} for n, e in ((5, 5), (None, []), ("!", "?"), ("", ""), ("AQ", "AQAB"))]
ODD += [{"keys": [{"kty": "EC", "kid": "one", "crv": crv, "x": "AQ", "y": "AQ"}]} for crv in ("P-256", "P-0", None, 5)]
ODD += [{"other": 1}]


@pytest.mark.parametrize("keys", ODD, ids=repr)
def test_odd_keys_let_nobody_in_and_are_no_fault_of_ours(config, provider, keys):
    provider.keys = keys
    answer = sign_in(provider)[1]
    assert (answer.status_code, "its signature is wrong" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("claims", "what"),
    [({"nonce": "\ud800"}, "its number used once"), ({"sub": "\ud800"}, "its subject"), ({"sub": "a\0"}, "its subject")],
)
def test_claims_that_cannot_be_kept_let_nobody_in(config, provider, claims, what):
    provider.claims = claims
    answer = sign_in(provider)[1]
    assert (answer.status_code, f"({what} is wrong)" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize("odd", ["\0", "\ud800"])
def test_what_cannot_be_kept_of_a_name_is_left_out_and_such_an_address_is_none(config, provider, odd):
    provider.claims = {"email": f"alice{odd}@narenj.example"}
    assert sign_in(provider)[1].status_code == 403
    provider.claims = {"name": f"Al{odd}ice"}
    assert sign_in(provider)[1].status_code == 302
    assert User.objects.get(email=EMAIL).name == "Alice"


@pytest.mark.parametrize("said", [{"issuer": "\ud800"}, {"authorization_endpoint": 5}, {"more": "x" * 200_000}])
def test_odd_words_of_a_provider_are_told_and_no_fault_of_ours(config, provider, said):
    provider.discovery = said
    assert browser().get("/sso/narenj/").status_code == 403
