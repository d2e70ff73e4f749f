"""What every route under /v1 demands of a request: a token, a purpose, maybe a justification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BeforeValidator

from sharing_api.auth.claims import asker_of
from sharing_api.auth.standing import Standing
from sharing_api.auth.tokens import InvalidToken, IssuerAway
from sharing_api.emergency import requests
from sharing_api.problems import Problem, unavailable
from sharing_api.release import Asker, Emergency
from sharing_api.services import Services
from sharing_api.wording import (
    EMERGENCY_PATTERN,
    Purpose,
    Sentence,
    from_wire,
)

bearer = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="Access token of the hub's OIDC issuer."
)


def services_of(request: Request) -> Services:
    """The app's services."""
    found: Services = request.app.state.services
    return found


Given = Annotated[Services, Depends(services_of)]


def unauthenticated(detail: str) -> Problem:
    """401 with the challenge that RFC 6750 asks for."""
    return Problem(401, "not-authenticated", detail, headers={"WWW-Authenticate": "Bearer"})


async def claims_in(
    services: Given,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Mapping[str, Any]:
    """What the token says. Raises Problem 401, 503 while the issuer is away."""
    if credentials is None:
        raise unauthenticated("A bearer token is needed.")
    try:
        return await services.verifier.claims(credentials.credentials)
    except InvalidToken as error:
        raise unauthenticated(f"The token is not accepted: {error}.") from None
    except IssuerAway:
        raise unavailable("identity provider") from None


Claiming = Annotated[Mapping[str, Any], Depends(claims_in)]


async def asker_in(services: Given, claims: Claiming) -> Asker:
    """Who asks. Raises Problem 401, 403 for a suspended agency."""
    try:
        asker = asker_of(claims, services.settings)
    except InvalidToken as error:
        raise unauthenticated(f"The token is not accepted: {error}.") from None
    if await services.agency_status(asker.agency) == "suspended":
        raise Problem(403, "agency-suspended", "The asker's agency is suspended.")
    return asker


Asking = Annotated[Asker, Depends(asker_in)]


async def standing_in(
    services: Given,
    asker: Asking,
    claims: Claiming,
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
) -> Standing:
    """What an answer that goes on for long asks again while it does."""
    return Standing(services, asker, credentials.credentials, float(claims["exp"]))


Standing_ = Annotated[Standing, Depends(standing_in)]


@dataclass(frozen=True, slots=True)
class Stated:
    """What an asker states about a request: purpose, justification, emergency."""

    purpose: str
    justification: str | None
    emergency: Emergency | None

    def terms(self) -> dict[str, Any]:
        """The gate's keyword arguments."""
        return {"justification": self.justification, "emergency": self.emergency}


_JUSTIFICATION = "Why, in a sentence without names; some purposes demand it. Kept in the ledger."
_EMERGENCY = (
    "In an emergency: the request that another person has confirmed within the last minutes "
    "(POST /v1/emergency-requests)."
)


async def stated_in(
    services: Given,
    asker: Asking,
    purpose: Annotated[
        Purpose,
        Header(
            alias="Concord-Purpose",
            description="What the data is for, as the agreement names it. Where a client cannot "
            "set headers, a query parameter `purpose` says the same.",
            json_schema_extra={"example": "tension-monitoring"},
        ),
    ] = "",
    justification: Annotated[
        Sentence | None,
        BeforeValidator(from_wire),
        Header(alias="Concord-Justification", description=_JUSTIFICATION),
    ] = None,
    emergency: Annotated[
        str | None,
        Header(alias="Concord-Emergency", pattern=EMERGENCY_PATTERN, description=_EMERGENCY),
    ] = None,
    query_purpose: Annotated[Purpose, Query(alias="purpose", include_in_schema=False)] = "",
    query_justification: Annotated[
        Sentence | None, Query(alias="justification", include_in_schema=False)
    ] = None,
) -> Stated:
    """What the request states. Raises Problem 400 where no purpose is stated."""
    said = purpose or query_purpose
    if not said:
        raise Problem(
            400,
            "purpose-missing",
            "State the purpose of the request in the header Concord-Purpose.",
            errors=[{"field": "header.Concord-Purpose", "rule": "a purpose of an agreement"}],
        )
    claimed = await _claimed(services, asker, said, emergency) if emergency else None
    return Stated(said, justification or query_justification, claimed)


async def _claimed(services: Services, asker: Asker, purpose: str, request_id: str) -> Emergency:
    async with services.reading() as session:
        now = services.parts.clock()
        return await requests.emergency(session, request_id, asker, purpose, now)


Stating = Annotated[Stated, Depends(stated_in)]
