"""Whether whoever opened an answer that goes on for hours may go on having it."""

from __future__ import annotations

from time import monotonic
from typing import Final

from sharing_api.auth.claims import asker_of
from sharing_api.auth.tokens import LEEWAY_SECONDS, InvalidToken, IssuerAway
from sharing_api.release import Asker
from sharing_api.services import Services

AGAIN_SECONDS: Final = 60.0
"""A token is verified anew so often, against the issuer's keys as they are then."""


class Standing:
    """One asker's standing: their token, and their agency's.

    Role and vetting are the token's, so a change of either counts when the token has run out, and a
    token runs out on a stream as it does on a request.
    """

    def __init__(self, services: Services, asker: Asker, token: str, expires: float) -> None:
        """`expires` is the token's, in seconds since 1970; it has just been verified."""
        self._services = services
        self._asker = asker
        self._token = token
        self._until = expires + LEEWAY_SECONDS
        self._verified = monotonic()

    async def holds(self) -> bool:
        """Tell whether the token is good and the agency is not suspended. Raises SQLAlchemyError.

        It is not where the issuer's keys cannot be had.
        """
        if self._services.parts.clock().timestamp() >= self._until:
            return False
        if await self._services.agency_status(self._asker.agency) == "suspended":
            return False
        if monotonic() - self._verified < AGAIN_SECONDS:
            return True
        try:
            claims = await self._services.verifier.claims(self._token)
            same = asker_of(claims, self._services.settings) == self._asker
        except (InvalidToken, IssuerAway):
            return False
        self._verified = monotonic()
        return same
