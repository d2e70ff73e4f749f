"""A hub that lacks a part says so with 503 and gives no data; with the part back, it answers.

The part is a real one: OPA, PostgreSQL, the right to write the ledger, the release key, the bundle.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from concord.askers import Person
from concord.session import Message
from policies.agreements import SUFFIX, parse
from policies.agreements.language import write
from tests.real.hub import COORDINATOR, MONITOR, OFFICER, PATIENCE, RealHub, incident
from tests.real.opa import OpaSecrets
from tests.real.process import wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(240)]

NAME = "Closedgate"


@dataclass(frozen=True)
class Asked:
    """A hub with an alert about a victim who consents to be named to the coordinator."""

    hub: RealHub
    agency: str
    alert: str

    @property
    def questions(self) -> tuple[tuple[Person, str], ...]:
        """What is answered while nothing is missing."""
        return (
            (COORDINATOR, "/v1/alerts"),
            (COORDINATOR, self.alert),
            (MONITOR, "/v1/tension/counts"),
            (MONITOR, "/v1/tension/signals"),
            (OFFICER, "/v1/ledger"),
        )

    def missing(self) -> set[str]:
        """Which parts are missing, as the API says for those who run it."""
        checks = httpx.get(f"{self.hub.local.settings.public_url}/readyz", timeout=10).json()
        return {part for part, state in checks["checks"].items() if state != "ok"}

    def is_closed(self, *questions: tuple[Person, str]) -> None:
        """503 with a problem for each question, and not one field of a record."""
        for person, path in questions or self.questions:
            answer = self.hub.ask(person, path)
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, f"{path}: {answer.text}"
            assert answer.headers["content-type"] == "application/problem+json"
            assert not {"fields", "items"} & answer.json().keys()
            assert NAME not in answer.text

    def answers(self) -> bool:
        """Whether every question is answered, and the name released."""
        try:
            given = [self.hub.ask(person, path) for person, path in self.questions]
        except httpx.HTTPError:
            return False
        return all(one.is_success for one in given) and NAME in given[1].text

    def answers_again(self) -> None:
        """Wait until it does, without a hand on it."""
        wait_until(self.answers, seconds=PATIENCE, waiting_for="the API's answers")

    def event(self) -> tuple[str, Message]:
        """A new incident: its event id, and what its agency sends."""
        value = incident(self.agency, f"C-{secrets.token_hex(4)}")
        return value["event_id"], self.hub.session.message("incident.v1", value)

    async def is_accepted(self, event_id: str) -> None:
        """An event has its receipt, or gets it."""
        assert (await self.hub.receipt(self.agency, event_id))["status"] == "accepted"

    def restart_api(self) -> None:
        """Start the API anew; afterwards it lives, but need not be ready."""
        local = self.hub.local
        local.child("api").stop()
        local.start_api()
        url = f"{local.settings.public_url}/healthz"

        def lives() -> bool:
            local.check()
            try:
                return httpx.get(url, timeout=2).is_success
            except httpx.HTTPError:
                return False

        wait_until(lives, seconds=PATIENCE, waiting_for="the API")

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        """An API with another setting; afterwards one with the old."""
        values = self.hub.local.values
        before = dict(values)
        values[name] = value
        try:
            self.restart_api()
            yield
        finally:
            values.clear()
            values.update(before)
            self.restart_api()


@pytest.fixture(scope="module")
def known() -> dict[str, str]:
    """What this module has put into the hub: agency and alert."""
    return {}


@pytest.fixture
async def asked(real_hub: RealHub, known: dict[str, str]) -> AsyncIterator[Asked]:
    """The hub, answering before and after the test, all of it digested."""
    if not known:
        known["agency"] = await real_hub.agency("witnesses")
        known["alert"] = await alert_about(real_hub, known["agency"])
    asked = Asked(real_hub, **known)
    await asyncio.to_thread(asked.answers_again)
    yield asked
    await asyncio.to_thread(asked.answers_again)
    await real_hub.session.digested()


async def alert_about(hub: RealHub, agency: str) -> str:
    """Publish two incidents against one person; gives the path of the alert they raise."""
    events = [hers(agency, f"C-{day}", day) for day in (4, 12)]
    await hub.session.send([hub.session.message("incident.v1", event) for event in events])
    for event in events:
        assert (await hub.receipt(agency, event["event_id"]))["status"] == "accepted"
    await hub.session.digested()
    ids = {
        hub.local.settings.keyring.pseudonyms.incident_id(agency, event["reference"])
        for event in events
    }
    alerts = (await hub.session.outputs()).alerts.values()
    paths = [
        f"/v1/alerts/{one['alert_id']}"
        for one in alerts
        if one["status"] == "raised" and ids <= set(one["incident_ids"])
    ]
    return next(path for path in paths if NAME in hub.ask(COORDINATOR, path).text)


def hers(agency: str, reference: str, days_ago: int) -> dict[str, Any]:
    """An incident against the same person."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    person = {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": "Ottoline",
        "family_name": NAME,
        "date_of_birth": "1979-11-02",
        "phones": ["07700 900523"],
        "address": {"house": "3", "street": "Fold Lane", "postcode": "CX24 7GH"},
    }
    occurred = {"from": moment - timedelta(hours=2), "to": None, "precision": "exact"}
    return incident(agency, reference, recorded_at=moment, occurred=occurred, persons=[person])


def test_without_opa_nothing_is_released(asked: Asked) -> None:
    """No decision, no data; OPA fetches its bundle from the API and decides again."""
    opa = asked.hub.stack.opa
    opa.stop()
    try:
        asked.is_closed()
        assert asked.missing() == {"policy_engine"}
    finally:
        opa.start()
    asked.answers_again()
    assert asked.missing() == set()


async def test_without_the_database_nothing_is_released(asked: Asked) -> None:
    """Neither records nor entries; agencies go on publishing, and the store catches up."""
    stack = asked.hub.stack
    event_id, message = asked.event()
    stack.postgres.program.stop(signal.SIGINT)  # a fast shutdown: open connections are cut
    try:
        asked.is_closed()
        assert {"store", "ledger"} <= asked.missing()
        await asked.hub.session.send([message])
    finally:
        stack.postgres.start()
    asked.answers_again()
    stack.registry.stop()  # it is on the same server, and keeps connections that were cut
    stack.registry.start()
    await asked.is_accepted(event_id)


async def test_without_a_ledger_entry_nothing_is_released(asked: Asked) -> None:
    """A user who may no longer add to the ledger gets nothing out, and all of it once he may."""
    event_id, message = asked.event()
    with ordinary_user(asked) as (connection, user):
        asked.answers_again()
        connection.execute(sql.SQL("REVOKE INSERT ON ledger FROM {}").format(user))
        asked.is_closed()
        await asked.hub.session.send([message])
        await asked.is_accepted(event_id)
        asked.is_closed()
        connection.execute(sql.SQL("GRANT INSERT ON ledger TO {}").format(user))
        asked.answers_again()
        await asked.hub.session.digested()


@contextmanager
def ordinary_user(asked: Asked) -> Iterator[tuple[psycopg.Connection[Any], sql.Identifier]]:
    """An API that reaches the database as a user with the rights it needs and no others."""
    stack = asked.hub.stack
    name, password = f"api_{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    user = sql.Identifier(name)
    address = httpx.URL(stack.database_url)
    file = stack.folder / f"database_url_{name}"
    file.write_text(f"{address.scheme}://{name}:{password}@{address.netloc.decode()}{address.path}")
    file.chmod(0o600)
    plain = stack.database_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in (
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(user, sql.Literal(password)),
            sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}").format(user),
            sql.SQL("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {}").format(user),
        ):
            connection.execute(statement)
        try:
            with asked.setting("database_url_file", str(file)):
                yield connection, user
        finally:
            connection.execute(sql.SQL("DROP OWNED BY {}").format(user))
            connection.execute(sql.SQL("DROP ROLE {}").format(user))


def test_without_the_release_key_nothing_is_released(asked: Asked) -> None:
    """Not even counts; all comes back once the key is there, without a restart."""
    key = asked.hub.local.folder / "keys" / "release.key"
    away = key.with_suffix(".away")
    key.rename(away)
    try:
        asked.restart_api()
        wait_until(
            lambda: asked.missing() == {"release_key"},
            seconds=PATIENCE,
            waiting_for="an API that lacks nothing but the key",
        )
        asked.is_closed(
            (COORDINATOR, "/v1/alerts"),
            (COORDINATOR, asked.alert),
            (MONITOR, "/v1/tension/counts"),
        )
    finally:
        away.rename(key)
    asked.answers_again()
    assert asked.missing() == set()


def test_rules_that_the_hub_did_not_sign_do_not_take_effect(asked: Asked, tmp_path: Path) -> None:
    """Wider agreements under another key change nothing; OPA without others decides nothing."""
    opa, key = asked.hub.stack.opa, asked.hub.stack.opa_secrets.bundle_key_file
    right = key.read_bytes()
    key.write_bytes(OpaSecrets(tmp_path / "stranger").bundle_key_file.read_bytes())
    try:
        with asked.setting("agreements_dir", str(wider_agreements(tmp_path / "agreements"))):
            refused(asked)
            asked.answers_again()
            assert not monitor_sees_the_name(asked)

            opa.stop()
            opa.start()
            refused(asked)
            assert not opa.has_bundle()
            asked.is_closed()

            key.write_bytes(right)
            asked.restart_api()
            wait_until(
                lambda: monitor_sees_the_name(asked),
                seconds=PATIENCE,
                waiting_for="the wider agreements, rightly signed, which show what was kept out",
            )
    finally:
        key.write_bytes(right)
    wait_until(
        lambda: not monitor_sees_the_name(asked), seconds=PATIENCE, waiting_for="the old agreements"
    )


def wider_agreements(folder: Path) -> Path:
    """The agreements that come with the code, with names for the tension monitor."""
    folder.mkdir()
    for file in resources.files("policies").joinpath("agreements").iterdir():
        if file.name.endswith(SUFFIX):
            (folder / file.name).write_text(file.read_text("utf-8"))
    widened = folder / "cmarac-partnership.agreement"
    agreement = parse(widened.name, widened.read_text("utf-8"))
    for clause in agreement["clauses"]:
        clause["purposes"].append(MONITOR.purpose)
        clause["recipients"]["roles"].append(MONITOR.role)
    widened.write_text(write(agreement))
    return folder


def refused(asked: Asked) -> None:
    """Wait until OPA has refused a bundle that it fetched after this moment."""
    log = asked.hub.stack.opa.program.log
    read = log.stat().st_size

    def says_so() -> bool:
        with log.open("rb") as file:
            file.seek(read)
            return b"failed to verify" in file.read()

    wait_until(says_so, seconds=PATIENCE, waiting_for="OPA's refusal of the bundle")


def monitor_sees_the_name(asked: Asked) -> bool:
    """Whether the alert names the victim to somebody whom no agreement lets see it."""
    try:
        return NAME in asked.hub.ask(MONITOR, asked.alert).text
    except httpx.HTTPError:
        return False
