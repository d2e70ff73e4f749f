"""The policy bundle, for policy engines that poll for it (OPA's bundle service)."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.security import HTTPAuthorizationCredentials
from starlette.responses import Response

from sharing_api.auth.requests import Given, bearer, unauthenticated
from sharing_api.problems import documented

router = APIRouter(prefix="/v1/policy", tags=["policy"])

GZIP = "application/gzip"


@router.get(
    "/bundle.tar.gz",
    response_class=Response,
    responses={
        200: {"description": "The bundle", "content": {GZIP: {}}},
        304: {"description": "Unchanged since the ETag that was sent"},
        **documented(401, 422),
    },
    summary="Policies and agreements for a policy engine",
)
async def fetch_bundle(
    services: Given,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """For the engine's own token (setting `bundle_token`); without that setting, for nobody."""
    token = services.settings.bundle_token
    given = credentials.credentials if credentials is not None else ""
    expected = token.get_secret_value() if token is not None else ""
    same = secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    if not expected or not same:
        raise unauthenticated("The policy engine's token is needed.")
    bundle = await asyncio.to_thread(services.parts.bundle)
    headers = {"ETag": f'"{bundle.revision}"', "Cache-Control": "no-cache"}
    if if_none_match is not None and bundle.revision in if_none_match:
        return Response(status_code=304, headers=headers)
    archive = await asyncio.to_thread(bundle.archive)
    return Response(archive, media_type=GZIP, headers=headers)
