"""An API that dies by SIGKILL between decision and answer: what left is in the ledger, all of it.

Each request gives a justification of its own, so an answer and its entry find each other whatever
became of the connection.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from policies.bundle import build
from sharing_api.store.decision_inputs import inputs_of
from sharing_api.store.engine import make_engine, make_reading_sessions, make_sessions
from sharing_api.store.ledger import Ledger, LedgerRow
from tests.integration.test_api.world import CASE, COORDINATOR, alert, entity, incident, opened
from tests.real.opa import KEY_ID, OpaSecrets, RealOpa

PROJECT = Path(__file__).parents[3]
KILLS = 30
CLIENTS = 6
ALERTS = 5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@dataclass
class Askers:
    """Clients that ask without pause, and remember every answer that reached them."""

    asked: int = 0
    answered: dict[str, tuple[str, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, url: str, headers: dict[str, str]) -> None:
        """Ask until the hub is gone."""
        with httpx.Client(base_url=url, timeout=30) as http, suppress(httpx.HTTPError):
            while True:
                with self.lock:
                    self.asked += 1
                    number = self.asked
                why = f"question {number}"
                answer = http.get(
                    f"/v1/alerts/alt_{number % ALERTS}",
                    headers={**headers, "Concord-Justification": why},
                )
                assert answer.status_code == 200, answer.text
                reference = answer.headers["Concord-Ledger-Reference"]
                self.answered[why] = (reference, answer.json()["id"])

    def until_killed(self, url: str, pid: int, moment: float) -> None:
        """Ask with all clients; kill so long after the first answers have come."""
        headers = {"Authorization": f"Bearer {token(url)}", **CASE}
        before = len(self.answered)
        with ThreadPoolExecutor(CLIENTS) as pool:
            asking = [pool.submit(self.run, url, headers) for _ in range(CLIENTS)]
            while len(self.answered) < before + 2 and not any(one.done() for one in asking):
                time.sleep(0.001)
            time.sleep(moment)
            os.kill(pid, signal.SIGKILL)
            for one in asking:
                one.result()


def token(url: str) -> str:
    """A coordinator's token, as soon as the API is there."""
    deadline = time.monotonic() + 60
    while True:
        with suppress(httpx.HTTPError):
            answer = httpx.post(f"{url}/dev/token", json={"sub": "a.person", **COORDINATOR})
            return str(answer.json()["access_token"])
        assert time.monotonic() < deadline, "the API did not come back"
        time.sleep(0.02)


@contextmanager
def mortal(
    folder: Path, url: str, opa: RealOpa | None = None
) -> Iterator[Iterator[tuple[int, str]]]:
    """Process ids and addresses of one API after another."""
    module = "tests.integration.test_api.mortal"
    command = [sys.executable, "-m", module, str(folder), url]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    if opa is not None:
        environment |= {"MORTAL_OPA_URL": opa.url, "MORTAL_OPA_TOKEN": opa.token}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
        start_new_session=True,  # so that parent and child can be ended together
    ) as process:
        assert process.stdout is not None

        def lives() -> Iterator[tuple[int, str]]:
            for line in process.stdout or ():
                pid, port = line.split()
                yield int(pid), f"http://127.0.0.1:{port}"

        try:
            yield lives()
        finally:
            os.killpg(process.pid, signal.SIGKILL)


async def entries(url: str) -> list[LedgerRow]:
    """The whole ledger, which must be sound, every decision with what was asked for it."""
    engine = make_engine(url)
    reading = make_reading_sessions(engine)
    ledger = Ledger(make_sessions(engine), reading)
    verification = await ledger.verify()
    assert verification.fault is None, verification
    rows = await ledger.read(limit=1_000_000)
    async with reading() as session:
        for row in rows[-20:]:
            inputs = await inputs_of(session, row.sequence)
            assert inputs is not None
            assert inputs.digest == row.input_digest
    await engine.dispose()
    return rows


def deciding(request: pytest.FixtureRequest) -> RealOpa:
    """OPA with the hub's bundle."""
    opa: RealOpa = request.getfixturevalue("real_opa")
    keys: OpaSecrets = request.getfixturevalue("bundle_secrets")
    archive = build().archive(keys.signing_key, KEY_ID)
    request.getfixturevalue("bundle_server").publish(archive)
    opa.wait_for_bundle()
    return opa


@pytest.mark.parametrize("on", ["embedded", pytest.param("real", marks=pytest.mark.real)])
async def test_no_release_without_its_entry_and_no_entry_lost(
    tmp_path: Path, on: str, request: pytest.FixtureRequest
) -> None:
    """Killed thirty times at random while six clients ask; also on PostgreSQL and OPA."""
    draw, askers = random.Random(5), Askers()
    url, opa = f"sqlite:///{tmp_path}/store.db", None
    if on == "real":
        url, opa = request.getfixturevalue("real_database"), deciding(request)
    async with opened(tmp_path, url) as world:
        for number in range(ALERTS):
            await world.put("hub-incident.v1", incident(world.ring, f"inc_{number}", "Zebedee"))
            await world.put("alert.v1", alert(f"alt_{number}", [f"inc_{number}"], entity_id="e"))
        await world.put("entity.v1", entity("e", *(f"inc_{n}" for n in range(ALERTS))))
    before: list[LedgerRow] = []
    with mortal(tmp_path, url, opa) as lives:
        for _ in range(KILLS):
            pid, address = next(lives)
            askers.until_killed(address, pid, draw.uniform(0, 0.2))
            now = await entries(url)
            assert now[: len(before)] == before, "an entry was lost or changed"
            before = now
    by_reason = {row.justification: row for row in before}
    assert len(by_reason) == len(before), "a request made two entries"
    assert len(askers.answered) > KILLS
    for why, (reference, record) in askers.answered.items():
        row = by_reason[why]
        assert (row.reference, row.decision, row.record_ids) == (reference, "permit", (record,))
    unanswered = by_reason.keys() - askers.answered.keys()
    assert unanswered, "no kill fell between an entry and its answer"
