"""The terminal acts on agreements as an officer, and says what the hub said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.linkage import asking

DIGEST = "a" * 64
EFFECT = {"policy_revision": "rev", "in_force_here": "now", "in_force_everywhere_by": "soon"}
WHY = ("--reason", "The board asked for it", "--agency", "north-council", "--person", "ada")
LOOK = ("--agency", "north-council")


class FakeHub:
    """Answers every request alike, and remembers."""

    def __init__(self, body: Any, status: int = 200) -> None:
        """`body` is what it says."""
        self.body = body
        self.status = status
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path == "/dev/token":
            self.claims = json.loads(request.content)
            return httpx.Response(200, json={"access_token": "made-up"})
        self.asked.append(request)
        return httpx.Response(self.status, json=self.body)


def run(monkeypatch: pytest.MonkeyPatch, fake: FakeHub, *words: str) -> Any:
    """Run a command against the fake."""
    real = asking.hub
    monkeypatch.setenv("CONCORD_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.delenv("CONCORD_TOKEN", raising=False)
    monkeypatch.setattr(
        "concord.commands.agreement_lifecycle.hub",
        lambda who: real(who, httpx.MockTransport(fake)),
    )
    return CliRunner().invoke(app, ["agreement", *words])


def acted(state: str, **more: Any) -> dict[str, Any]:
    """What the hub says of an act."""
    fields = {"agreement_id": "hospital"}
    made = {"fields": fields, "version": 2, "state": state, "digest": DIGEST, "effect": EFFECT}
    return {**made, "ledger_sequence": 7, **more}


def page(*fields: Any) -> dict[str, Any]:
    """A list of one page."""
    return {"items": [{"fields": one} for one in fields], "next": None}


def test_a_draft_is_handed_in_as_a_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its text, the reason, and who it is; a file that is not there ends with 2."""
    file = tmp_path / "hospital.agreement"
    file.write_text("The text.")
    fake = FakeHub(acted("draft"))
    done = run(monkeypatch, fake, "draft", str(file), *WHY)
    assert done.exit_code == 0, done.output
    assert "hospital version 2 is draft (ledger 7)" in done.output
    assert "everywhere by soon" in done.output
    (asked,) = fake.asked
    assert json.loads(asked.content)["text"] == "The text."
    assert (fake.claims["sub"], asked.headers["Concord-Purpose"]) == ("ada", "governance")
    assert run(monkeypatch, fake, "draft", str(tmp_path / "none"), *WHY).exit_code == 2


def test_what_is_not_accepted_is_told_with_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Line, column, what would be accepted, what was perhaps meant; exit code 1."""
    file = tmp_path / "hospital.agreement"
    file.write_text("The txt.")
    error = {"field": "text", "line": 1, "column": 5, "rule": "a word", "suggestion": "text"}
    fake = FakeHub({"detail": "Parts are not accepted.", "errors": [error]}, 422)
    done = run(monkeypatch, fake, "draft", str(file), *WHY)
    assert done.exit_code == 1
    assert "text line 1, column 5: a word. Did you mean text?" in done.output


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_a_test_is_told_and_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, *, passed: bool, code: int
) -> None:
    """With what failed, and what opens."""
    failed = [] if passed else [{"name": "No consent", "came": "it was permitted"}]
    report = {"passed": passed, "examples": 3, "failed": failed, "widening": "Not wider.",
              "openings": ["Housing sees the name."]}  # fmt: skip
    done = run(
        monkeypatch, FakeHub(acted("tested", report=report)), "submit", "hospital", "2", *WHY
    )
    assert done.exit_code == code
    assert ("No consent: it was permitted" in done.output) is not passed
    assert "Not wider." in done.output
    assert "Housing sees the name." in done.output


@pytest.mark.parametrize("words", [("approve", "--digest", DIGEST), ("withdraw",)], ids=str)
def test_approval_and_withdrawal_say_from_when(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """And go to the version that was named."""
    fake = FakeHub(acted("live"))
    done = run(monkeypatch, fake, words[0], "hospital", "2", *words[1:], *WHY)
    assert done.exit_code == 0, done.output
    assert fake.asked[0].url.path == f"/v1/agreements/hospital/versions/2/{words[0]}"
    assert "policy rev" in done.output


def test_what_stands_and_what_happened_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Agreements, one version with its text, events in order, reminders with exit code 1."""
    one = {"id": "hospital", "version": 2, "status": "live"}
    listed = run(monkeypatch, FakeHub(page(one)), "list", *LOOK)
    assert "hospital version 2  live" in listed.output
    fields = {"agreement_id": "hospital", "version": 2, "state": "live", "text": "The text."}
    shown = run(monkeypatch, FakeHub({"fields": fields}), "show", "hospital", "2", *LOOK)
    assert "The text." in shown.output
    events = [
        {"sequence": 2, "at": "b", "version": 2, "event": "approved", "by": "ben",
         "agency": "north", "reason": "Read it"},
        {"sequence": 1, "at": "a", "version": 2, "event": "live", "by": None, "agency": "hub",
         "reason": None},
    ]  # fmt: skip
    told = run(monkeypatch, FakeHub(page({"history": events})), "history", "hospital", *LOOK)
    assert told.output.index("the hub") < told.output.index("ben of north: Read it")
    due = {"what": "review", "date": "2026-12-01", "days": -3}
    reminder = {"agreement_id": "hospital", "version": 2, "due": due}
    reminded = run(monkeypatch, FakeHub(page(reminder)), "reminders", *LOOK)
    assert reminded.exit_code == 1
    assert "review 3 days ago" in reminded.output
    as_json = run(monkeypatch, FakeHub(page(one)), "list", *LOOK, "--json")
    assert json.loads(as_json.output) == {"agreements": [one]}
