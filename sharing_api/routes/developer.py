"""The development issuer's endpoints; only there while that issuer is."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from sharing_api.answers import NO_STORE
from sharing_api.auth.developer import LIFETIME, UnsafeDevelopmentIssuer
from sharing_api.problems import documented
from sharing_api.settings import ApiSettings

CODE = r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$"


class Claimed(BaseModel):
    """Who you would like to be."""

    sub: str = Field("developer", pattern=CODE)
    agency: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$")
    agency_type: str = Field(pattern=CODE)
    role: str = Field(pattern=CODE)
    vetting: str = Field("none", pattern=CODE)
    case_membership: list[str] = Field(default=[], max_length=100)


class Token(BaseModel):
    """A bearer token."""

    access_token: str
    token_type: str
    expires_in: int


def routes(issuer: UnsafeDevelopmentIssuer, settings: ApiSettings) -> APIRouter:
    """The endpoints of this issuer."""
    router = APIRouter(prefix="/dev", tags=["development"])

    @router.post(
        "/token",
        response_model=Token,
        responses=documented(400, 413, 422),
        summary="A token for whoever you say you are (development only)",
    )
    async def token(claimed: Claimed) -> Response:
        """Believes every word."""
        claims = _claims(claimed, settings)
        return JSONResponse(
            {
                "access_token": issuer.token(claims),
                "token_type": "Bearer",
                "expires_in": int(LIFETIME.total_seconds()),
            },
            headers={"Cache-Control": NO_STORE},
        )

    @router.get("/jwks.json", summary="The development issuer's public key")
    async def jwks() -> dict[str, Any]:
        """JWKS (RFC 7517)."""
        return issuer.key_set()

    @router.get(
        "/.well-known/openid-configuration", summary="The development issuer's discovery document"
    )
    async def configuration() -> dict[str, Any]:
        """OpenID Connect discovery."""
        return issuer.configuration()

    return router


def _claims(claimed: Claimed, settings: ApiSettings) -> dict[str, Any]:
    return {
        "sub": claimed.sub,
        settings.claim_agency: claimed.agency,
        settings.claim_agency_type: claimed.agency_type,
        settings.claim_role: claimed.role,
        settings.claim_vetting: claimed.vetting,
        settings.claim_case_membership: claimed.case_membership,
    }
