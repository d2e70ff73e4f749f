"""A hub's API in one process: real gate, policies and store; broker and publisher are fakes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from policies import agreements, bundle
from policies.embedded import RegorusEngine
from schemas import codec, topics
from schemas.identifiers import receipt_id
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds
from schemas.sealing import details_aad, identity_aad
from sharing_api.app import create_app
from sharing_api.auth.developer import InsecureIssuerWarning
from sharing_api.geography import Geography
from sharing_api.projector.messages import Change
from sharing_api.projector.projection import project
from sharing_api.services import Parts, Services, utc_now
from sharing_api.settings import ApiSettings
from sharing_api.store.engine import make_engine
from sharing_api.trigger_windows import TriggerWindow
from tests.integration.test_api.publishing import FakePublisher

MOMENT = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
IDS = ShippedSchemaIds()

MONITOR = {"agency": "north-council", "agency_type": "council", "role": "tension-monitor"}
COORDINATOR = {
    "agency": "north-council",
    "agency_type": "council",
    "role": "cmarac-coordinator",
    "vetting": "bpss",
}
PARTNER = {"agency": "north-council", "agency_type": "council", "role": "partner"}
OFFICER = {"agency": "north-council", "agency_type": "council", "role": "governance-officer"}
STRANGER = {"agency": "south-school", "agency_type": "school", "role": "visitor"}

TENSION = {"Concord-Purpose": "tension-monitoring"}
CASE = {"Concord-Purpose": "cmarac-case", "Concord-Justification": "Meeting of the panel"}
TAKING_PART = {"Concord-Purpose": "participation"}
REVIEW = {"Concord-Purpose": "link-review", "Concord-Justification": "Weekly look"}
ACCOUNT = {"Concord-Purpose": "accountability", "Concord-Justification": "Quarterly review"}


@dataclass
class World:
    """One hub under test."""

    app: FastAPI
    client: httpx.AsyncClient
    ring: Keyring
    publisher: FakePublisher

    @property
    def services(self) -> Services:
        """The opened API."""
        found: Services = self.app.state.services
        return found

    async def put(
        self, kind: str, *records: Mapping[str, Any], removed: Sequence[str] = ()
    ) -> None:
        """Project records as if they had come from their topic."""
        keys = {
            "agency.v1": "agency",
            "alert.v1": "alert_id",
            "hub-incident.v1": "incident_id",
            "tension-signal.v1": "signal_id",
            "tension-item.v1": "item_id",
            "receipt.v1": "event_id",
            "entity.v1": "entity_id",
            "tension-level.v1": "level_id",
        }
        changes = [change(kind, record[keys[kind]], record) for record in records]
        changes += [Change(kind, name, None, b"", MOMENT) for name in removed]
        async with self.services.database.begin() as connection:
            touched = await connection.run_sync(project, changes)
        await self.services.changes.ring(touched)

    async def echo(self) -> None:
        """Project the decisions that the API has published, as they come back from their topic."""
        sent, self.publisher.sent = self.publisher.sent, []
        changes = []
        for one in sent:
            kind = topics.record_of(one.topic)
            record = codec.decode(kind, codec.unframe(one.value)[1])
            changes.append(Change(kind, one.key.decode(), record, one.value, MOMENT))
        async with self.services.database.begin() as connection:
            await connection.run_sync(project, changes)

    def token(self, who: Mapping[str, Any]) -> dict[str, str]:
        """Headers that say who asks."""
        issuer = self.services.issuer
        assert issuer is not None
        return {"Authorization": f"Bearer {issuer.token({'sub': 'a.person', **who})}"}

    async def post(
        self, path: str, who: Mapping[str, Any], stated: Mapping[str, str], body: Any
    ) -> httpx.Response:
        """Send something as somebody for a purpose."""
        return await self.client.post(path, json=body, headers={**self.token(who), **stated})

    async def place(self, answer: httpx.Response) -> int:
        """Where the entry stands in the ledger that an answer names."""
        found = await self.services.ledger.place(answer.headers["Concord-Ledger-Reference"])
        assert found is not None
        return found

    async def get(
        self, path: str, who: Mapping[str, Any], stated: Mapping[str, str], **query: Any
    ) -> httpx.Response:
        """Ask as somebody for a purpose."""
        return await self.client.get(path, params=query, headers={**self.token(who), **stated})


def change(kind: str, key: str, record: Mapping[str, Any]) -> Change:
    """A decoded message."""
    body = codec.encode(kind, record)
    return Change(kind, key, dict(record), codec.frame(IDS.id_of(kind), body), MOMENT)


@cache
def policy() -> tuple[bundle.Bundle, RegorusEngine]:
    """The packaged policies in the embedded engine; one for all tests, since it holds no state."""
    made = bundle.build()
    return made, RegorusEngine(made)


@asynccontextmanager
async def opened(
    folder: Path,
    database_url: str,
    *,
    engine: Any = None,
    opener: Any = None,
    geography: Geography | None = None,
    trigger_windows: Sequence[TriggerWindow] = (),
    projects_only: bool = False,
    clock: Callable[[], datetime] = utc_now,
    **settings: Any,
) -> AsyncIterator[World]:
    """Start the app with its lifespan, and a client that talks to it without a socket."""
    ring = Keyring.create(folder / "keys")
    made, embedded = policy()
    publisher = FakePublisher()
    chosen = {"development_issuer": True, "bundle_token": "opa", "recall_seconds": 0, **settings}
    parts = Parts(
        engine=engine or embedded,
        opener=opener or ring.release_opener,
        pseudonyms=ring.pseudonyms,
        schema_ids=IDS,
        bundle=lambda: made,
        agreements=agreements.load,
        publisher=publisher,
        signer=lambda: ring.signing,
        geography=geography,
        trigger_windows=trigger_windows,
        projects_only=projects_only,
        clock=clock,
    )
    with pytest.warns(InsecureIssuerWarning):
        app = create_app(ApiSettings(database_url=database_url, **chosen), parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://hub") as client,
    ):
        yield World(app, client, ring, publisher)


async def emptied(url: str) -> str:
    """A PostgreSQL database with nothing in it."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await engine.dispose()
    return url


def agency(name: str, **other: Any) -> dict[str, Any]:
    """An agency's row."""
    return {
        "agency": name,
        "name": name.title(),
        "type": "council",
        "status": "active",
        "signature": "optional",
        "keys": [],
        "recording_regime": "council",
        "defaults": {},
        "updated_at": MOMENT,
        "contact": None,
        **other,
    }


def incident(ring: Keyring, name: str, victim: str, **other: Any) -> dict[str, Any]:
    """A hub incident with one sealed victim whose consent is given."""
    seal = ring.release_sealer().session()
    identity = json.dumps({"full_name": victim, "given_names": None, "family_name": None})
    details = json.dumps({"reference": f"REF-{name}", "narrative": f"told by {victim}"})
    made = codec.complete(
        "hub-incident.v1",
        {
            "incident_id": name,
            "agency": "north-council",
            "version": 1,
            "event_id": f"event-{name}",
            "content_digest": b"0" * 16,
            "recorded_at": MOMENT,
            "occurred": {"from": MOMENT},
            "kind": "crime",
            "recording_regime": "police-crime",
            "strands": ["race"],
            "ward": "W01",
            "district": "D1",
            "severity": 2,
            "gsc": "OFFICIAL-SENSITIVE",
            "handling": {"code": "P", "conditional": False},
            "harm": {},
            "consent": {"state": "given", "scope": ["any"]},
            "persons": [
                {
                    "position": 0,
                    "role": "victim",
                    "category": "victim",
                    "basis": "fact",
                    "child": False,
                    "identity": seal.seal(identity.encode(), identity_aad(name, 0)),
                }
            ],
            "details": seal.seal(details.encode(), details_aad(name)),
            "release_key_id": seal.key_id,
            "release_wrapped_key": seal.wrapped_key,
            "linkage_key_id": "linkage-1",
            "linkage_wrapped_key": b"",
        },
    )
    return {**made, **other}


def alert(name: str, incidents: Sequence[str], **other: Any) -> dict[str, Any]:
    """An alert on one person over these incidents."""
    made = codec.complete(
        "alert.v1",
        {
            "alert_id": name,
            "rule": "repeat-victim",
            "rules_version": "1",
            "entity_id": f"ent_{name}",
            "entity_kind": "person",
            "status": "raised",
            "level": "medium",
            "since": MOMENT,
            "until": MOMENT,
            "incidents": len(incidents),
            "agencies": ["north-council"],
            "strands": ["race"],
            "districts": ["D1"],
            "incident_ids": list(incidents),
            "mention_ids": [f"{one}#0" for one in incidents],
            "reasons": ["2 incidents in 365 days"],
        },
    )
    return {**made, **other}


def entity(name: str, *members: str, **other: Any) -> dict[str, Any]:
    """A live person with these mentions (incident ids, or mention ids)."""
    made = codec.complete(
        "entity.v1", {"entity_id": name, "kind": "person", "status": "live", "parameters": "test"}
    )
    return {**made, "members": [member(each) for each in members], **other}


def member(name: str) -> dict[str, Any]:
    """One mention of an entity."""
    incident_id, _, position = name.partition("#")
    return {
        "mention_id": f"{incident_id}#{position or 0}",
        "incident_id": incident_id,
        "position": int(position or 0),
        "role": "victim",
        "category": "victim",
        "agency": "north-council",
        "strands": [],
        "occurred_from": MOMENT,
        "recorded_at": MOMENT,
        "severity": 1,
        "kind": "crime",
        "district": None,
        "ward": None,
        "immediate": [],
        "rubric": {},
        "referred_at": None,
        "counterparts": [],
    }


def link(left: str, right: str, *levels: tuple[str, str, float], band: str = "review") -> Any:
    """A link with its evidence."""
    evidence = [{"field": f, "level": v, "weight": w} for f, v, w in levels]
    weight = sum(w for _, _, w in levels)
    return {"left": left, "right": right, "weight": weight, "band": band, "evidence": evidence}


def signal(name: str, **other: Any) -> dict[str, Any]:
    """A tension signal."""
    return {
        "signal_id": name,
        "area": "D1",
        "area_level": "district",
        "strand": "race",
        "status": "raised",
        "colour": "amber",
        "proposed_level": 4,
        "method": "poisson/1",
        "as_of": MOMENT,
        "window_from": MOMENT,
        "observed": 5,
        "observed_weight_milli": 4000,
        "expected": 1.5,
        "probability": 0.01,
        "agencies": ["north-council", "wyp"],
        "grades": {"1A": 2},
        "reasons": [{"code": "exceeds", "text": "5 reports where 1.5 are usual"}],
        **other,
    }


def item(name: str, **other: Any) -> dict[str, Any]:
    """A counted item."""
    made = codec.complete(
        "tension-item.v1",
        {
            "item_id": name,
            "agency": "north-council",
            "version": 1,
            "content_digest": b"0" * 16,
            "source": "incident",
            "observed_from": MOMENT,
            "recorded_at": MOMENT,
            "strands": ["race"],
            "ward": "W01",
            "district": "D1",
            "weight_milli": 1000,
        },
    )
    return {**made, **other}


def receipt(event_id: str, owner: str = "north-council", **other: Any) -> dict[str, Any]:
    """A receipt."""
    return {
        "receipt_id": receipt_id(owner, event_id),
        "event_id": event_id,
        "agency": owner,
        "reference": f"REF-{event_id}",
        "record": "incident.v1",
        "status": "accepted",
        "faults": [],
        "incident_id": f"inc_{event_id}",
        **other,
    }


def event(event_id: str, **other: Any) -> dict[str, Any]:
    """An incident as a partner sends it."""
    return {
        "event_id": event_id,
        "reference": f"REF-{event_id}",
        "recorded_at": "2026-03-01T14:30:00Z",
        "occurred": {"from": "2026-03-01T14:00:00Z"},
        "kind": "crime",
        "strands": ["race"],
        **other,
    }
