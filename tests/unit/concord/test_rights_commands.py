"""`concord retention`, `concord erase` and `concord subject-access` against an answering hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.linkage import asking

DUE = {
    "incident_id": "inc_1",
    "status": "due",
    "agency": "north-council",
    "due": "2026-01-01",
    "rule": "all-others",
}
ERASURE = {"erasure_id": "era_1", "status": "requested", "reason": "Asked", "history": []}
REPORT = {
    "entity_id": "ent_1",
    "identities": [{"full_name": "<b>Zebedee</b>", "phones": ["07700 900001"]}],
    "incidents": [{"incident_id": "inc_1", "other_persons": 1}],
    "disclosures": [],
    "linked": [],
    "withheld": [{"item": "incident:inc_2", "ground": "s.45(4)(b)", "reason": "Secret"}],
}
CANDIDATE = {
    "entity_id": "ent_1",
    "mentions": 1,
    "incidents": [
        {
            "incident_id": "inc_1",
            "agency": "north-police",
            "occurred_from": "2026-03-01T00:00:00.000Z",
            "your_role": "victim",
        }
    ],
}
ANSWERS: Mapping[str, Any] = {
    "/v1/retention": {"items": [{"fields": DUE}], "next": None},
    "/v1/retention/inc_1/decision": {"fields": {**DUE, "status": "kept"}},
    "/v1/erasures": {"fields": ERASURE},
    "/v1/erasures/era_1/approval": {"fields": {**ERASURE, "status": "approved"}},
    "/v1/subject-access/ent_1": {"fields": REPORT},
    "/v1/subject-access-searches": {"items": [{"fields": CANDIDATE}]},
}


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    """A hub that answers; what it was asked."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=ANSWERS[request.url.path])

    whole = asking.hub
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("CONCORD_TOKEN", "token")

    def connected(who: Any) -> Any:
        return whole(who, httpx.MockTransport(answer))

    for module in ("retention", "subject_access"):
        monkeypatch.setattr(f"concord.commands.{module}.hub", connected)
    return requests


def test_what_waits_for_a_decision_is_a_finding(said: list[httpx.Request]) -> None:
    """Exit code 1, and asked for as a review of retention."""
    done = CliRunner().invoke(app, ["retention", "due", "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (1, {"due": [DUE]})
    assert said[0].headers["Concord-Purpose"] == "retention"


def test_a_decision_travels_with_its_reason(said: list[httpx.Request]) -> None:
    """To keep names a day; an erasure names its incidents, and another step approves it."""
    keep = ["retention", "keep", "inc_1", "--until", "2027-01-01", "--reason", "Open case"]
    assert CliRunner().invoke(app, keep).stdout == "inc_1: kept\n"
    asked = ["erase", "request", "inc_1", "inc_2", "--reason", "Asked"]
    assert CliRunner().invoke(app, asked).stdout == "era_1: requested\n"
    assert json.loads(said[-1].content)["incident_ids"] == ["inc_1", "inc_2"]
    approve = ["erase", "approve", "era_1", "--reason", "Checked"]
    assert CliRunner().invoke(app, approve).stdout == "era_1: approved\n"


@pytest.mark.parametrize("format_", ["markdown", "html", "json"])
def test_the_report_is_for_the_person(tmp_path: Path, format_: str) -> None:
    """What is withheld is not in it, what an agency wrote stays text, and the file is private."""
    out = tmp_path / "report"
    given = ["subject-access", "report", "ent_1", "--out", str(out), "--as", format_]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    text = out.read_text()
    assert "07700 900001" in text
    assert "Secret" not in text
    assert "inc_2" not in text
    assert out.stat().st_mode & 0o077 == 0
    if format_ == "html":
        assert "&lt;b&gt;Zebedee" in text
        assert "<b>" not in text


def test_a_person_is_searched_by_what_they_say_of_themselves(said: list[httpx.Request]) -> None:
    """Shown is what the officer asks the person about."""
    arguments = ["--full-name", "Ada Example", "--date-of-birth", "1984-03-12"]
    done = CliRunner().invoke(app, ["subject-access", "search", *arguments])
    assert done.exit_code == 0, done.output
    assert done.stdout == ("ent_1: 1 mentions\n  inc_1  north-police  2026-03-01  as victim\n")
    person = {"full_name": "Ada Example", "date_of_birth": "1984-03-12"}
    assert json.loads(said[-1].content) == {"person": person}
    assert said[-1].headers["Concord-Purpose"] == "subject-access"
