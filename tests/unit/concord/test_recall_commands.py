"""`concord recall` against a hub that answers as the API does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.linkage import asking

NOTICE = {
    "notice_id": "ntc_1",
    "status": "open",
    "recipient": "north-council",
    "action": "delete",
    "fact": "retraction",
    "acknowledge_by": "2026-03-06T00:00:00.000Z",
    "reminders": 0,
    "instruction": "Delete what you received of this alert.",
    "known_as": None,
    "fields": ["victim_name"],
    "ledger_references": ["north-council.5f3a91c0.4"],
}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """A hub that holds one notice; what it was asked."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if request.url.path == "/v1/notices":
            return httpx.Response(200, json={"items": [{"fields": NOTICE}], "next": None})
        return httpx.Response(201, json={"fields": {**NOTICE, "reminders": 1}})

    whole = asking.hub
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("CONCORD_TOKEN", "token")

    def connected(who: Any) -> Any:
        return whole(who, httpx.MockTransport(answer))

    monkeypatch.setattr("concord.commands.recall.hub", connected)
    return requests


def test_what_is_outstanding_is_a_finding(said: list[httpx.Request]) -> None:
    """Exit code 1 and the notice, asked for as the officer of the hub."""
    done = CliRunner().invoke(app, ["recall", "outstanding", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["notices"] == [NOTICE]
    assert said[0].headers["Concord-Purpose"] == "accountability"
    assert dict(said[0].url.params)["status"] == "open"


def test_a_partner_reads_its_inbox_and_answers(said: list[httpx.Request]) -> None:
    """In words, with the ledger's reference where it knows the record by no id."""
    read = CliRunner().invoke(app, ["recall", "inbox", "--agency", "north-council"])
    assert read.exit_code == 0
    assert "answers with ledger reference: north-council.5f3a91c0.4" in read.stdout
    arguments = ["recall", "acknowledge", "ntc_1", "--agency", "north-council", "--done", "deleted"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert json.loads(said[-1].content) == {"done": "deleted", "note": ""}


def test_an_officer_reminds(said: list[httpx.Request]) -> None:
    """The number of the reminder is shown."""
    done = CliRunner().invoke(app, ["recall", "remind", "ntc_1"])
    assert (done.exit_code, done.stdout) == (0, "ntc_1: reminder 1 to north-council\n")
    assert said[-1].url.path == "/v1/notices/ntc_1/reminder"
