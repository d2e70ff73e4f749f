"""What holds for every address: who may ask, errors, health, schemas, failing closed."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from policies.engine import Decision, EngineUnavailable
from schemas import codec
from schemas.keyring import KeyMissing, Keyring
from sharing_api.app import create_app
from sharing_api.release import GateClosed
from sharing_api.settings import ApiSettings
from sharing_api.store.ledger import LedgerUnavailable
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    MONITOR,
    OFFICER,
    TAKING_PART,
    TENSION,
    World,
    agency,
    alert,
    incident,
    opened,
    policy,
    signal,
)

SECRET = "Zebedee Quillfeather"
GATED = ("/v1/alerts", "/v1/alerts/alt_1", "/v1/incidents/inc_a", "/v1/agreements", "/v1/ledger")


async def filled(world: World) -> None:
    """Something to refuse."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", SECRET))
    await world.put("alert.v1", alert("alt_1", ["inc_a"]))


@pytest.mark.parametrize("path", GATED)
async def test_without_a_token_there_is_401(world: World, path: str) -> None:
    """And the challenge that clients expect."""
    answer = await world.client.get(path, headers=CASE)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("path", GATED)
async def test_without_a_purpose_there_is_400(world: World, path: str) -> None:
    """The problem names the header."""
    answer = await world.get(path, COORDINATOR, {})
    assert (answer.status_code, answer.json()["type"]) == (
        400,
        "urn:concord:problem:purpose-missing",
    )


async def test_a_purpose_may_stand_in_the_query(world: World) -> None:
    """For clients that cannot set headers, such as a browser's EventSource."""
    answer = await world.get("/v1/tension/signals", MONITOR, {}, purpose="tension-monitoring")
    assert answer.status_code == 200


async def test_tokens_of_others_are_refused(world: World) -> None:
    """Another key, another audience, no signature, an expired one."""
    issuer = world.services.issuer
    assert issuer is not None
    claims: dict[str, Any] = {"sub": "x", **MONITOR, "iss": issuer.issuer, "aud": "concord"}
    stranger = ECKey.generate_key("P-256", {"kid": "development"})
    own = issuer._key
    tokens = [
        jwt.encode({"alg": "ES256", "kid": "development"}, claims | {"exp": 2**40}, stranger),
        jwt.encode({"alg": "ES256", "kid": "development"}, claims | {"exp": 1000}, own),
        jwt.encode({"alg": "ES256"}, claims | {"exp": 2**40, "aud": "another"}, own),
        jwt.encode({"alg": "ES256"}, claims, own),
        "not.a.token",
    ]
    for token in tokens:
        answer = await world.client.get(
            "/v1/tension/signals", headers={"Authorization": f"Bearer {token}", **TENSION}
        )
        assert answer.status_code == 401, token


async def test_a_suspended_agencys_people_are_refused(world: World) -> None:
    """Whatever their tokens say."""
    await world.put("agency.v1", agency("north-council", status="suspended"))
    answer = await world.get("/v1/tension/signals", MONITOR, TENSION)
    assert answer.json()["type"] == "urn:concord:problem:agency-suspended"


def test_the_development_issuer_does_not_start_in_production() -> None:
    """Neither does a hub without an issuer."""
    with pytest.raises(ValueError, match="development issuer"):
        ApiSettings(mode="production", development_issuer=True, oidc_issuer="https://id.example")
    with pytest.raises(ValueError, match="OIDC issuer"):
        ApiSettings(mode="production")
    with pytest.raises(ValueError, match="issuer"):
        create_app(ApiSettings(), None)  # type: ignore[arg-type]


async def test_errors_are_problem_details_without_values(world: World) -> None:
    """404, 405 and 422 alike; the value that was sent is not repeated."""
    missing = await world.client.get("/nowhere/Zebedee")
    method = await world.client.delete("/v1/alerts")
    wrong = await world.get("/v1/alerts", COORDINATOR, CASE, limit="Zebedee", order="Zebedee")
    assert [a.status_code for a in (missing, method, wrong)] == [404, 405, 422]
    assert method.headers["Allow"] == "GET"
    for answer in (missing, method, wrong):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "Zebedee" not in answer.text
    fields = {error["field"]: error["rule"] for error in wrong.json()["errors"]}
    assert fields["query.order"] == "one of 'newest' or 'oldest'"


@pytest.mark.parametrize(
    "path", ["/v1/alerts/%00", "/v1/alerts/%ff%fe", "/%00", "/v1/alerts?rule=%00"]
)
async def test_odd_bytes_are_no_fault(world: World, path: str) -> None:
    """NUL and invalid UTF-8 are refused, not stumbled over."""
    answer = await world.client.get(path, headers={**world.token(COORDINATOR), **CASE})
    assert answer.status_code in {404, 422}


async def test_a_body_that_is_too_large_is_413(tmp_path: Path, database_url: str) -> None:
    """It is not read to its end."""
    async with opened(tmp_path, database_url, body_max_bytes=1000) as world:
        await world.put("agency.v1", agency("north-council"))
        answer = await world.client.post(
            "/v1/events",
            content=b"[" + b" " * 5000 + b"]",
            headers={
                **world.token({**MONITOR, "role": "partner"}),
                **TAKING_PART,
                "Content-Type": "application/json",
            },
        )
    assert answer.status_code == 413


class NoEngine:
    """A policy engine that is away until told otherwise."""

    revision = "none"
    away = True

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Fail, or ask the real one."""
        if self.away:
            raise EngineUnavailable("away")
        decision: Decision = await self.inner.decide(document)
        return decision

    async def ready(self) -> bool:
        """Whether it answers."""
        return not self.away


async def test_without_the_policy_engine_there_is_no_data_until_it_is_back(
    tmp_path: Path, database_url: str
) -> None:
    """503 with Retry-After, named in readyz; then everything as before."""
    engine = NoEngine(policy()[1])
    async with opened(tmp_path, database_url, engine=engine) as world:
        await filled(world)
        closed = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
        ready = await world.client.get("/readyz")
        engine.away = False
        open_again = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert (closed.status_code, closed.headers["Retry-After"]) == (503, "5")
    assert SECRET not in closed.text
    assert (ready.status_code, ready.json()["checks"]["policy_engine"]) == (503, "unavailable")
    assert SECRET in open_again.text


async def test_without_the_release_key_the_gate_is_closed_until_it_is_there(
    tmp_path: Path, database_url: str
) -> None:
    """The key is asked for again with each request."""
    there = False
    ring = Keyring.create(tmp_path / "keys")

    def opener() -> Any:
        if not there:
            raise KeyMissing("release.key is not in the keys folder")
        return ring.release_opener()

    async with opened(tmp_path, database_url, opener=opener) as world:
        await filled(world)
        closed = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
        ready = await world.client.get("/readyz")
        there = True
        open_again = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert closed.status_code == 503
    assert ready.json()["checks"]["release_key"] == "missing"
    assert SECRET in open_again.text


async def test_without_the_ledger_there_is_no_data(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No entry, no release."""
    await filled(world)

    async def failing(*_: object) -> None:
        raise LedgerUnavailable("disk full")

    monkeypatch.setattr(type(world.services.ledger), "append", failing)
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert (answer.status_code, SECRET in answer.text) == (503, False)


async def test_without_the_database_there_is_no_data_until_it_is_back(world: World) -> None:
    """The tables are taken away and put back under a running API."""
    await filled(world)
    async with world.services.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE alerts RENAME TO hidden")
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert (answer.status_code, SECRET in answer.text) == (503, False)
    async with world.services.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE hidden RENAME TO alerts")
    assert (await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)).status_code == 200


async def test_a_fault_in_the_hub_is_a_problem_without_detail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong inside, no text of it goes out."""

    async def failing(*_: object, **__: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(type(world.services.gate), "release", failing)
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert (answer.status_code, SECRET in answer.text) == (500, False)


async def test_the_ledger_is_for_officers_and_shows_their_reading_too(world: World) -> None:
    """A coordinator is refused; an officer pages through entries in order."""
    looked = await world.get("/v1/tension/signals", MONITOR, TENSION)
    refused = await world.get("/v1/ledger", COORDINATOR, ACCOUNT)
    listed = await world.get("/v1/ledger", OFFICER, ACCOUNT)
    again = await world.get("/v1/ledger", OFFICER, ACCOUNT)
    assert refused.status_code == 403
    named = [one["fields"]["reference"] for one in listed.json()["items"]]
    assert named == [one.headers["Concord-Ledger-Reference"] for one in (looked, refused)]
    assert len(again.json()["items"]) == len(named) + 1


async def test_agreements_in_force_are_shown_to_partners(world: World) -> None:
    """By id, in pages, each under its own address."""
    listed = await world.get("/v1/agreements", MONITOR, TAKING_PART, limit=1)
    assert listed.status_code == 200, listed.text
    first = listed.json()["items"][0]["fields"]["id"]
    shown = await world.get(f"/v1/agreements/{first}", MONITOR, TAKING_PART)
    missing = await world.get("/v1/agreements/none", MONITOR, TAKING_PART)
    assert (shown.status_code, missing.status_code) == (200, 403)
    assert listed.json()["next"] is not None


async def test_metrics_name_no_person_record_or_agency(world: World) -> None:
    """Routes are templates; decisions are counts."""
    await filled(world)
    await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    await world.get("/v1/alerts/alt_1", MONITOR, TENSION)
    text = (await world.client.get("/metrics")).text
    assert 'route="/v1/alerts/{alert_id}"' in text
    assert 'concord_decisions_total{decision="refuse",kind="alert"' in text
    assert not any(word in text for word in ("alt_1", "north-council", "a.person", SECRET))


async def test_health_and_readiness_name_each_part(world: World) -> None:
    """All there: ready."""
    assert (await world.client.get("/healthz")).json() == {"status": "alive"}
    ready = await world.client.get("/readyz")
    assert ready.json() == {
        "status": "ready",
        "checks": dict.fromkeys(
            ("store", "projector", "policy_engine", "ledger", "release_key", "agreements"), "ok"
        ),
    }


async def test_the_home_page_says_what_this_is(world: World) -> None:
    """And warns where tokens are for the asking."""
    page = (await world.client.get("/")).text
    assert "/docs" in page
    assert "Development" in page


async def test_tokens_for_the_asking_work(world: World) -> None:
    """The development endpoint's token is accepted by the API; its keys are published."""
    given = await world.client.post("/dev/token", json={"sub": "me", **MONITOR})
    header = {"Authorization": f"Bearer {given.json()['access_token']}", **TENSION}
    assert (await world.client.get("/v1/tension/signals", headers=header)).status_code == 200
    found = (await world.client.get("/dev/.well-known/openid-configuration")).json()
    keys = (await world.client.get("/dev/jwks.json")).json()
    assert found["jwks_uri"].endswith("/dev/jwks.json")
    assert "d" not in keys["keys"][0]


async def test_the_bundle_is_for_the_policy_engine_and_cached_by_etag(world: World) -> None:
    """Bearer token, tar.gz, 304 when nothing has changed."""
    path = "/v1/policy/bundle.tar.gz"
    engine = {"Authorization": "Bearer opa"}
    given = await world.client.get(path, headers=engine)
    with tarfile.open(fileobj=io.BytesIO(given.content)) as archive:
        names = archive.getnames()
    unchanged = await world.client.get(
        path, headers={**engine, "If-None-Match": given.headers["ETag"]}
    )
    stranger = await world.client.get(path, headers={"Authorization": "Bearer guess"})
    assert any(name.endswith(".rego") for name in names)
    assert (unchanged.status_code, stranger.status_code) == (304, 401)


async def test_schemas_are_served_as_confluents_clients_ask_for_them(world: World) -> None:
    """By id, by subject of hub and agency topics, and by looking up one's own schema."""
    subject = "agency.any-agency.incident.v1-value"
    text = codec.schema_text("incident.v1")
    client = world.client
    latest = (await client.get(f"/subjects/{subject}/versions/latest")).json()
    by_id = (await client.get(f"/schemas/ids/{latest['id']}")).json()
    known = await client.post(f"/subjects/{subject}/versions", json={"schema": text})
    looked_up = await client.post(f"/subjects/{subject}", json={"schema": text})
    other = await client.post(f"/subjects/{subject}/versions", json={"schema": '"string"'})
    broken = await client.post(f"/subjects/{subject}/versions", json={"schema": "nonsense"})
    missing = await client.get("/subjects/none-value/versions")
    assert by_id["schema"] == latest["schema"] == text
    assert known.json() == {"id": latest["id"]}
    assert looked_up.json()["version"] == 1
    assert (other.status_code, other.json()["error_code"]) == (422, 42205)
    assert (broken.status_code, broken.json()["error_code"]) == (422, 42201)
    assert (missing.status_code, missing.json()["error_code"]) == (404, 40401)
    assert "hub.alert.v1-value" in (await client.get("/subjects")).json()
    assert (await client.get("/config")).json() == {"compatibilityLevel": "FULL_TRANSITIVE"}


async def test_a_closed_gate_says_which_part_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words, not as data."""
    await world.put("tension-signal.v1", signal("sig_1"))

    async def closed(*_: object, **__: object) -> None:
        raise GateClosed("ledger")

    monkeypatch.setattr(type(world.services.gate), "release_all", closed)
    answer = await world.get("/v1/tension/signals", MONITOR, TENSION)
    assert answer.json()["detail"].endswith("ledger.")


@pytest.mark.parametrize("projects_only", [True, False])
async def test_who_only_projects_decides_nothing(
    tmp_path: Path, database_url: str, *, projects_only: bool
) -> None:
    """It may not know the agreements in force: no recall, no delivery, no stream begins there."""
    given: dict[str, Any] = {"projects_only": projects_only, "recall_seconds": 60}
    async with opened(tmp_path, database_url, **given):
        await asyncio.sleep(0.3)
        names = {task.get_name() for task in asyncio.all_tasks()}
    deciding = {"concord-recall", "concord-erasure", "concord-webhooks", "concord-streams"}
    assert names & deciding == (set() if projects_only else deciding)
