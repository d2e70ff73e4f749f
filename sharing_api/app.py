"""The API as an ASGI application: what is opened with it, and the routes it has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from sharing_api import faults
from sharing_api.auth.developer import UnsafeDevelopmentIssuer
from sharing_api.auth.oidc import OidcKeys
from sharing_api.auth.tokens import TokenVerifier
from sharing_api.description import describe
from sharing_api.feeds.streaming import Streams
from sharing_api.lookup.correspondence import Correspondence
from sharing_api.middleware import Surroundings
from sharing_api.open_feed.running import Timetable
from sharing_api.projector.audit import auditing
from sharing_api.projector.log import Log
from sharing_api.projector.loop import Projector
from sharing_api.projector.messages import MessageReader
from sharing_api.recall.course import Recall
from sharing_api.rights.removing import Removing
from sharing_api.routes import (
    agreement_drafts,
    agreement_replays,
    agreement_versions,
    agreements,
    alerts,
    bundle,
    corrections,
    described,
    developer,
    emergencies,
    erasures,
    events,
    exclusions,
    feeds,
    forms,
    health,
    home,
    incidents,
    ledger,
    ledger_evidence,
    levels,
    link_reviews,
    lookups,
    metrics,
    notices,
    open_feed,
    receipts,
    receiver_page,
    registry,
    retention,
    subject_access,
    tension,
    visibility,
    webhooks,
)
from sharing_api.services import Parts, Services
from sharing_api.settings import ApiSettings
from sharing_api.store.engine import make_engine
from sharing_api.store.migrate import upgrade
from sharing_api.webhooks import pruning, running

log = structlog.get_logger(__name__)

VERSION = "0.1.0"
MIGRATE_AGAIN_SECONDS = 2.0
_ROUTED = (
    home,
    described,
    alerts,
    incidents,
    visibility,
    tension,
    levels,
    feeds,
    forms,
    receiver_page,
    open_feed,
    agreement_versions,
    agreement_drafts,
    agreement_replays,
    webhooks,
    agreements,
    link_reviews,
    exclusions,
    corrections,
    notices,
    erasures,
    retention,
    subject_access,
    lookups,
    ledger,
    ledger_evidence,
    emergencies,
    events,
    receipts,
    bundle,
    registry,
    health,
    metrics,
)
"""Modules with routes, in the order of the description."""


def create_app(settings: ApiSettings, parts: Parts) -> FastAPI:
    """Build the app; nothing is opened before its lifespan begins.

    Raises RuntimeError where the development issuer is asked for in production mode, ValueError
    where there is no issuer at all.
    """
    issuer = None
    if settings.development_issuer:
        issuer = UnsafeDevelopmentIssuer(settings.mode, settings.public_url, settings.oidc_audience)
    elif settings.oidc_issuer is None:
        raise ValueError("an OIDC issuer is needed, or the development issuer")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _opened(settings, parts, issuer) as services:
            app.state.services = services
            yield

    app = FastAPI(
        version=VERSION, lifespan=lifespan, redirect_slashes=False, docs_url=None, redoc_url=None
    )
    app.add_middleware(Surroundings, body_max_bytes=settings.body_max_bytes)
    faults.register(app)
    routers = [module.router for module in _ROUTED]
    if issuer is not None:
        routers.append(developer.routes(issuer, settings))
    app.state.addresses = [*app.routes, *(route for router in routers for route in router.routes)]
    for router in routers:
        app.include_router(router)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _opened(
    settings: ApiSettings, parts: Parts, issuer: UnsafeDevelopmentIssuer | None
) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        database = make_engine(settings.database_url)
        stack.push_async_callback(database.dispose)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=5.0))
        source = issuer or OidcKeys(settings.oidc_issuer or "", client)
        policy: Any = parts.engine
        if hasattr(policy, "__aenter__"):
            policy = await stack.enter_async_context(policy)
        if parts.publisher is not None and hasattr(parts.publisher, "close"):
            stack.push_async_callback(parts.publisher.close)
        services = Services(
            settings=settings,
            parts=parts,
            database=database,
            verifier=TokenVerifier(source, settings.oidc_audience),
            issuer=issuer,
            policy=policy,
        )
        services.streams = Streams(services)
        _ = services.press  # what cannot be published is refused before anything runs
        if not await _migrated(services):
            log.warning("store.waiting")
        elif services.keeper is not None:
            await services.keeper.look()
        if parts.lookups is not None and parts.publisher is not None:
            reader = MessageReader(parts.schema_ids, parts.lookups.log_secret)
            desk = Correspondence(parts.lookups.log, parts.publisher, reader, parts.schema_ids)
            services.lookups = desk
            stack.push_async_callback(_cancelled, asyncio.create_task(desk.run()))
        task = asyncio.create_task(_background(services), name="concord-api-background")
        stack.push_async_callback(_cancelled, task)
        try:
            yield services
        finally:
            services.closing = True


async def _background(services: Services) -> None:
    """Migrate as soon as the database is there, then follow, project, and tell recipients."""
    while not services.migrated:
        await asyncio.sleep(MIGRATE_AGAIN_SECONDS)
        await _migrated(services)
    async with asyncio.TaskGroup() as tasks:
        if not services.parts.projects_only:
            _serve(services, tasks)
        if services.parts.log is not None:
            _project(services, services.parts.log, tasks)


def _serve(services: Services, tasks: asyncio.TaskGroup) -> None:
    """Do what follows from decisions: only where those agreements are that are in force."""
    if services.keeper is not None:
        tasks.create_task(services.keeper.run(), name="concord-agreements")
    tasks.create_task(Recall(services).run(), name="concord-recall")
    tasks.create_task(Removing(services).run(), name="concord-erasure")
    tasks.create_task(running.run(services), name="concord-webhooks")
    tasks.create_task(services.streams.run(), name="concord-streams")
    tasks.create_task(pruning.run(services), name="concord-webhook-pruning")


def _project(services: Services, source: Log, tasks: asyncio.TaskGroup) -> None:
    """Follow the topics; and, knowing what was announced there, keep the open feed's timetable."""
    parts = services.parts
    projector = Projector(
        source,
        services.sessions,
        MessageReader(parts.schema_ids, parts.log_secret),
        auditing(services.ledger),
        services.changes.ring,
        services.progress,
    )
    tasks.create_task(projector.run(), name="concord-projector")
    if services.press is not None and parts.publisher is not None:
        timetable = Timetable(
            services.press, services.sessions, parts.publisher, services.progress, parts.clock
        )
        tasks.create_task(timetable.run(), name="concord-open-feed")


async def _migrated(services: Services) -> bool:
    try:
        await upgrade(services.database)
    except (SQLAlchemyError, OSError) as error:
        log.warning("store.unavailable", fault=type(error).__name__)
        return False
    services.migrated = True
    return True


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
