"""A token issuer for development: it believes what it is told. Never in production."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

log = structlog.get_logger(__name__)

LIFETIME = timedelta(hours=8)


class InsecureIssuerWarning(UserWarning):
    """Anyone can be anyone on this hub."""


class UnsafeDevelopmentIssuer:
    """Signs any claims with a key of its own that lives as long as the process.

    Raises `RuntimeError` in production mode.
    """

    def __init__(self, mode: str, public_url: str, audience: str) -> None:
        if mode == "production":
            raise RuntimeError("the development issuer does not start in production mode")
        text = "DEVELOPMENT ISSUER: this hub gives a token to anyone who asks. No real data."
        warnings.warn(text, InsecureIssuerWarning, stacklevel=2)
        log.warning("issuer.unsafe", text=text)
        self.issuer = f"{public_url.rstrip('/')}/dev"
        self._audience = audience
        self._key = ECKey.generate_key("P-256", {"use": "sig", "kid": "development"})

    async def keys(self, *, fresh: bool = False) -> KeySet:  # noqa: ARG002 (the key never changes)
        """Its one public key."""
        return KeySet([ECKey.import_key(self._key.as_dict(private=False))])

    def key_set(self) -> dict[str, Any]:
        """The public key as a JWKS document."""
        return {"keys": [self._key.as_dict(private=False)]}

    def configuration(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks.json",
            "token_endpoint": f"{self.issuer}/token",
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def token(self, claims: Mapping[str, Any]) -> str:
        """A token for whoever `claims` says; `sub` is required. Valid for eight hours."""
        now = datetime.now(UTC)
        own = {
            "iss": self.issuer,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode({"alg": "ES256", "kid": "development"}, {**claims, **own}, self._key)
