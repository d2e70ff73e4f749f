"""Keys of an OIDC issuer that comes and goes, and rotates."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from sharing_api.auth.oidc import ASK_AGAIN_SECONDS, OidcKeys
from sharing_api.auth.tokens import InvalidToken, IssuerAway, TokenVerifier

ISSUER = "https://id.example/realm"


class FakeIssuer:
    """An issuer on the other side of httpx."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.away = False
        self.named = ISSUER
        self.asked = 0
        self.now = 0.0
        client = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        self.verifier = TokenVerifier(OidcKeys(ISSUER, client, lambda: self.now), "concord")

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Discovery and keys."""
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away")
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json={"issuer": self.named, "jwks_uri": f"{ISSUER}/keys"})
        return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})

    def token(self, **claims: Any) -> str:
        """A token of this issuer."""
        header = {"alg": "ES256", "kid": self.key.kid}
        told = {"iss": ISSUER, "aud": "concord", "sub": "x", "exp": 2**40, **claims}
        return jwt.encode(header, told, self.key)


async def test_keys_are_fetched_once() -> None:
    """Two tokens, one discovery."""
    issuer = FakeIssuer()
    for _ in range(2):
        assert (await issuer.verifier.claims(issuer.token()))["sub"] == "x"
    assert issuer.asked == 2


async def test_a_rotated_key_is_found_soon() -> None:
    """An unknown key makes it ask again, but not more often than every ten seconds."""
    issuer = FakeIssuer()
    await issuer.verifier.claims(issuer.token())
    issuer.key = ECKey.generate_key("P-256", {"kid": "two"})
    with pytest.raises(InvalidToken):
        await issuer.verifier.claims(issuer.token())
    issuer.now += ASK_AGAIN_SECONDS
    assert (await issuer.verifier.claims(issuer.token()))["sub"] == "x"
    assert issuer.asked == 4


async def test_known_keys_outlast_an_issuer_that_is_away() -> None:
    """Without any key there is no answer at all."""
    issuer = FakeIssuer()
    issuer.away = True
    with pytest.raises(IssuerAway):
        await issuer.verifier.claims(issuer.token())
    issuer.away, issuer.now = False, ASK_AGAIN_SECONDS
    await issuer.verifier.claims(issuer.token())
    issuer.away, issuer.now = True, 10_000.0
    assert (await issuer.verifier.claims(issuer.token()))["sub"] == "x"


async def test_a_document_of_another_issuer_gives_no_keys() -> None:
    """Discovery must name the issuer that was asked for."""
    issuer = FakeIssuer()
    issuer.named = "https://elsewhere.example"
    with pytest.raises(IssuerAway):
        await issuer.verifier.claims(issuer.token())


async def test_a_public_key_is_no_shared_secret() -> None:
    """A token signed with HMAC under the public key is refused."""
    issuer = FakeIssuer()
    await issuer.verifier.claims(issuer.token())
    told = {"iss": ISSUER, "aud": "concord", "sub": "x", "exp": 2**40}
    signed = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(told)}"
    mac = hmac.digest(issuer.key.as_pem(private=False), signed.encode(), "sha256")
    forged = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    with pytest.raises(InvalidToken):
        await issuer.verifier.claims(forged)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("wrong", [{"iss": "x"}, {"aud": "x"}, {"exp": 1}, {"nbf": 2**39}])
async def test_each_claim_is_checked(wrong: dict[str, Any]) -> None:
    """Issuer, audience, end and beginning."""
    issuer = FakeIssuer()
    with pytest.raises(InvalidToken):
        await issuer.verifier.claims(issuer.token(**wrong))
