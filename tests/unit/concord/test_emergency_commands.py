"""Emergencies on the terminal: what was asked is sent, what the hub said is said."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.linkage import asking
from tests.unit.concord.test_agreement_lifecycle import FakeHub, page

REQUEST = {
    "request_id": "emr_1", "status": "confirmed", "expires_at": "soon", "asker": "ada",
    "agency": "north-council", "purpose": "cmarac-case", "confirmed_by": "ben", "reason": "Threat",
}  # fmt: skip
USE = {
    "review_id": "north-council.5f3a91c0.12", "status": "open", "used_at": "now", "asker": "ada",
    "agency": "north-council",
    "purpose": "cmarac-case", "confirmed_by": "ben", "record_ids": ["alt_1"],
    "justification": "Threat", "set_aside": ["emergency-consent-set-aside"],
}  # fmt: skip
WHO = ("--agency", "north-council", "--reason", "Threat to life")


def run(monkeypatch: pytest.MonkeyPatch, fake: FakeHub, *words: str) -> Any:
    """Run a command against the fake."""
    real = asking.hub
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    monkeypatch.setattr(
        "concord.commands.emergency.hub", lambda who: real(who, httpx.MockTransport(fake))
    )
    return CliRunner().invoke(app, ["emergency", *words])


def test_an_emergency_is_asked_for_and_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the purpose of emergency, with the reason as justification."""
    fake = FakeHub({"fields": REQUEST})
    words = ("ask", "--purpose", "cmarac-case", "--role", "cmarac-coordinator", *WHO)
    asked = run(monkeypatch, fake, *words)
    assert asked.exit_code == 0, asked.output
    assert "emr_1  confirmed until soon  ada of north-council for cmarac-case" in asked.output
    assert json.loads(fake.asked[0].content)["purpose"] == "cmarac-case"
    assert fake.asked[0].headers["Concord-Purpose"] == "emergency"
    confirmed = run(monkeypatch, fake, "confirm", "emr_1", *WHO)
    assert "emr_1 is confirmed until soon" in confirmed.output
    assert fake.asked[1].url.path == "/v1/emergency-requests/emr_1/confirm"
    listed = run(monkeypatch, FakeHub(page(REQUEST)), "list", *WHO[:2], "--json")
    assert json.loads(listed.output) == {"requests": [REQUEST]}
    nothing = run(monkeypatch, FakeHub(page()), "list", *WHO[:2])
    assert (nothing.exit_code, nothing.output) == (0, "No emergency requests.\n")


def test_uses_wait_for_a_review(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1 while one is open; a verdict that is none is refused with those that are."""
    fake = FakeHub(page(USE))
    waiting = run(monkeypatch, fake, "uses", "--status", "open")
    assert waiting.exit_code == 1
    assert dict(fake.asked[0].url.params)["status"] == "open"
    assert "records alt_1: Threat" in waiting.output
    reviewed = {**USE, "status": "reviewed", "verdict": "justified", "verdict_reason": "It was"}
    done = run(monkeypatch, FakeHub(page(reviewed)), "uses")
    assert (done.exit_code, "justified: It was" in done.output) == (0, True)
    assert "No emergency was used." in run(monkeypatch, FakeHub(page()), "uses").output
    name = str(USE["review_id"])
    fake = FakeHub({"fields": {"review_id": name, "verdict": "justified"}})
    words = ("review", name, "--reason", "Threat to life", "--verdict")
    given = run(monkeypatch, fake, *words, "justified")
    assert (given.exit_code, given.output) == (0, f"use {name}: justified\n")
    assert fake.asked[0].url.path == f"/v1/emergency-reviews/{name}"
    assert json.loads(fake.asked[0].content)["verdict"] == "justified"
    odd = run(monkeypatch, fake, *words, "fine")
    assert odd.exit_code == 2
    assert "needs-follow-up" in odd.output
    assert run(monkeypatch, fake, "review", "../alerts", *words[2:], "justified").exit_code == 2


def test_what_the_hub_refuses_ends_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its words."""
    refused = run(monkeypatch, FakeHub({"detail": "Somebody else."}, 403), "confirm", "emr_1", *WHO)
    assert (refused.exit_code, "Somebody else." in refused.output) == (1, True)
