"""What is missing closes the API: 503 and no data; when it is back, answers are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.real.hub import COORDINATOR, MONITOR, PATIENCE, RealHub, incident
from tests.real.opa import OpaSecrets
from tests.real.process import wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PATH = "/v1/alerts"
_NAME = "Closedgate"


@pytest.fixture
async def hub(real_hub: RealHub) -> RealHub:
    """The hub with an alert about a victim who consents to be named."""
    known = getattr(real_hub, "closed_gate_alert", None)
    if known is None:
        agency = await real_hub.agency("witnesses")
        events = [hers(agency, f"C-{day}", day) for day in (4, 12)]
        session = real_hub.session
        await session.send([session.message("incident.v1", event) for event in events])
        for event in events:
            assert (await real_hub.receipt(agency, event["event_id"]))["status"] == "accepted"
        await session.digested()
        await asyncio.to_thread(answers_again, real_hub)
        real_hub.closed_gate_alert = True  # type: ignore[attr-defined]
    return real_hub


def hers(agency: str, reference: str, days_ago: int) -> dict[str, Any]:
    """An incident against the same person."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    person = {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": "Ottoline",
        "family_name": _NAME,
        "date_of_birth": "1979-11-02",
        "phones": ["07700 900523"],
        "address": {"house": "3", "street": "Fold Lane", "postcode": "CX24 7GH"},
    }
    occurred = {"from": moment - timedelta(hours=2), "to": None, "precision": "exact"}
    return incident(agency, reference, recorded_at=moment, occurred=occurred, persons=[person])


def answer(hub: RealHub) -> httpx.Response:
    """Ask for the coordinator's alerts."""
    found: httpx.Response = hub.ask(COORDINATOR, PATH, limit=200)
    return found


def is_closed(found: httpx.Response) -> None:
    """A problem with a part that is missing, and not a word of data."""
    assert found.status_code == httpx.codes.SERVICE_UNAVAILABLE, found.text
    assert found.headers["content-type"].startswith("application/problem+json")
    assert "items" not in found.json()
    assert "fields" not in found.json()
    assert _NAME not in found.text


def answers_again(hub: RealHub) -> None:
    """Wait until the name is released again."""

    def released() -> bool:
        try:
            found = answer(hub)
        except httpx.HTTPError:
            return False
        return found.is_success and _NAME in found.text

    wait_until(released, seconds=PATIENCE, waiting_for="an answer of the API")


def test_without_opa_nothing_is_released(hub: RealHub) -> None:
    """No decision, no data; OPA back with its bundle, the name is released again."""
    opa = hub.stack.opa
    opa.stop()
    try:
        is_closed(answer(hub))
    finally:
        opa.start()
    answers_again(hub)


def test_without_the_database_nothing_is_released(hub: RealHub) -> None:
    """Neither records nor ledger; the API reconnects by itself."""
    hub.stack.postgres.stop()
    try:
        is_closed(answer(hub))
    finally:
        hub.stack.postgres.start()
    answers_again(hub)


def test_without_a_ledger_entry_nothing_is_released(hub: RealHub) -> None:
    """The entry comes before the release: where it cannot be written, there is none."""
    with ledger_refusing_entries(hub):
        is_closed(answer(hub))
    answers_again(hub)


@contextmanager
def ledger_refusing_entries(hub: RealHub) -> Iterator[None]:
    """A database that reads the ledger but takes no entry."""
    url = hub.stack.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION refuse_entry() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'full'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER refuse_entry BEFORE INSERT ON ledger "
            "FOR EACH ROW EXECUTE FUNCTION refuse_entry()"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER refuse_entry ON ledger")
            connection.execute("DROP FUNCTION refuse_entry()")


def test_without_the_release_key_nothing_sealed_is_released(hub: RealHub) -> None:
    """What needs no key is answered; the name comes once the key is there, without a restart."""
    key = hub.local.folder / "keys" / "release.key"
    away = key.with_suffix(".away")
    key.rename(away)
    try:
        restart_api(hub)
        is_closed(answer(hub))
        signals = hub.ask(MONITOR, "/v1/tension/signals")
        assert signals.status_code == httpx.codes.OK, signals.text
    finally:
        away.rename(key)
    answers_again(hub)


def test_opa_takes_only_bundles_that_the_hub_signed(hub: RealHub) -> None:
    """A bundle under another key is refused: no decision, no data, until it is rightly signed."""
    file = hub.stack.opa_secrets.bundle_key_file
    right = file.read_bytes()
    other = OpaSecrets(hub.stack.folder / "another-key").bundle_key_file.read_bytes()
    file.write_bytes(other)
    try:
        restart_api(hub)
        hub.stack.opa.stop()
        log = hub.stack.opa.program.log
        before = len(log.read_bytes())
        hub.stack.opa.start()
        wait_until(
            lambda: b"failed to verify" in log.read_bytes()[before:],
            seconds=PATIENCE,
            waiting_for="OPA's refusal",
        )
        assert not hub.stack.opa.has_bundle()
        is_closed(answer(hub))
    finally:
        file.write_bytes(right)
        restart_api(hub)
    answers_again(hub)


def restart_api(hub: RealHub) -> None:
    """Start the API anew; it answers, though it may not be ready."""
    hub.local.child("api").stop()
    hub.local.start_api()

    def alive() -> bool:
        try:
            return httpx.get(f"{hub.local.settings.public_url}/healthz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    wait_until(alive, seconds=PATIENCE, waiting_for="the API")
