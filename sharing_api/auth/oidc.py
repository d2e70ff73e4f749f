"""Keys of an OpenID Connect issuer: discovery and JWKS, fetched once and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sharing_api.auth.tokens import IssuerAway

log = structlog.get_logger(__name__)

KEEP_SECONDS = 600.0
ASK_AGAIN_SECONDS = 10.0


class OidcKeys:
    """An issuer's keys.

    A token with an unknown key makes it ask again, at most every ten seconds; while the issuer is
    away the keys known so far go on being used.
    """

    def __init__(
        self, issuer: str, client: httpx.AsyncClient, clock: Callable[[], float] = monotonic
    ) -> None:
        self.issuer = issuer
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: KeySet | None = None
        self._asked_at: float | None = None

    async def keys(self, *, fresh: bool = False) -> KeySet:
        """The keys. Raises IssuerAway if there are none and the issuer does not answer."""
        async with self._lock:
            if self._due(ASK_AGAIN_SECONDS if fresh or self._keys is None else KEEP_SECONDS):
                await self._fetch()
        if self._keys is None:
            raise IssuerAway(self.issuer)
        return self._keys

    def _due(self, seconds: float) -> bool:
        return self._asked_at is None or self._clock() - self._asked_at >= seconds

    async def _fetch(self) -> None:
        """Replace the keys, if the issuer answers and is the one that it was asked to be."""
        self._asked_at = self._clock()
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = await self._get(place)
            if found["issuer"] == self.issuer:
                self._keys = KeySet.import_key_set(await self._get(str(found["jwks_uri"])))
        except (httpx.HTTPError, ValueError, KeyError, TypeError, JoseError) as error:
            log.warning("issuer.away", fault=type(error).__name__)

    async def _get(self, url: str) -> Any:
        answer = await self._client.get(url)
        answer.raise_for_status()
        return answer.json()
