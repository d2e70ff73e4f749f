"""A hub on which officers act on agreements: policy follows folder and store, its clock obeys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from concord.stack.serve import ServedBundle
from policies.agreements import Agreement, load
from policies.engine import PolicyEngine
from policies.following import AgreementFolder, FollowingEngine
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds
from sharing_api.agreements import wording
from sharing_api.app import create_app
from sharing_api.auth.developer import InsecureIssuerWarning
from sharing_api.services import Parts
from sharing_api.settings import ApiSettings
from tests.integration.test_api.publishing import FakePublisher
from tests.integration.test_api.world import World

AUTHOR = {
    "sub": "ada",
    "agency": "north-council",
    "agency_type": "council",
    "role": "governance-officer",
}
APPROVER = {**AUTHOR, "sub": "ben", "agency": "bracken-police", "agency_type": "police"}
GOVERNING = {"Concord-Purpose": "governance"}
WHY = {"reason": "The partnership board asked for it"}
TENSION = "tension-monitoring"


@dataclass
class Clock:
    """The hub's time: it stands until it is set."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def on(self, day: date) -> None:
        """Go to noon of a day."""
        self.now = datetime.combine(day, time(12), UTC)


@dataclass
class Governed(World):
    """A hub, its folder and its clock."""

    folder: AgreementFolder
    clock: Clock

    async def officer(self, path: str, who: Mapping[str, Any], **body: Any) -> httpx.Response:
        """Do something as an officer."""
        return await self.post(f"/v1/agreements/{path}", who, GOVERNING, {**WHY, **body})

    async def look(self) -> None:
        """Let the hub look at its store, as it does each second."""
        assert self.services.keeper is not None
        await self.services.keeper.refresh()

    async def enacted(self, agreement: Agreement) -> httpx.Response:
        """Draft, test and approve an agreement; gives the answer to the approval."""
        name = f"{agreement['id']}/versions/{agreement['version']}"
        drafted = await self.officer("drafts", AUTHOR, text=wording.write(agreement))
        assert drafted.status_code == 201, drafted.text
        tested = await self.officer(f"{name}/test", AUTHOR)
        assert tested.json()["state"] == "tested", tested.text
        return await self.officer(f"{name}/approve", APPROVER, digest=drafted.json()["digest"])


@asynccontextmanager
async def governed(
    folder: Path,
    database_url: str,
    agreements_dir: Path | None = None,
    clock: Clock | None = None,
    *,
    engine: PolicyEngine | None = None,
    signing_key: EllipticCurvePrivateKey | None = None,
    **settings: Any,
) -> AsyncIterator[Governed]:
    """Start it. `engine`: one that fetches the bundle, which `signing_key` signs."""
    ring = Keyring.create(folder / "keys")
    clock = clock or Clock()
    held = AgreementFolder(agreements_dir, store=True)
    publisher = FakePublisher()
    parts = Parts(
        engine=engine or FollowingEngine(held),
        opener=ring.release_opener,
        signer=lambda: ring.signing,
        pseudonyms=ring.pseudonyms,
        schema_ids=ShippedSchemaIds(),
        bundle=lambda: ServedBundle(held.held().bundle, signing_key),
        agreements=lambda: held.held().agreements,
        following=held,
        publisher=publisher,
        clock=clock,
    )
    chosen: dict[str, Any] = {"development_issuer": True, "bundle_token": "opa", **settings}
    with pytest.warns(InsecureIssuerWarning):
        app = create_app(ApiSettings(database_url=database_url, **chosen), parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://hub") as client,
    ):
        yield Governed(app, client, ring, publisher, held, clock)


def seeded(name: str = TENSION) -> Agreement:
    """A packaged agreement."""
    (found,) = (one for one in load() if one["id"] == name)
    return dict(found)


def revised(number: int, name: str = TENSION, **changes: Any) -> Agreement:
    """A later version of a packaged agreement."""
    return {**seeded(name), "version": number, "status": "draft", **changes}
