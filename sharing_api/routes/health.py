"""Is the process alive, and can it answer? For supervisors; says which part is missing, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from policies.engine import EngineUnavailable
from sharing_api.answers import NO_STORE
from sharing_api.auth.requests import Given
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerUnavailable

router = APIRouter(tags=["operations"])

CHECK_SECONDS = 3.0


class Health(BaseModel):
    """The process runs."""

    status: str


class Readiness(BaseModel):
    """Each part and whether it is there."""

    status: str = Field(description="ready, or not-ready.")
    checks: dict[str, str] = Field(description="ok, or what is missing, by part.")


@router.get("/healthz", response_model=Health, summary="Whether the process is alive")
async def healthz() -> Response:
    """Answers as long as the process can answer anything."""
    return JSONResponse({"status": "alive"}, headers={"Cache-Control": NO_STORE})


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "A part is missing"}},
    summary="Whether questions can be answered",
)
async def readyz(services: Given) -> Response:
    """Names each part: store, projector, policy engine, ledger, release key.

    Agreement files that cannot be used are counted but do not make it unready: their agreements
    permit nothing, and the others go on.
    """
    checks = {
        "store": await _checked(services, _store),
        "projector": _projector(services),
        "policy_engine": await _checked(services, _engine),
        "ledger": await _checked(services, _ledger),
        "release_key": "ok" if services.key_present() else "missing",
    }
    ready = all(state == "ok" for state in checks.values())
    left_out = await asyncio.to_thread(services.parts.agreements_left_out)
    checks["agreements"] = f"{left_out} left out" if left_out else "ok"
    return JSONResponse(
        {"status": "ready" if ready else "not-ready", "checks": checks},
        200 if ready else 503,
        {"Cache-Control": NO_STORE},
    )


async def _checked(services: Services, check: Callable[[Services], Awaitable[str]]) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check(services)
    except (SQLAlchemyError, OSError, LedgerUnavailable, EngineUnavailable, TimeoutError):
        return "unavailable"


async def _store(services: Services) -> str:
    async with services.reading() as session:
        await session.execute(text("SELECT 1"))
    return "ok" if services.migrated else "not migrated"


async def _engine(services: Services) -> str:
    return "ok" if await services.policy.ready() else "unavailable"


async def _ledger(services: Services) -> str:
    await services.ledger.read(after=0, limit=1)
    return "ok"


def _projector(services: Services) -> str:
    progress = services.progress
    if services.parts.log is None or progress.caught_up:
        return "ok"
    if not progress.connected or progress.fault is not None:
        return "not connected"
    behind = sum(progress.lag.values())
    if progress.once_caught_up and behind <= services.settings.ready_lag:
        return "ok"
    return "behind"
