"""Checking bearer tokens: signature, issuer, audience, times. The keys come from a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("ES256", "ES384", "PS256", "RS256", "EdDSA", "Ed25519")
"""Asymmetric only: a token made with a public key as a shared secret must not pass."""

LEEWAY_SECONDS = 30


class InvalidToken(Exception):
    """The token is not one that this hub accepts; the text says why without repeating it."""


class IssuerAway(Exception):
    """The issuer's keys cannot be had at the moment."""


class KeySource(Protocol):
    """Where an issuer's public keys come from."""

    issuer: str

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The keys; `fresh` asks again because one was missing. Raises IssuerAway."""


class TokenVerifier:
    """Verifies tokens of one issuer for one audience."""

    def __init__(self, source: KeySource, audience: str) -> None:
        self._source = source
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": source.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def claims(self, token: str) -> Mapping[str, Any]:
        """The token's claims. Raises InvalidToken or IssuerAway."""
        try:
            decoded = self._decode(token, await self._source.keys())
        except InvalidToken:
            decoded = self._decode(token, await self._source.keys(fresh=True))
        try:
            self._claims.validate(decoded.claims)
        except JoseError as error:
            raise InvalidToken(error.error) from None
        return decoded.claims

    @staticmethod
    def _decode(token: str, keys: KeySet) -> jwt.Token:
        try:
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise InvalidToken(type(error).__name__) from None
