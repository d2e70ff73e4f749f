"""From `concord up` to receipts with the commands that a partner and an operator have."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from concord.askers import Client, Person
from concord.stack.process import Child, free_port
from tests.e2e.hubs import ROOT, concord

pytestmark = pytest.mark.timeout(240)

AGENCY = "kestrel-homes"
TEMPLATE = ROOT / "producers" / "examples" / "csv-template.csv"
RETURNS = TEMPLATE.with_name("csv-returns.csv")


@dataclass
class Town:
    """A hub started by `concord up`, and the commands against it."""

    folder: Path
    url: str

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command as somebody on this machine."""
        return concord(
            *arguments, environment={"CONCORD_DATA_DIR": str(self.folder), **environment}
        )

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json that ends with this code; gives what it printed."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)

    def publish(self, file: Path, format_: str, *, code: int = 0, agency: str = AGENCY) -> Any:
        """Publish a file and wait for its receipts."""
        return self.json("publish", str(file), "--format", format_, "--agency", agency, code=code)

    def receipts(self) -> list[dict[str, Any]]:
        """The agency's receipts, oldest first."""
        done = self.run("receipts", "--agency", AGENCY, "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


def incident(reference: str, **fields: Any) -> dict[str, Any]:
    """A small incident as hub JSON."""
    return {
        "record": "incident",
        "agency": AGENCY,
        "reference": reference,
        "recorded_at": "2026-05-14T09:30:00Z",
        "occurred": {"from": "2026-05-12T22:15:00Z", "precision": "hour"},
        "kind": "incident",
        "strands": ["race"],
        "perceived_by": ["victim"],
        "location": {"ward": "X05000012", "district": "X08000001"},
        **fields,
    }


def written(folder: Path, *incidents: Mapping[str, Any]) -> Path:
    """A file of hub JSON."""
    file = folder / "incidents.ndjson"
    file.write_text("\n".join(json.dumps(one) for one in incidents), "utf-8")
    return file


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`concord up`, and one agency added while it runs."""
    folder = tmp_path_factory.mktemp("town")
    port = free_port()
    command = [sys.executable, "-m", "concord", "up", "--port", str(port)]
    environment = {"CONCORD_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    child = Child("up", command, environment, folder / "up.log")
    try:
        deadline = time.monotonic() + 100
        while not (folder / "running-hub.json").exists():
            child.check()
            assert time.monotonic() < deadline, "the hub did not start"
            time.sleep(0.1)
        yield Town(folder, f"http://127.0.0.1:{port}")
    finally:
        child.stop()
    assert "EPHEMERAL" in (folder / "up.log").read_text()
    assert "nothing is left" in (folder / "up.log").read_text()
    assert not (folder / "running-hub.json").exists()


@pytest.fixture(scope="module")
def onboarded(town: Town) -> dict[str, Any]:
    """The onboarding document that `agency add` prints."""
    printed: dict[str, Any] = town.json(
        "agency", "add", AGENCY, "--name", "Kestrel Homes", "--type", "housing"
    )
    return printed


def test_adding_prints_what_a_partner_needs(town: Town, onboarded: dict[str, Any]) -> None:
    """Broker, own topics, key; the same is in a file that its owner alone can read."""
    file = town.folder / "onboarding" / f"{AGENCY}.json"
    assert json.loads(file.read_text()) == onboarded
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert onboarded["topics"]["incident"] == f"agency.{AGENCY}.incident.v1"
    assert onboarded["topics"]["receipt"] == f"agency.{AGENCY}.receipt.v1"
    assert onboarded["signing_key_pem"].startswith("-----BEGIN PRIVATE KEY-----")
    assert onboarded["api_url"] == town.url


def test_an_agency_is_listed_and_shown_without_its_secret(
    town: Town, onboarded: dict[str, Any]
) -> None:
    """The row holds the public key alone."""
    (row,) = town.json("agency", "list")
    shown = town.json("agency", "show", AGENCY)
    assert row == shown
    assert (shown["agency"], shown["type"], shown["status"]) == (AGENCY, "housing", "active")
    assert shown["keys"][0]["key_id"] == onboarded["key_id"]
    assert "PRIVATE" not in json.dumps(shown)


def test_a_wrong_request_names_field_and_rule(town: Town, onboarded: dict[str, Any]) -> None:
    """An id that is taken, a type that is not known, an agency that is not there: exit code 2."""
    for arguments, words in {
        ("add", AGENCY, "--name", "Again", "--type", "housing"): f"id: {AGENCY} is taken",
        ("add", "other", "--name", "Other", "--type", "circus"): "type: one of",
        ("add", "Not An Id", "--name", "Other", "--type", "nhs"): "id: 2 to 32",
        ("show", "nobody"): f"id: no such agency; known: {AGENCY}",
    }.items():
        done = town.run("agency", *arguments)
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
        assert "Traceback" not in done.stderr


def test_a_table_is_published_once_however_often(town: Town, onboarded: dict[str, Any]) -> None:
    """The CSV template: every row accepted; again, the same receipts and no more."""
    first = town.publish(TEMPLATE, "csv-template")
    again = town.publish(TEMPLATE, "csv-template")
    assert first["published"] == first["accepted"] >= 3
    assert (first["rejected"], first["pending"]) == (0, 0)
    assert again == first
    assert len({one["event_id"] for one in town.receipts()}) == first["published"]


def test_returns_are_published_from_a_spreadsheet(town: Town, onboarded: dict[str, Any]) -> None:
    """A week of them, nil returns and a later version among them: each is accepted."""
    sent = town.publish(RETURNS, "csv-returns")
    assert sent["published"] == sent["accepted"] == 5
    assert (sent["rejected"], sent["pending"]) == (0, 0)


def test_hub_json_is_published_and_a_rejection_says_why(
    town: Town, onboarded: dict[str, Any], tmp_path: Path
) -> None:
    """A file with faults sends nothing; each fault names its place and rule, never a value."""
    good = town.publish(written(tmp_path, incident("KH/1"), incident("KH/2")), "hub-json")
    assert (good["accepted"], good["rejected"]) == (2, 0)
    file = written(tmp_path, incident("KH/3"), incident("KH/4", kind="prank"))
    refused = town.run("publish", str(file), "--format", "hub-json", "--agency", AGENCY)
    assert refused.returncode == 1
    assert "kind" in refused.stdout
    assert "prank" not in refused.stdout
    assert "Nothing was sent" in refused.stdout
    assert not {"KH/3", "KH/4"} & {one["reference"] for one in town.receipts()}


def test_http_gives_the_same_receipt(town: Town, onboarded: dict[str, Any], tmp_path: Path) -> None:
    """Over Kafka and over HTTP one event has one receipt, field for field."""
    event = {**incident("KH/5"), "event_id": "evt-both-ways"}
    town.publish(written(tmp_path, event), "hub-json")
    over_kafka = next(one for one in town.receipts() if one["event_id"] == "evt-both-ways")
    person = Person("partner", AGENCY, "housing", "partner", "participation")
    client = Client(town.url, person)
    answer = client._http.post("/v1/events", json={k: v for k, v in event.items() if k != "record"})
    client.close()
    assert answer.status_code == 201, answer.text
    (over_http,) = answer.json()["receipts"]
    shared = over_http.keys() & over_kafka.keys()
    assert {"receipt_id", "event_id", "status", "incident_id"} <= shared
    assert {k: over_http[k] for k in shared} == {k: over_kafka[k] for k in shared}


def test_a_suspended_agency_is_refused_until_it_is_taken_back(
    town: Town, onboarded: dict[str, Any], tmp_path: Path
) -> None:
    """Its events are rejected as agency-suspended; after `resume` new ones are accepted."""
    assert town.run("agency", "suspend", AGENCY).returncode == 0
    assert town.json("agency", "show", AGENCY)["status"] == "suspended"
    refused = _until(town, tmp_path, "KH/S", lambda done: done["rejected"] == 1, codes=(0, 1))
    (rejection,) = refused["rejections"]
    assert [fault["code"] for fault in rejection["faults"]] == ["agency-suspended"]
    assert town.run("agency", "resume", AGENCY).returncode == 0
    _until(town, tmp_path, "KH/R", lambda done: done["accepted"] == 1, codes=(0, 1))


def test_the_old_key_still_verifies_after_a_rotation(
    town: Town, onboarded: dict[str, Any], tmp_path: Path
) -> None:
    """Within its grace; the new one at once; a key that never was the agency's does not."""
    old = tmp_path / "old.json"
    old.write_text(json.dumps(onboarded))
    renewed = town.json("agency", "rotate-key", AGENCY)
    assert renewed["key_id"] != onboarded["key_id"]
    assert renewed["signing_key_pem"] != onboarded["signing_key_pem"]
    keys = town.json("agency", "show", AGENCY)["keys"]
    assert [key["valid_to"] is None for key in keys] == [False, True]
    _until(town, tmp_path, "KH/N", lambda done: done["accepted"] == 1, codes=(0, 1))
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**onboarded, "key_id": renewed["key_id"]}))
    outcomes = []
    for name, file in (("KH/OLD", old), ("KH/FORGED", forged)):
        done = town.run(
            *("publish", str(written(tmp_path, incident(name))), "--format", "hub-json"),
            *("--agency", AGENCY, "--onboarding", str(file), "--json"),
        )
        outcomes.append(json.loads(done.stdout))
    assert [one["accepted"] for one in outcomes] == [1, 0]
    (rejection,) = outcomes[1]["rejections"]
    assert any(re.match("signature", fault["code"]) for fault in rejection["faults"])


def test_while_the_hub_is_away_events_wait_on_disk(
    town: Town, onboarded: dict[str, Any], tmp_path: Path
) -> None:
    """Exit code 3 and a spool; the next `publish` sends them first, and doubles nothing."""
    away = tmp_path / "away.json"
    nowhere = f"127.0.0.1:{free_port()}"
    away.write_text(json.dumps({**onboarded, "bootstrap_servers": nowhere}))
    spool = {"CONCORD_SPOOL": str(tmp_path / "spool")}
    file = written(tmp_path, incident("KH/W1"), incident("KH/W2"))
    publish = ("publish", str(file), "--format", "hub-json", "--agency", AGENCY, "--json")
    done = town.run(*publish, "--onboarding", str(away), **spool)
    assert done.returncode == 3, done.stderr
    said = json.loads(done.stdout)
    assert (said["published"], said["spooled"], bool(said["away"])) == (0, 2, True)
    waiting = list((tmp_path / "spool" / AGENCY).glob("*.json"))
    assert [path.stat().st_mode & 0o777 for path in waiting] == [0o600, 0o600]
    third = written(tmp_path, incident("KH/W3"))
    done = town.run(*publish[:1], str(third), *publish[2:], **spool)
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["published"], said["accepted"], said["spooled"]) == (3, 3, 0)
    assert not list((tmp_path / "spool" / AGENCY).glob("*.json"))
    waited = [
        each for one in town.receipts() if re.fullmatch(r"KH/W\d", each := one["reference"] or "")
    ]
    assert sorted(waited) == ["KH/W1", "KH/W2", "KH/W3"]


def test_the_first_page_says_what_runs(town: Town) -> None:
    """A plain page with a way to the API's description."""
    page = httpx.get(f"{town.url}/")
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    assert "/docs" in page.text


def _until(
    town: Town, folder: Path, name: str, holds: Any, *, codes: tuple[int, ...]
) -> dict[str, Any]:
    """Publish new incidents until one fares as wanted: the change travels by the log as well."""
    said: dict[str, Any] = {}
    for number in range(8):
        file = written(folder, incident(f"{name}{number}"))
        done = town.run("publish", str(file), "--format", "hub-json", "--agency", AGENCY, "--json")
        assert done.returncode in codes, done.stdout + done.stderr
        said = json.loads(done.stdout)
        if holds(said):
            return said
    raise AssertionError(f"no incident of {name} fared as wanted: {said}")
