"""`concord publish` and `concord receipts` speak plainly and exit with a code for each outcome."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from producers import cli, client, onboarding
from producers.records import Event
from producers.transport import HubAwayError, HubRefusesError

APP = typer.Typer()
cli.register(APP)
ONE = {
    "reference": "R-1",
    "recorded_at": "2026-01-02T10:00:00Z",
    "occurred": {"from": "2026-01-01T20:00:00Z"},
    "kind": "crime",
    "strands": ["race"],
    "persons": [{"role": "victim", "given_names": "Xanthippe"}],
}


NOTICE = {
    "notice_id": "ntc_1",
    "agency": "north",
    "kind": "recall",
    "disclosure_id": "north.5f3a91c0.4",
    "fact": "retraction",
    "record_ids": [],
    "issued_at": "2026-03-01T00:00:00.000Z",
    "acknowledge_by": "2026-03-06T00:00:00.000Z",
    "record_kind": "alert",
    "action": "delete",
    "fields": ["victim_name"],
    "ledger_sequences": [],
    "ledger_references": ["north.5f3a91c0.4"],
    "instruction": "Delete what you received of this alert.",
    "reminder": 0,
    "checkpoint": None,
}


class FakeHub:
    """A hub that accepts, rejects, refuses or is away, as its tests say."""

    def __init__(self) -> None:
        self.mood = "accepted"
        self.got: dict[str, Event] = {}

    async def start(self) -> None:
        """Connect, if it is there."""
        if self.mood == "away":
            raise HubAwayError("connecting: the broker is away")

    async def stop(self) -> None:
        """Nothing to do."""

    async def send(self, events: Sequence[Event]) -> None:
        """Take events."""
        if self.mood == "refuses":
            raise HubRefusesError("sending: the broker refuses")
        self.got |= {event.event_id: event for event in events}

    async def receipts(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """A receipt for each."""
        fault = {"code": "unknown-strand", "path": "strands[0]", "rule": "a code"}
        for event_id in self.got:
            faults = [fault] if self.mood == "rejected" else []
            yield {
                "event_id": event_id,
                "reference": "R-1",
                "status": self.mood,
                "faults": faults,
            }

    async def notices(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """One notice."""
        del follow
        yield NOTICE


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeHub:
    """The hub that the commands find."""
    made = FakeHub()
    monkeypatch.setattr(client, "_transport", lambda _onboarding: made)
    document = {"agency": "north", "api_url": "http://hub.example"}
    (tmp_path / "north.json").write_text(json.dumps(document), "utf-8")
    monkeypatch.setenv("CONCORD_ONBOARDING", str(tmp_path / "north.json"))
    monkeypatch.setenv("CONCORD_SPOOL", str(tmp_path / "spool"))
    return made


def publish(tmp_path: Path, *options: str, rows: Sequence[object] = (ONE,)) -> Result:
    """Publish these rows."""
    path = tmp_path / "f.json"
    path.write_text(json.dumps(list(rows)), "utf-8")
    arguments = ["publish", str(path), "-f", "hub-json", "--agency", "north", *options]
    return CliRunner().invoke(APP, arguments)


def test_published_and_accepted_is_0(hub: FakeHub, tmp_path: Path) -> None:
    """With the counts of the receipts."""
    done = publish(tmp_path, "--json")
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert (summary["published"], summary["accepted"], summary["pending"]) == (1, 1, 0)
    assert "1 accepted" in publish(tmp_path).stdout
    assert len(hub.got) == 1


def test_rejected_is_1_and_says_why(hub: FakeHub, tmp_path: Path) -> None:
    """By reference, path and rule."""
    hub.mood = "rejected"
    done = publish(tmp_path)
    assert done.exit_code == 1
    assert "R-1: strands[0]: a code" in done.stdout


def test_a_faulty_file_sends_nothing_unless_told_to(hub: FakeHub, tmp_path: Path) -> None:
    """Then the rest goes, and the exit code still says that something is left."""
    rows = (ONE, {"reference": "R-2"})
    done = publish(tmp_path, rows=rows)
    assert done.exit_code == 1
    assert "Nothing was sent" in done.stdout
    assert not hub.got
    done = publish(tmp_path, "--skip-faulty", rows=rows)
    assert done.exit_code == 1
    assert len(hub.got) == 1


def test_away_is_3_and_the_next_call_sends_what_waits(hub: FakeHub, tmp_path: Path) -> None:
    """Nothing is lost in between."""
    hub.mood = "away"
    done = publish(tmp_path)
    assert done.exit_code == 3
    assert "1 more wait on disk" in done.stdout
    hub.mood = "accepted"
    done = publish(tmp_path, "--no-wait", rows=({**ONE, "reference": "R-9"},))
    assert done.exit_code == 0
    assert [event.value["reference"] for event in hub.got.values()] == ["R-1", "R-9"]


def test_refused_is_4(hub: FakeHub, tmp_path: Path) -> None:
    """In one line."""
    hub.mood = "refuses"
    done = publish(tmp_path)
    assert done.exit_code == 4
    assert "refuses" in done.stderr


def test_another_agencys_onboarding_is_wrong_use(hub: FakeHub, tmp_path: Path) -> None:
    """Before anything is read."""
    done = CliRunner().invoke(APP, ["receipts", "--agency", "south"])
    assert done.exit_code == 2
    assert "another agency" in done.stderr


def test_receipts_are_listed(hub: FakeHub, tmp_path: Path) -> None:
    """As text and as JSON lines."""
    publish(tmp_path)
    done = CliRunner().invoke(APP, ["receipts", "--agency", "north"])
    assert done.exit_code == 0
    assert "accepted  R-1" in done.stdout
    assert "1 receipts" in done.stdout
    done = CliRunner().invoke(APP, ["receipts", "--agency", "north", "--json"])
    assert json.loads(done.stdout)["reference"] == "R-1"


def test_a_reader_that_has_seen_enough_ends_the_listing(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `| head` does: no fault, and no word about the pipe."""
    publish(tmp_path, rows=(ONE, {**ONE, "reference": "R-2"}))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        settings = onboarding.load(None, "north", os.environ)
        count = asyncio.run(cli._receipts(settings, follow=True, as_json=True))
        monkeypatch.undo()
    assert count == 1


def test_no_output_holds_a_value_of_the_file(hub: FakeHub, tmp_path: Path) -> None:
    """Names stay in the file."""
    for mood in ("accepted", "rejected", "refuses", "away"):
        hub.mood = mood
        done = publish(tmp_path)
        assert "Xanthippe" not in done.output


def test_notices_are_listed(hub: FakeHub) -> None:
    """In words, with the ledger's reference where the record is known by no id; or as JSON."""
    assert hub.mood == "accepted"
    done = CliRunner().invoke(APP, ["notices", "--agency", "north"])
    assert done.exit_code == 0
    assert "answers with ledger reference: north.5f3a91c0.4" in done.stdout
    assert done.stdout.endswith("1 notices\n")
    done = CliRunner().invoke(APP, ["notices", "--agency", "north", "--json"])
    assert json.loads(done.stdout) == NOTICE


def test_a_notice_from_before_there_were_references_is_listed_by_numbers(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays on its topic for as long as the topic keeps it."""
    assert hub.mood == "accepted"
    monkeypatch.setitem(NOTICE, "ledger_references", [])
    monkeypatch.setitem(NOTICE, "ledger_sequences", [4, 9])
    done = CliRunner().invoke(APP, ["notices", "--agency", "north"])
    assert "answers with ledger reference: 4, 9" in done.stdout
