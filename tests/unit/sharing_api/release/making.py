"""Records, askers and gates for tests of the release: real rules, seals and ledger."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from policies.bundle import Bundle, build
from policies.embedded import RegorusEngine
from policies.engine import Decision, EngineUnavailable, PolicyEngine
from schemas.identifiers import Pseudonyms
from schemas.sealing import Opener, PrivateKey, Seal, details_aad, identity_aad
from sharing_api.release import Asker, Gate
from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = PrivateKey.generate("release-1")
SEAL = Seal(KEY.public)
BUNDLE = build()
ENGINE = RegorusEngine(BUNDLE)
PSEUDONYMS = Pseudonyms(b"p" * 32)

COORDINATOR = Asker("u-coordinator", "north-police", "police", "cmarac-coordinator", "sc")
LANDLORD = Asker("u-landlord", "hill-homes", "housing", "housing-officer")
MONITOR = Asker("u-monitor", "watch", "monitor", "tension-monitor")
STRANGER = Asker("u-stranger", "vale-nhs", "nhs", "nurse")
WHY = "case conference"


def identity(**values: Any) -> dict[str, Any]:
    """Give the identifying part of a person."""
    return {
        "given_names": "Amina", "family_name": "Okafor", "full_name": None,
        "date_of_birth": "1990-05-17", "address": {"street": "Mill Lane", "postcode": "ZZ1 1ZZ"},
        "phones": ["07700900123"], "emails": [], "vulnerabilities": [], **values,
    }  # fmt: skip


def person(incident_id: str, position: int, role: str, **values: Any) -> dict[str, Any]:
    """Give a sealed person."""
    plaintext = json.dumps(identity(**values)).encode()
    return {
        "position": position,
        "role": role,
        "category": role,
        "basis": "fact",
        "child": False,
        "identity": SEAL.seal(plaintext, identity_aad(incident_id, position)),
        "encoding": None,
    }


def incident(
    incident_id: str = "inc_1", agency: str = "north-police", **values: Any
) -> dict[str, Any]:
    """Give a hub incident with a victim, a suspect and a witness; `details` may be a dict."""
    details = {
        "reference": "REF/1", "narrative": "what was said", "other_strands": [],
        "location": {"street": "Mill Lane", "postcode": "ZZ1 1ZZ", "uprn": None},
        "handling_conditions": "RECIPIENTS ONLY", **values.pop("details", {}),
    }  # fmt: skip
    persons = values.pop("persons", None) or [
        person(incident_id, 0, "victim"),
        person(incident_id, 1, "suspect", given_names="Bob", family_name="Stone"),
        person(incident_id, 2, "witness", given_names="Wanda", family_name="Wells"),
    ]
    return {
        "incident_id": incident_id, "agency": agency, "version": 1, "event_id": "evt-1",
        "content_digest": b"", "retracted": False, "recorded_at": NOW,
        "occurred": {"from": NOW, "to": None, "precision": "exact"}, "kind": "crime",
        "recording_regime": "police-hate-crime", "strands": ["race"], "perceived_by": ["victim"],
        "perceived_target": ["black"], "incident_type": "assault", "offence_code": "8P",
        "aggravated": True, "ward": "W01", "district": "D01", "place_type": "home",
        "online": False, "place_token": None, "harm": {"injury": "minor"}, "severity": 3,
        "rubric": {}, "referred_at": None,
        "consent": {"state": "given", "scope": ["cmarac"]}, "victim_wishes": [],
        "gsc": "OFFICIAL-SENSITIVE", "handling": {"code": "P", "conditional": False},
        "outcome_code": None, "review_by": None, "linkable": True, "persons": persons,
        "details": SEAL.seal(json.dumps(details).encode(), details_aad(incident_id)),
        "release_key_id": KEY.key_id, "release_wrapped_key": SEAL.wrapped_key,
        "linkage_key_id": "linkage-1", "linkage_wrapped_key": b"", **values,
    }  # fmt: skip


def alert(incidents: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    """Give an alert about the person at position 0 of these incidents."""
    ids = [row["incident_id"] for row in incidents]
    return {
        "alert_id": "alt_1", "rule": "repeat-victim", "rules_version": "1", "entity_id": "ent_1",
        "entity_kind": "person", "status": "raised", "heir": None, "level": "high",
        "since": NOW, "until": NOW, "incidents": len(ids),
        "agencies": sorted({row["agency"] for row in incidents}),
        "strands": sorted({s for row in incidents for s in row["strands"]}),
        "districts": ["D01"], "incident_ids": ids, "mention_ids": [f"{i}#0" for i in ids],
        "score": 12, "score_upper": 30, "items_unknown": ["3"], "reasons": ["2 incidents"],
        "links": [], "possible": [], **values,
    }  # fmt: skip


def signal(**values: Any) -> dict[str, Any]:
    """Give a tension signal."""
    return {
        "signal_id": "sig_1", "area": "W01", "area_level": "ward", "strand": "all",
        "status": "raised", "colour": "amber", "proposed_level": 3, "method": "poisson-1",
        "as_of": NOW, "window_from": NOW, "observed": 7, "observed_weight_milli": 5200,
        "expected": 1.5, "probability": 0.001, "agencies": ["north-police", "watch"],
        "grades": {"1A": 7}, "reasons": [{"code": "exceeds", "text": "7 where 1.5 is usual"}],
        **values,
    }  # fmt: skip


class NullEngine:
    """No engine at all: every question finds nobody."""

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Fail."""
        raise EngineUnavailable("no engine in this test")

    async def ready(self) -> bool:
        """Say no."""
        return False


@dataclass
class World:
    """A gate and what stands behind it."""

    gate: Gate
    ledger: Ledger
    database: Path


@asynccontextmanager
async def world(
    folder: Path,
    *,
    engine: PolicyEngine = ENGINE,
    bundle: Bundle | None = None,
    opener: Opener | None = Opener({KEY.key_id: KEY}),  # noqa: B008 (shared on purpose)
) -> AsyncIterator[World]:
    """Open a gate with a fresh ledger in `folder`."""
    path = folder / "hub.db"
    database = make_engine(f"sqlite:///{path}")
    async with database.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    ledger = Ledger(make_sessions(database))
    chosen = RegorusEngine(bundle) if bundle is not None else engine
    try:
        yield World(Gate(chosen, ledger, opener, PSEUDONYMS, clock=lambda: NOW), ledger, path)
    finally:
        await database.dispose()
