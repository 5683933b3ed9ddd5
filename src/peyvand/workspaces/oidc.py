"""OpenID Connect as this installation speaks it: the code flow with state, nonce and PKCE. Called by views.single_sign_on.

Every request goes through `core.outward`: https, public addresses (or hosts the operator named), no redirects.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from peyvand.core import clock, outward
from peyvand.workspaces.asked_once import Outcome, forget, outcome

# Signatures with a key that only the provider has: `none` and those with a shared key are no proof.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
KEY_TYPES: Final = ("RSA", "EC")
LEEWAY: Final = 60
LONGEST_SUBJECT: Final = 255
HALF_SPACE: Final = "\u200c"  # Persian writes it within names
MOST_KEPT: Final = 128 * 1024  # bytes of what a provider says of itself, or of its keys: it is kept for a day


class SignOnError(Exception):
    """A provider cannot be reached, or its answer is not to be trusted; the message says which, in the reader's language."""


class _UnheardError(SignOnError):
    """A provider said nothing of use. `told` is that in no language yet: it is kept, and told to readers of another, too."""

    def __init__(self, text: str, why: str = "") -> None:
        super().__init__(_(text) % {"why": _(why) if why else "", "status": why})
        self.told = (text, why)


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    by_post: bool  # the client's secret goes into the body, where the provider takes no Basic header


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to a provider, and where it sends people back to."""

    client_id: str
    secret: str
    back: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a provider vouches for. `email` is empty unless the provider verified it, or its brand says that it vouches for addresses."""

    subject: str
    email: str
    name: str


def discovered(issuer: str, workspace_id: int) -> Provider:
    """An issuer's addresses; what it said is kept for five minutes, that it failed for half a minute. Raises SignOnError."""
    said = _said(issuer.rstrip("/") + "/.well-known/openid-configuration", workspace_id)
    if said.get("issuer") != issuer:
        raise SignOnError(
            _("The provider calls itself %(name)s, not %(issuer)s.") % {"name": str(said.get("issuer"))[:200], "issuer": issuer}
        )
    methods = said.get("token_endpoint_auth_methods_supported")
    addresses = {name: _address(said, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    return Provider(
        issuer=issuer,
        authorization=addresses["authorization_endpoint"],
        token=addresses["token_endpoint"],
        keys=addresses["jwks_uri"],
        userinfo=_address(said, "userinfo_endpoint") if said.get("userinfo_endpoint") else "",
        by_post=isinstance(methods, list) and "client_secret_basic" not in methods,
    )


def _said(address: str, workspace_id: int) -> dict[str, Any]:
    """What stands at an address of a provider, kept as `asked_once` keeps it. Raises SignOnError."""
    found = outcome(_place(address), lambda: _heard(address), workspace_id)
    if found is None:
        raise SignOnError(_("The provider cannot be asked just now. Try again in a moment."))
    if "failed" in found:
        raise _UnheardError(*found["failed"])
    return found["said"]


def _place(address: str) -> str:
    return "peyvand.provider." + hashlib.sha256(address.encode()).hexdigest()


def _heard(address: str) -> Outcome:
    try:
        return {"said": _json(_call(lambda: outward.get(address)), most=MOST_KEPT)}
    except _UnheardError as error:
        return {"failed": error.told}


def asking(provider: Provider, client: Client, *, state: str, nonce: str, verifier: str) -> str:
    """The address at the provider that asks somebody to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.back,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return provider.authorization + ("&" if "?" in provider.authorization else "?") + urlencode(asked)


def vouched(
    provider: Provider, client: Client, workspace_id: int, *, code: str, nonce: str, verifier: str, for_addresses: bool = False
) -> Subject:
    """Change a code into whom the provider vouches for. Raises SignOnError for whatever is not exactly as it must be.

    `for_addresses`: an address of which the provider says nothing counts as verified; one it says is not never does.
    """
    given = _exchanged(provider, client, code=code, verifier=verifier)
    claims = _signed(str(given.get("id_token", "")), provider, workspace_id)
    _check(claims, issuer=provider.issuer, client_id=client.client_id, nonce=nonce)
    if not claims.get("email") and provider.userinfo and given.get("access_token"):
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        more = _json(_call(lambda: outward.get(provider.userinfo, headers)))
        claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
    verified = claims.get("email_verified", for_addresses) in (True, "true")
    email = str(claims.get("email", "")).strip().lower()
    return Subject(
        subject=str(claims["sub"]),
        email=email if verified and email.isprintable() else "",
        name="".join(letter for letter in str(claims.get("name", "")) if letter.isprintable() or letter == HALF_SPACE).strip()[:120],
    )


def _exchanged(provider: Provider, client: Client, *, code: str, verifier: str) -> Mapping[str, Any]:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": client.back, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if provider.by_post:
        fields |= {"client_id": client.client_id, "client_secret": client.secret}
    else:
        pair = f"{quote(client.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return _json(_call(lambda: outward.post(provider.token, urlencode(fields).encode(), headers)))


def _signed(token: str, provider: Provider, workspace_id: int) -> dict[str, Any]:
    """The claims of a token that a key of the provider signed; where none that is kept did, they may be new, and are asked for again."""
    claims = _read(token, _said(provider.keys, workspace_id))
    if claims is None:
        forget(_place(provider.keys))
        claims = _read(token, _said(provider.keys, workspace_id))
    if claims is None:
        raise SignOnError(_untrusted(_("its signature")))
    return claims


def _read(token: str, said: Mapping[str, Any]) -> dict[str, Any] | None:
    """The claims of a token that one of the keys signed of which a provider said this."""
    keys = said.get("keys")
    listed = keys if isinstance(keys, list) else []
    usable = [key for key in listed if isinstance(key, dict) and key.get("kty") in KEY_TYPES and key.get("use") != "enc"]
    try:
        return dict(jwt.decode(token, KeySet.import_key_set({"keys": usable}), algorithms=list(ALGORITHMS)).claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _check(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> None:
    """Refuse claims made by, for or about somebody else, or at another time (OpenID Connect Core 1.0, 3.1.3.7)."""
    now = int(clock.now().timestamp())
    audience = claims.get("aud")
    audiences: Collection[object] = audience if isinstance(audience, list) else [audience]
    asked_by = claims.get("azp", client_id if len(audiences) == 1 else None)
    expires, issued, subject = claims.get("exp"), claims.get("iat"), claims.get("sub")
    rules = (
        (claims.get("iss") == issuer, _("its issuer")),
        (client_id in audiences and asked_by == client_id, _("whom it is for")),
        (isinstance(expires, int) and expires > now - LEEWAY and isinstance(issued, int) and issued < now + LEEWAY, _("its time")),
        (hmac.compare_digest(str(claims.get("nonce", "")).encode(errors="replace"), nonce.encode()), _("its number used once")),
        (isinstance(subject, str) and 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable(), _("its subject")),
    )
    for holds, what in rules:
        if not holds:
            raise SignOnError(_untrusted(what))


def _untrusted(what: str) -> str:
    return _("The provider’s answer cannot be trusted (%(what)s is wrong). Start again.") % {"what": what}


def _call(ask: Any) -> outward.Answer:
    try:
        answer: outward.Answer = ask()
    except outward.NotAllowedError as error:
        raise _UnheardError(gettext_noop("The provider cannot be asked: %(why)s"), str(error)) from error
    except outward.NoAnswerError as error:
        raise _UnheardError(gettext_noop("The provider did not answer: %(why)s Try again in a moment."), str(error)) from error
    if answer.status != 200:
        raise _UnheardError(gettext_noop("The provider refused (%(status)s). Start again."), str(answer.status))
    return answer


def _json(answer: outward.Answer, most: int = outward.MOST_BYTES) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
        json.dumps(said, ensure_ascii=False).encode()  # halves of letters are read, and can be neither shown nor kept
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or len(answer.body) > most:
        raise _UnheardError(gettext_noop("The provider’s answer cannot be read. Is the issuer’s address right?"))
    return said


def _address(said: Mapping[str, Any], name: str) -> str:
    """One of the provider's addresses, which keeps the same rules as the issuer's."""
    try:
        outward.check(str(said.get(name, "")))
    except outward.NotAllowedError as error:
        raise SignOnError(
            _("The provider names an address that may not be asked (%(name)s): %(why)s") % {"name": name, "why": _(str(error))}
        ) from error
    return str(said[name])
