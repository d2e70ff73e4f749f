"""Every exit of the hub passes the gate: where the gate answers nothing, no record leaves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from policies.engine import EngineUnavailable
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    MONITOR,
    OFFICER,
    PARTNER,
    REVIEW,
    TAKING_PART,
    TENSION,
    World,
    alert,
    entity,
    incident,
    item,
    opened,
    receipt,
    signal,
)

OPEN = {
    "/": "a page of this program",
    "/docs": "the description of the API",
    "/openapi.json": "the description of the API",
    "/healthz": "whether the process answers",
    "/readyz": "whether parts are there",
    "/metrics": "counts of requests",
    "/v1/policy/bundle.tar.gz": "rules and agreements, for whoever shows the engine's token",
    "/dev/jwks.json": "a public key",
    "/v1/webhooks": "an agency's own subscriptions: addresses that it gave",
    "/v1/webhook-key": "a public key",
    "/forms/tension-return": "an empty form",
    "/forms/receiver": "an empty form",
    "/dev/.well-known/openid-configuration": "addresses of the development issuer",
}
"""Addresses that answer without the gate, and why: they hold nothing of a record."""
OPEN_BELOW = {
    "/subjects": "schemas, public",
    "/schemas": "schemas, public",
    "/config": "schemas, public",
    "/compatibility": "schemas, public",
    "/v1/open/": "the open feed: counts with noise, drawn before anybody asks",
}
ASKERS = (
    (COORDINATOR, CASE),
    (COORDINATOR, REVIEW),
    (MONITOR, TENSION),
    (OFFICER, ACCOUNT),
    (PARTNER, TAKING_PART),
    (OFFICER, {"Concord-Purpose": "governance", "Concord-Justification": "A look"}),
    (OFFICER, {"Concord-Purpose": "emergency", "Concord-Justification": "It cannot wait"}),
)
MARK = "Zebedee"


class Silent:
    """A policy engine that never answers."""

    async def decide(self, _document: Any) -> Any:
        """Nothing."""
        raise EngineUnavailable

    async def ready(self) -> bool:
        """No."""
        return False


@pytest.fixture
async def closed(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A hub that holds records, whose gate answers nothing."""
    async with opened(tmp_path, database_url, engine=Silent(), wait_max_seconds=0) as world:
        await world.put("hub-incident.v1", incident(world.ring, "inc_a", MARK))
        await world.put("alert.v1", alert("alt_1", ["inc_a"]))
        await world.put("entity.v1", entity("ent_a", "inc_a"))
        await world.put("tension-signal.v1", signal("sig_1"))
        await world.put("tension-item.v1", item("itm_1"))
        await world.put("receipt.v1", receipt("e1"))
        yield world


def gets(world: World) -> Iterator[tuple[str, str]]:
    """Every address that takes GET: as it is declared, and with ids filled in."""
    ids = {"alert_id": "alt_1", "incident_id": "inc_a", "signal_id": "sig_1", "receipt_id": "r_1"}
    for route in world.app.state.addresses:
        if isinstance(route, Route) and "GET" in (route.methods or ()):
            filled = re.sub(r"\{(\w+)[^}]*\}", lambda m: ids.get(m[1], "1"), route.path)
            yield route.path, filled


SOON = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
REASON = {"reason": "It was asked for"}
BODIES: dict[str, Any] = {
    "/v1/tension/levels": {**REASON, "area": "W01", "level": 3, "expires_on": SOON},
    "/v1/tension/levels/{level_id}/outcome": {**REASON, "outcome": "minor"},
    "/v1/agreements/drafts": {**REASON, "text": "This is version 1 of the agreement hospital."},
    "/v1/agreements/{agreement_id}/versions/{number}/test": REASON,
    "/v1/agreements/{agreement_id}/versions/{number}/replay": REASON,
    "/v1/agreements/{agreement_id}/versions/{number}/withdraw": REASON,
    "/v1/agreements/{agreement_id}/versions/{number}/approve": {**REASON, "digest": "0" * 64},
    "/v1/link-reviews/{review_id}/decision": {**REASON, "decision": "same"},
    "/v1/link-reviews/{review_id}/undo": REASON,
    "/v1/linkage/exclusions/{exclusion_id}/restore": REASON,
    "/v1/linkage/exclusions/{exclusion_id}/undo": REASON,
    "/v1/notices/{notice_id}/acknowledgement": {"done": "deleted"},
    "/v1/notices/{notice_id}/reminder": None,
    "/v1/erasures": {**REASON, "incident_ids": ["inc_a"]},
    "/v1/erasures/{erasure_id}/approval": None,
    "/v1/erasures/{erasure_id}/cancellation": None,
    "/v1/retention/{incident_id}/decision": {**REASON, "decision": "delete"},
    "/v1/subject-access/{entity_id}/restrictions": {
        **REASON, "item": "incident:inc_a", "section": "s45-4-b",
    },
    "/v1/lookups": {"person": {"family_name": MARK, "date_of_birth": "1990-05-17"}},
    "/v1/subject-access-searches": {"person": {"family_name": MARK, "date_of_birth": "1990-05-17"}},
    "/v1/ledger/checkpoint/lodgements": {"agency": "north-council"},
    "/v1/emergency-requests": {**REASON, "purpose": "cmarac-case"},
    "/v1/emergency-requests/{request_id}/confirm": REASON,
    "/v1/emergency-reviews/{review_id}": {**REASON, "verdict": "justified"},
}  # fmt: skip
"""What each address that acts is sent: it is accepted, so that only the gate is in the way."""
OPEN_ACTS = {
    "/forms/tension-return": "takes in what the agency itself sends",
    "/forms/receiver": "an agency's own subscription; what is delivered passes the gate",
    "/v1/events": "takes in what the agency itself sends",
    "/dev/token": "the development issuer",
    "/v1/webhooks": "an agency's own subscription; what is delivered passes the gate",
    "/v1/webhooks/{webhook_id}": "the same",
    "/v1/webhooks/{webhook_id}/status/{status}": "the same",
    "/v1/webhooks/{webhook_id}/secret": "the same",
    "/v1/webhooks/{webhook_id}/redeliver": "the same",
    "/v1/webhooks/{webhook_id}/test": "the same",
    "/subjects/{subject}": "schemas, public",
    "/subjects/{subject}/versions": "schemas, public",
}
"""Addresses that act without the gate, and why: what they answer holds nothing of a record."""
READING = {"GET", "HEAD", "OPTIONS"}
IDS = {
    "alert_id": "alt_1", "incident_id": "inc_a", "signal_id": "sig_1", "receipt_id": "r_1",
    "entity_id": "ent_a", "webhook_id": f"whk_{'0' * 24}", "status": "paused",
    "review_id": "1", "agreement_id": "hub-terms",
}  # fmt: skip


def acts(world: World) -> Iterator[tuple[str, str, str]]:
    """Every address and method that does something: as it is declared, and with ids filled in."""
    for route in world.app.state.addresses:
        if isinstance(route, Route):
            filled = re.sub(r"\{(\w+)[^}]*\}", lambda m: IDS.get(m[1], "1"), route.path)
            for method in sorted((route.methods or set()) - READING):
                yield method, route.path, filled


async def acted(world: World, below: str = "/") -> tuple[set[str], set[str]]:
    """Addresses that let somebody act although the gate answers nothing; those that asked it."""
    through, asked = set(), set()
    for method, path, filled in acts(world):
        if path in OPEN_ACTS or not path.startswith(below):
            continue
        for who, stated in ASKERS:
            headers = {**world.token(who), **stated}
            body = BODIES.get(path)
            answer = await world.client.request(method, filled, json=body, headers=headers)
            if answer.is_success or (MARK in answer.text):
                through.add(f"{method} {path}")
            if answer.status_code == 503:
                asked.add(path)
    return through, asked


async def test_nobody_acts_where_the_gate_is_closed(closed: World) -> None:
    """Whatever the method; each is sent what it accepts, so that it comes as far as the gate."""
    declared = {path for _, path, _ in acts(closed)}
    assert set(OPEN_ACTS) | set(BODIES) == declared, "a new address must be listed here"
    before = await closed.services.ledger.size()
    through, asked = await acted(closed)
    assert through == set()
    assert asked == set(BODIES)
    assert await closed.services.ledger.size() == before
    assert closed.publisher.sent == []


async def test_an_act_that_goes_around_the_gate_is_found(closed: World) -> None:
    """Of any method, or the test above could not fail."""
    router = APIRouter()

    @router.api_route("/v1/leaky", methods=["PUT", "PATCH", "DELETE"])
    async def leaky() -> Response:
        return JSONResponse({"name": "somebody"})

    closed.app.include_router(router)
    closed.app.state.addresses.extend(router.routes)
    through, _ = await acted(closed, "/v1/leaky")
    assert through == {f"{method} /v1/leaky" for method in ("PUT", "PATCH", "DELETE")}


async def test_what_acts_without_the_gate_tells_nothing_of_a_record(closed: World) -> None:
    """Whatever they are sent."""
    for method, path, filled in acts(closed):
        if path in OPEN_ACTS:
            for who, stated in ((COORDINATOR, CASE), (PARTNER, TAKING_PART)):
                headers = {**closed.token(who), **stated}
                for body in ({}, {"url": "https://example.org/hook"}, {"schema": "{}"}):
                    answer = await closed.client.request(method, filled, json=body, headers=headers)
                    assert not re.search(rf"{MARK}|alt_1|inc_a|ent_a|itm_1", answer.text), path


def is_open(path: str) -> bool:
    """Whether an address may answer without the gate."""
    return path in OPEN or path.startswith(tuple(OPEN_BELOW))


async def leaks(world: World, below: str = "/") -> set[str]:
    """Addresses that answer somebody although the gate answers nothing."""
    found = set()
    for path, filled in gets(world):
        if is_open(path) or not path.startswith(below):
            continue
        for who, stated in ASKERS:
            answer = await world.get(filled, who, stated)
            if answer.is_success or MARK in answer.text:
                found.add(path)
    return found


async def test_no_address_answers_with_records_where_the_gate_is_closed(closed: World) -> None:
    """Lists, single records, counts, feeds: whoever asks, for whatever purpose."""
    assert await leaks(closed) == set()
    declared = {path for path, _ in gets(closed)}
    assert len(declared) > 25
    assert {path for path in OPEN if path not in declared} == set()


async def test_an_address_that_goes_around_the_gate_is_found(closed: World) -> None:
    """Or the test above could not fail."""
    router = APIRouter()

    @router.get("/v1/leaky")
    async def leaky() -> Response:
        return JSONResponse({"name": "somebody"})

    closed.app.include_router(router)
    closed.app.state.addresses.extend(router.routes)
    assert await leaks(closed, "/v1/leaky") == {"/v1/leaky"}


async def test_what_is_open_tells_nothing_of_a_record(closed: World) -> None:
    """Not even an id."""
    for path, filled in gets(closed):
        if is_open(path):
            text = (await closed.client.get(filled)).text
            assert not re.search(rf"{MARK}|alt_1|inc_a|ent_a|itm_1", text), path


async def test_the_description_is_a_page_that_loads_nothing(closed: World) -> None:
    """No script, no address elsewhere; every operation of the API is on it."""
    page = await closed.client.get("/docs")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r"<script|https?://|<link", page.text)
    assert "GET /v1/alerts/{alert_id}" in page.text
    assert (await closed.client.get("/redoc")).status_code == 404
